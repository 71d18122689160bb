"""Documents: texts and settings that a person reads, kept whole, with their place in the book.

Who. The starter pack loads them, later people edit them; features above show them: the handbook its chapters and rules, the
floor its playbooks, checklists the approval chain of a waiver.

States. A document is as it stands now; each change is an operation in the log. Offline: read through the records that the
features above make of them (`handbook`). Kept by `steps.keep_document`, read by `models.select_documents`.
"""
