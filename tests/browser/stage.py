"""What happened before the curtain: lists brought to where a test begins, by the product's own operations, with no server up."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app import create_app
from app.checklists.operations import accept_run, answer_item, finish_run
from app.checklists.sheet import access_sheet
from app.checklists.steps import run_id_of
from app.demo.loading import SITE, person_id, pictures_of
from app.demo.pictures import PHOTOS, draw_photo, draw_signature, sha_of
from app.demo.story import answers_of, demo_id
from app.lib.db import db, writer
from app.lib.ids import Id
from tests.browser.run_page import templates

TONIGHT, NEXT_WEEK, YESTERDAY = demo_id("show/tonight"), demo_id("show/next-week"), demo_id("show/yesterday")


class Stage:
    """The office at work: `stage.answer("CL-SET")`, `stage.finish("CL-SET", "stagehand")`."""

    def __init__(self) -> None:
        self.photos = [sha_of(draw_photo(number)) for number in range(PHOTOS)]
        self.signature = sha_of(draw_signature("王磊"))

    def run(self, code: str, show: Id = TONIGHT) -> Id:
        return run_id_of(show, code)

    def answer(self, code: str, by: str, *, but: Sequence[str] = (), fail: Sequence[str] = (), show: Id = TONIGHT) -> None:
        """Answer well whatever is open, but for some; `fail` names what fails."""
        db.session.remove()
        run_id = self.run(code, show)
        done = {id for id, item in access_sheet(db.session(), SITE, run_id).items.items() if item.answers}
        for said in answers_of(templates()[code], self.photos, self.signature, random.Random(7)):
            item_id = said["item_id"]
            if item_id not in fail and (item_id in but or item_id in done):
                continue
            self.say(run_id, by, {"item_id": item_id, "verdict": "fail"} if item_id in fail else said)

    def say(self, run_id: Id, by: str, said: dict[str, Any]) -> None:
        """One answer, by somebody who sees what stands there."""
        db.session.remove()
        item = access_sheet(db.session(), SITE, run_id).items.get(said["item_id"])
        basis = item.state if item else []
        answer_item(person_id(by), run_id=run_id, **said, basis=basis, blobs=pictures_of(said))

    def finish(self, code: str, by: str, show: Id = TONIGHT) -> None:
        finish_run(person_id(by), run_id=self.run(code, show))

    def accept(self, code: str, by: str, show: Id = TONIGHT) -> None:
        db.session.remove()
        state = access_sheet(db.session(), SITE, self.run(code, show)).state()
        signature = sha_of(draw_signature("李晓燕"))
        accept_run(person_id(by), run_id=self.run(code, show), signature=signature, basis=[state], blobs=[signature])


@contextmanager
def stage(data_dir: Path) -> Iterator[Stage]:
    """The installation of a server that is not running."""
    app = create_app({"DATA_DIR": str(data_dir), "TESTING": True})
    with app.app_context():
        yield Stage()
        db.session.remove()
        db.engine.dispose()
        writer().engine.dispose()
