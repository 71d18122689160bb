"""Shows: a dated broadcast in a room; the anchor that lists, and later goods and people, hang on.

Who. The logistics manager and operations plan, move and cancel shows in the office; everybody on the site sees them, the
floor's first page counts down to the next one.

States. A show is planned → cancelled with a reason; its time makes it upcoming, on air or over.

Planning lays out the show's lists from the templates' offsets, moving it times the unfinished ones anew, cancelling closes
those that are not signed (`checklists.steps`). Two shows never share a room at once (SHW-3). Offline: read only; planning is
a decision.
"""
