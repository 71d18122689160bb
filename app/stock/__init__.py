"""Stock: what lies in which bin, moved and counted by the people who handle it, also with no network.

Who. Warehouse keepers receive, issue, move and count on phones; the logistics manager and buyers keep products and bins; leads
plan counts and settle the differences, a second person approves.

States. A product is active or archived, a bin active or closed. On-hand is only ever the sum of movements (`app.ledger`); no
screen edits a quantity (STK-1). A stock take is planned → counting → review → adjusted or closed without change, or cancelled.

Offline. Finding, scanning, counting, receiving, issuing, moving: facts, always kept. What does not fit is an exception: below
zero, a code nobody knows, a line after the close, goods moved in a bin that somebody froze (STK-13). Products and bins, plans and
approvals are decisions of the office. A count is blind: the book quantity is in no record a counter's device reads (STK-3).

Where the rest lies: `codes.py` reads what a scanner says, shared with the device by `tests/cases/codes.json`; `models.py` has
products and bins, `operations/` the verbs, `records.py` what devices are told, `steps.py` what other features may make happen
here. Counting: `counting.py` has its tables, `count_records.py` what devices are told of it, `tallies.py` what a push of scans
looks up, `variance.py` what figures mean and who has to count again, `book.py` the book at any moment, `select.py` the review,
`holding_back.py` who must not know the book. What is printed: `labels.py` chooses, `label_drawing.py` draws.
"""
