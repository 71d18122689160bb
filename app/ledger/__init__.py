"""Ledger: append-only movements between accounts; a balance is the sum of what was posted to it, never a figure of its own.

Who. Nobody by itself: stock moves goods through it, later features points, hours and budget.

States. A movement stands as it was posted; what was wrong is put right by another one that names it (`caused_by`, GEN-2).
Each of its postings adds to one account, and for each item they sum to zero: what leaves one account enters another. Accounts
are `bin:<id>` or an outer one (`out:supplier`), which may go below zero; `models.py` keeps the sums (`balance`), and
`select.rebuilt` makes them anew from the postings. Quantities are exact (GEN-9).

Offline: posting is what the verbs above make happen when they arrive, at the time they happened; `select.balance_at` answers
for any moment, also when a movement arrives later that happened before it.
"""
