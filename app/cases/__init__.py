"""Cases: something is wrong or wished, and one person sees it to its end.

Who. Whoever fails an item on the floor opens a fault or an incident in one tap (CHK-9); leads close it with a reason. The
engine opens an exception for every operation that was kept but does not fit, also for what was parked: from a revoked device,
of a newer version, or because its handler failed. Leads admit or dismiss it, what one device sent by one word; of what nobody
checked as it arrived only facts are let in.

States. A case is open → closed. An exception is open → admitted | dismissed | settled (the matter itself was decided, for
instance which of two answers stands).

Offline. Reporting is part of the list's own operation (`checklists.report_fault` makes the case); closing is a decision.
Cases hang on a thing by kind and id: this layer knows neither lists nor shows. Whoever must act when an exception opens
registers with `steps.when_exception`.
"""
