"""The verb of the starter pack."""

from __future__ import annotations

from typing import Any

from app.lib.ids import Id
from app.starter.reading import BadPack, read_pack
from app.starter.schemas import LoadPack
from app.starter.steps import keep_pack
from app.sync import Tx, operation


@operation("starter.load_pack", schema=LoadPack, right="people.manage")
def load_pack(tx: Tx, actor: Id, *, files: dict[str, Any]) -> None:
    """Keep the pack's content, all or nothing: what is the same changes nothing, a changed list is a new version (CHK-1).

    Refused as `bad_pack` with the file, the key and what is wrong.
    """
    try:
        pack = read_pack(files)
    except BadPack as bad:
        tx.refuse("bad_pack", file=bad.file, key=bad.key, why=bad.why)
    keep_pack(tx, pack)
    tx.about("starter", "pack")
