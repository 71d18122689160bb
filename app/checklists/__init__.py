"""Checklists: versioned template → run → item answers with evidence → acceptance by a second person.

Who. The crew answers on phones and tablets, mostly without a network; leads decide what two people answered differently;
the template's accepter signs or sends back; supervisors read everything in the office.

States. A run is scheduled (laid out for a show) → open (first touched) → done (finished) → accepted (signed), or sent back
to open with a reason; a signature is voided by reopening; a run that is not accepted can be cancelled. An item is open,
pass, fail, N/A, or contested: two people answered differently without knowing of each other, which counts as fail (CHK-7).

Offline. Everything but templates and decisions of others: answers are facts and always kept (`operations.py`). The rules
that need the present are doubts: order unverified, contested, after acceptance. What an answer is worth is in `judge.py`,
shared with the device by `tests/cases/*.json`.

Evidence. Photos are marked before they are used, and of a fault fixed on the spot before and after are told apart. Who may
accept a list makes a photo of an accepted run the reference of its item: a record beside the templates, whose picture
devices keep, so that it stands beside the camera with no network.

Where the rest lies: `templates.py` reads and checks a template's document, `who.py` says who may answer, accept, waive,
`sheet.py` loads a run with everything its rules look at, `answering.py` merges answers, `steps.py` is what shows and
other features may make happen here, `records.py` what devices are told.
"""
