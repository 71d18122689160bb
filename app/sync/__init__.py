"""The engine of Offstage: every write is a named operation, judged at one of two doors, told to every device.

Story. A person does something; a form in the office or a device's outbox says it as an operation (`registry.py`). The
engine (`engine.py`) applies it inside one write transaction (`unit.py`) through what a handler may see and do (`tx.py`). At
the end of the transaction the touched records are made anew and get the next revision of their buckets. Devices push what
they hold (`push.py`), pull what they lack (`pull.py`), and send photos by their content (`blobs.py`); `views.py` is all of it
over HTTP. What the engine does not know (rights, devices, exceptions) it asks through `hooks.py`.

States of an operation: applied, noted, held, parked, rejected. The contract is sync.md; `docs/sync.md` repeats it.
"""

from app.sync import buckets
from app.sync.registry import Item, Operation, Outcome, Placed, after, operation, operations, record
from app.sync.tx import Tx

__all__ = [
    "Item",
    "Operation",
    "Outcome",
    "Placed",
    "Tx",
    "after",
    "buckets",
    "operation",
    "operations",
    "record",
]
