"""Plays the demo's story through the product's own operations, the clock moved back to each act."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from app.cases.operations import close_case
from app.checklists.operations import accept_run, answer_item, report_fault, set_reference
from app.checklists.sheet import access_sheet
from app.checklists.steps import run_id_of
from app.demo.cast import ADMIN, CREW, PASSWORD, SITE_NAME, TIME_ZONE
from app.demo.counts import Counting
from app.demo.pictures import PHOTOS, draw_photo, draw_signature, sha_of
from app.demo.steps import keep_pictures
from app.demo.story import LENGTH_MIN, PLAN, Act, ShowPlan, answers_of, demo_id, rounds, shows
from app.demo.tablets import Tablet
from app.demo.warehouse import Warehouse
from app.lib.clock import DAY, HOUR, MINUTE, at, now
from app.lib.db import db
from app.lib.ids import Id
from app.people.access import first_site
from app.people.operations import add_person, set_up_site
from app.people.passwords import hashed
from app.shows.operations import add_room, plan_show
from app.starter.operations import load_pack
from app.starter.reading import read_files, read_pack

SITE = demo_id("site")
ROOMS = {"room-1": ("1 号直播间", "Studio 1"), "room-2": ("2 号直播间", "Studio 2")}
LOUD = {
    "item_id": "SET-E1",
    "verdict": "fail",
    "value": "51",
    "severity": "minor",
    "note": "空调出风口异响，已请物业处理",
}
SHORT = {
    "item_id": "SET-C3",
    "verdict": "fail",
    "value": "2",
    "severity": "moderate",
    "note": "少一台，电池仓盖坏了",
}
# Each device: its name, and how many minutes ago it was last heard.
TABLETS = {
    "warehouse_keeper": ("仓库手机 1", 4),
    "returns_clerk": ("退货区手机", 14),
    "operations": ("运营平板", 2),
    "safety_officer": ("安全员手机", 9),
    "stagehand": ("布景平板", 3),
    "stagehand2": ("阿卜杜热合曼的手机", 64),
    "camera": ("摄像平板", 6),
    "tech_support": ("技术平板", 12),
    "shift_lead": ("组长手机", 5),
}
MENDED, REFERRED = "SET-A4", "SET-A1"
HALF = ("SET-A1", "SET-A2", "SET-A3", "SET-A4", "SET-B1", "SET-B2", "SET-C1", "SET-C2")


class NotEmpty(RuntimeError):
    """The demo goes only into an empty installation: it is taken away by emptying it."""


def load() -> None:
    """Make the demo site. Raises `NotEmpty` when a site is there already."""
    if first_site(db.session()) is not None:
        raise NotEmpty("There is a site already: the demo goes only into an empty installation.")
    Loading(now()).play()


def is_loaded() -> bool:
    """Whether this installation is the demo."""
    site = first_site(db.session())
    return site is not None and site.is_demo


def person_id(login: str) -> Id:
    """The person who signs in so."""
    return demo_id(f"person/{login}")


class Loading:
    """One playing of the story, whose acts lie around `moment`."""

    def __init__(self, moment: int) -> None:
        self.moment = moment
        self.rng = random.Random(7)  # noqa: S311 - a story
        self.seq = count()
        self.acts: list[Act] = []
        self.photos: list[str] = []
        self.fault = ""
        self.signatures: dict[str, str] = {}
        self.tablets = {login: Tablet(name, login, person_id(login), SITE) for login, (name, _) in TABLETS.items()}
        self.files = read_files()
        self.templates = {template["code"]: template for template in read_pack(self.files).templates}

    def play(self) -> None:
        """Found the site, then everything in the order of time."""
        db.session.remove()
        self._keep_pictures()
        with at(self.moment - 30 * DAY):
            self._found()
            warehouse = Warehouse(self.moment, SITE, person_id, self._act)
            warehouse.found()
        warehouse.tell()
        Counting(self.moment, SITE, person_id, self.tablets, warehouse.places, self._act).tell()
        for show in shows(self.moment):
            self._tell(show)
        self._report_health()
        for act in sorted(self.acts):
            with at(act.at):
                act.do()
        db.session.remove()

    def _act(self, moment: int, do: Callable[[], object]) -> None:
        self.acts.append(Act(moment, next(self.seq), do))

    # -- the house --------------------------------------------------------------------------------------------------------

    def _keep_pictures(self) -> None:
        photos = [draw_photo(number) for number in range(PHOTOS)]
        fault = draw_photo(0, is_cluttered=True)
        signing = {login for worker, accepter, _, _ in PLAN.values() for login in (worker, accepter)}
        signatures = {p.login: draw_signature(p.name) for p in CREW if p.login in signing}
        self.photos = [sha_of(body) for body in photos]
        self.signatures = {login: sha_of(body) for login, body in signatures.items()}
        self.fault = sha_of(fault)
        keep_pictures([*photos, fault, *signatures.values()])

    def _found(self) -> None:
        admin, kept = person_id(ADMIN.login), hashed(PASSWORD)
        zone = os.environ.get("DEMO_TIME_ZONE", TIME_ZONE)  # a place where tonight is still ahead, for tests
        names = {"site_name": SITE_NAME, "time_zone": zone, "name": ADMIN.name, "login": ADMIN.login}
        set_up_site(admin, **names, password_hash=kept, site_id=SITE, is_demo=True)
        load_pack(admin, files=self.files)
        for person in CREW:
            add_person(
                admin,
                person_id=person_id(person.login),
                name=person.name,
                login=person.login,
                phone=person.phone,
                roles=list(person.roles),
                password_hash=kept,
                must_change_password=False,
            )
        for key, (zh, en) in ROOMS.items():
            add_room(person_id("operations"), room_id=demo_id(key), zh=zh, en=en)
        for tablet in self.tablets.values():
            tablet.enrol()

    def _report_health(self) -> None:
        """The devices are open somewhere in the house: each spoke a little while ago."""
        for login, (_, minutes) in TABLETS.items():
            usage = self.rng.randrange(20, 90) * 1024**2
            self._act(self.moment - minutes * MINUTE, partial(self.tablets[login].report, usage))

    # -- the shows --------------------------------------------------------------------------------------------------------

    def _tell(self, show: ShowPlan) -> None:
        self._act(min(show.starts_at - 3 * DAY, self.moment - 2 * HOUR), lambda: _plan(show))
        if show.key == "yesterday":
            for code in PLAN:
                self._whole_list(show, code)
            self._noise(show)
            self._refer(show)
            self._late_photo(show)
        elif show.key == "tonight":
            for code in ("CL-SMP", "CL-DOC", "CL-SAFE"):
                self._whole_list(show, code)
            self._half_a_list(show)

    def _whole_list(self, show: ShowPlan, code: str) -> None:
        """Answered from the plan's first minute on, finished, signed at its last; a repeated list in every round."""
        _, _, first, last = PLAN[code]
        for number, run_id, later in rounds(run_id_of(show.id, code), self.templates[code]["repeat_min"]):
            begin = show.starts_at + (first + later) * MINUTE
            end = show.starts_at + (last + later) * MINUTE
            self._one_list(show, code, run_id, begin, end, number)

    def _one_list(self, show: ShowPlan, code: str, run_id: Id, begin: int, end: int, number: int) -> None:
        """Answered on the worker's tablet without a network, sent with the end of the list, signed in the office."""
        worker, accepter, _, _ = PLAN[code]
        tablet = self.tablets[worker]
        more = {} if number == 1 else {"round": number, "first_run_id": str(run_id_of(show.id, code))}
        named = {"run_id": str(run_id)}
        answers = list(answers_of(self.templates[code], self.photos, self.signatures[worker], self.rng))
        if (show.key, code) == ("yesterday", "CL-SET"):
            answers.insert(0, LOUD)
            self._mend(answers)
        answered = end - 3 * MINUTE

        def work() -> None:
            tablet.keep(begin, "checklists.open_run", {**named, **more})
            for place, answer in enumerate(answers):
                moment = begin + (answered - begin) * (place + 1) // (len(answers) + 1)
                tablet.keep(moment, "checklists.answer_item", {**named, **more, **answer}, pictures_of(answer))
            tablet.keep(answered, "checklists.finish_run", named)
            tablet.send()

        self._act(answered, work)
        self._act(end, lambda: self._accept(accepter, run_id))

    def _accept(self, accepter: str, run_id: Id) -> None:
        state = access_sheet(_fresh(), SITE, run_id).state()
        signature = self.signatures[accepter]
        accept_run(person_id(accepter), run_id=run_id, signature=signature, basis=[state], blobs=[signature])

    def _noise(self, show: ShowPlan) -> None:
        """Yesterday the room was too loud; the air vent was mended and the case closed before the list was signed."""
        run_id, case_id = run_id_of(show.id, "CL-SET"), demo_id("case/noise")
        reported = show.starts_at + (PLAN["CL-SET"][3] - 2) * MINUTE
        self._act(reported, lambda: self._report("stagehand", run_id, "SET-E1", case_id, "空调出风口异响，静场 51 dB(A)"))
        self._act(
            reported + 30 * MINUTE,
            lambda: close_case(person_id("shift_lead"), case_id=case_id, reason="物业已加固风口，复测合格"),
        )

    def _mend(self, answers: list[dict[str, Any]]) -> None:
        """Cartons stood before the camera and were taken away on the spot: both photos tell of it (F20)."""
        answer = next(one for one in answers if one["item_id"] == MENDED)
        answer |= {
            "photos": [self.fault, self.photos[0]],
            "photos_before": [self.fault],
            "fixed": True,
            "note": "快递箱入镜，已移走",
        }

    def _refer(self, show: ShowPlan) -> None:
        """Yesterday's backdrop was so good that it shows how it should look from now on (F24)."""
        run_id = run_id_of(show.id, "CL-SET")

        def refer() -> None:
            answers = access_sheet(_fresh(), SITE, run_id).items[REFERRED].answers or []
            set_reference(person_id("shift_lead"), run_id=run_id, item_id=REFERRED, sha=answers[0]["photos"][0])

        self._act(show.starts_at + PLAN["CL-SET"][3] * MINUTE + 5 * MINUTE, refer)

    def _late_photo(self, show: ShowPlan) -> None:
        """A photo of yesterday's strike came out of the basement after the list was signed: an exception waits."""
        tablet = self.tablets["stagehand2"]
        taken = show.starts_at + (PLAN["CL-STRK"][3] - 15) * MINUTE
        answer = {"item_id": "STRK-B3", "verdict": "pass", "photos": [self.photos[0]], "note": "地下库房补拍"}

        def come_back() -> None:
            data = {"run_id": str(run_id_of(show.id, "CL-STRK")), **answer}
            tablet.keep(taken, "checklists.answer_item", data, pictures_of(answer))
            tablet.send("noted")

        self._act(taken + 40 * MINUTE, come_back)

    def _half_a_list(self, show: ShowPlan) -> None:
        """Tonight's set is half built, by the other stagehand at the office's computer, with one intercom missing."""
        run_id, worker = run_id_of(show.id, "CL-SET"), person_id("stagehand2")
        good = {a["item_id"]: a for a in answers_of(self.templates["CL-SET"], self.photos, "", self.rng)}
        begin = show.starts_at + PLAN["CL-SET"][2] * MINUTE

        def say(answer: dict[str, Any]) -> None:
            answer_item(worker, run_id=run_id, **answer, blobs=pictures_of(answer))

        for place, answer in enumerate([*(good[item_id] for item_id in HALF), SHORT]):
            self._act(begin + place * MINUTE, partial(say, answer))
        note = "对讲机缺一台，电池仓盖损坏"
        self._act(
            begin + (len(HALF) + 1) * MINUTE,
            lambda: self._report("stagehand2", run_id, "SET-C3", demo_id("case/intercom"), note),
        )

    def _report(self, worker: str, run_id: Id, item_id: str, case_id: Id, note: str) -> None:
        report_fault(
            person_id(worker),
            run_id=run_id,
            item_id=item_id,
            case_id=case_id,
            kind="fault",
            severity="moderate",
            note=note,
            owner=person_id("equipment_keeper"),
        )


def pictures_of(answer: dict[str, Any]) -> list[str]:
    """The blobs an answer names: photos, and a signature's picture."""
    value = answer.get("value") or ""
    return [*answer.get("photos", ()), *([value] if len(value) == 64 else ())]


def _plan(show: ShowPlan) -> None:
    plan_show(
        person_id("operations"),
        show_id=show.id,
        title=show.title,
        kind=show.kind,
        room_id=demo_id(show.room),
        starts_at=show.starts_at,
        planned_min=LENGTH_MIN,
        aim=show.aim,
    )


def _fresh() -> Session:
    """A reading session that sees what the act before wrote."""
    db.session.remove()
    return db.session()
