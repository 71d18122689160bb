"""What was counted in the demo's warehouse: three weeks' cycle counts adjusted, yesterday's in review, today's half done.

And what does not fit: a code nobody knows, a phone that came back after the close, more taken from a bin than the book has there.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal
from functools import partial

from sqlalchemy import select

from app.demo.goods import Place
from app.demo.story import demo_id
from app.demo.tablets import Tablet
from app.ledger.models import Holding
from app.ledger.select import balances_of
from app.lib.clock import DAY, HOUR, MINUTE
from app.lib.db import db
from app.lib.ids import Id, new_id
from app.lib.quantities import format_quantity
from app.stock.counting import Recount, access_stock_take
from app.stock.models import bin_account
from app.stock.operations import (
    approve_stock_take,
    close_stock_take,
    decide_line,
    finish_bin,
    force_close,
    open_bin,
    plan_stock_take,
    record_count_line,
    skip_bin,
)
from app.stock.select import Review, load_review

Acting = Callable[[int, Callable[[], object]], None]
PEOPLE = ("warehouse_keeper", "returns_clerk")
PAST = (("A", 21), ("V", 14), ("C", 7))  # area, days ago
UNKNOWN = "6932010061808"
DAYS = 29
USAGE = 30 * 1024**2
SENT = 90 * MINUTE  # after a count began the phone comes back to the network …
HEARD = SENT + 5 * MINUTE + 30_000  # … and the lead, who sees it, ends the count
REASONS = ("miscount", "unscanned", "lost", "found")


class Counting:
    """Tells the counts to `act`, which keeps each deed for its moment."""

    def __init__(
        self,
        moment: int,
        site_id: Id,
        person_id: Callable[[str], Id],
        tablets: dict[str, Tablet],
        places: list[Place],
        act: Acting,
    ) -> None:
        self.moment, self.site_id, self.person_id, self.act = moment, site_id, person_id, act
        self.phone, self.late_phone = (tablets[login] for login in PEOPLE)
        self.places = places
        self.rng = random.Random(23)  # noqa: S311 - a story

    def tell(self) -> None:
        """Weekly counts, each settled the same day; then the two that are still going on."""
        for day in range(1, DAYS):  # the phone is switched on every morning
            self.act(self.moment - day * DAY - 6 * HOUR, partial(self.phone.report, USAGE))
        for n, (area, days) in enumerate(PAST):
            begin = self.moment - days * DAY - 2 * HOUR
            take_id = self._plan(f"past-{n}", f"{area} 区循环盘点", begin, self._bins(area, 6 * n, 5))
            self._count(take_id, begin + 5 * MINUTE, self._bins(area, 6 * n, 5))
            self.act(begin + HEARD, partial(self._close, take_id))
            self.act(begin + 2 * HOUR, partial(self._recount, take_id, everything=True))
            self.act(begin + 3 * HOUR, partial(self._settle, take_id))
        begin = self.moment - DAY - 2 * HOUR
        take_id = self._plan("review", "A 区循环盘点", begin, self._bins("A", 30, 7))
        self._count(take_id, begin + 5 * MINUTE, self._bins("A", 30, 6), surprise=True)
        self._come_late(take_id, self._bins("A", 36, 1)[0], begin + 50 * MINUTE)
        self.act(begin + HEARD, partial(self._force, take_id, self._bins("A", 36, 1)[0]))
        self.act(begin + 3 * HOUR, partial(self._recount, take_id, everything=False))
        self.act(self.moment - 3 * HOUR, self._take_too_much)
        begin = self.moment - 100 * MINUTE
        take_id = self._plan("half", "B 区循环盘点", begin, self._bins("B", 0, 10))
        self._count(take_id, begin + 10 * MINUTE, self._bins("B", 0, 4), begun=self._bins("B", 4, 1)[0])

    def _bins(self, area: str, first: int, n: int) -> list[Place]:
        return [place for place in self.places if place.area == area][first : first + n]

    def _plan(self, name: str, title: str, at: int, bins: list[Place]) -> Id:
        take_id = demo_id(f"count/{name}")
        self.act(
            at,
            lambda: plan_stock_take(
                self.person_id("shift_lead"), stock_take_id=take_id, title=title, kind="cycle", blind=True,
                bins=[place.id for place in bins], counters=[self.person_id(login) for login in PEOPLE],
                scope={"areas": [bins[0].area]}, due_at=at + 6 * HOUR,
            ),
        )  # fmt: skip
        return take_id

    # -- on the keeper's phone --------------------------------------------------------------------------------------------

    def _count(self, take_id: Id, begin: int, bins: list[Place], *, surprise: bool = False, begun: Place | None = None) -> None:
        """Bin after bin without a network, sent when the last is done; mostly right, sometimes one off."""

        def work() -> None:
            at = begin
            for n, place in enumerate(bins):
                at = self._count_bin(take_id, place, at, surprise=surprise and n == 2, wrong=0.3 if surprise else 0.12)
            if begun is not None:
                count_id = self._open(take_id, begun, at)
                for holding, quantity in self._there(begun)[:2]:
                    at += 20_000
                    self._line(count_id, at, holding, quantity)
            self.phone.send("applied", "noted")

        self.act(begin + SENT if begun is None else self.moment - 6 * MINUTE, work)

    def _count_bin(self, take_id: Id, place: Place, at: int, *, surprise: bool, wrong: float) -> int:
        count_id = self._open(take_id, place, at)
        for holding, quantity in self._there(place):
            at += self.rng.randrange(15_000, 40_000)
            off = self.rng.choice((-6, -3, -1, 1, 4)) if self.rng.random() < wrong else 0
            if quantity + off > 0:
                self._line(count_id, at, holding, quantity + off)
        if surprise:
            self.phone.keep(
                at, "stock.record_count_line",
                {"bin_count_id": count_id, "code": UNKNOWN, "key": f"0{UNKNOWN}", "quantity": "1", "via": "camera"},
            )  # fmt: skip
        at += 30_000
        self.phone.keep(at, "stock.finish_bin", {"bin_count_id": count_id})
        return at + 60_000

    def _come_late(self, take_id: Id, place: Place, at: int) -> None:
        """The clerk opens a bin, the battery dies, and what was counted arrives when the lead has ended the count without it."""
        phone = self.late_phone

        def begin() -> None:
            count_id = self._open(take_id, place, at, phone)
            phone.send()
            for n, (holding, quantity) in enumerate(self._there(place)[:3], 1):
                self._line(count_id, at + n * 30_000, holding, quantity, phone)
            phone.keep(at + 6 * MINUTE, "stock.finish_bin", {"bin_count_id": count_id})

        self.act(at, begin)
        self.act(at - 50 * MINUTE + HEARD + 40 * MINUTE, partial(phone.send, "noted"))

    def _take_too_much(self) -> None:
        """Two more for the show than the book has in the bin: somebody forgot to scan a receipt, or took from the one beside."""
        place = next(place for place in self._bins("A", 40, 10) if self._there(place))
        holding, quantity = self._there(place)[0]
        said = {
            "bin_id": str(place.id), "product_id": str(holding.item_id), "lot": holding.lot, "status": holding.status,
            "quantity": format_quantity(quantity + 2), "purpose": "show",
        }  # fmt: skip
        self.phone.keep(self.moment - 3 * HOUR, "stock.issue", said)
        self.phone.send("noted")

    def _open(self, take_id: Id, place: Place, at: int, phone: Tablet | None = None) -> str:
        said = {"stock_take_id": str(take_id), "bin_id": str(place.id)}
        return (phone or self.phone).keep(at, "stock.open_bin", said)

    def _line(self, count_id: str, at: int, holding: Holding, quantity: Decimal, phone: Tablet | None = None) -> None:
        said = {"bin_count_id": count_id, "product_id": str(holding.item_id), "quantity": format_quantity(quantity), "via": "pad"}
        (phone or self.phone).keep(at, "stock.record_count_line", {**said, "lot": holding.lot, "status": holding.status})

    def _there(self, place: Place) -> list[tuple[Holding, Decimal]]:
        """What lies in a bin by the book, in a fixed order: the story knows it, the counter does not."""
        db.session.remove()
        found = balances_of(db.session(), self.site_id, [bin_account(place.id)])
        return sorted(((holding, n) for holding, n in found.items() if n > 0), key=lambda one: (str(one[0].item_id), one[0].lot))

    # -- in the office ----------------------------------------------------------------------------------------------------

    def _close(self, take_id: Id) -> None:
        close_stock_take(self.person_id("shift_lead"), stock_take_id=take_id)

    def _force(self, take_id: Id, place: Place) -> None:
        """The lead waits no longer for a phone; the bin is left out with its reason."""
        lead = self.person_id("shift_lead")
        skip_bin(lead, stock_take_id=take_id, bin_id=place.id, reason="徐丽的手机没电了，下次再盘")
        force_close(lead, stock_take_id=take_id, reason="徐丽的手机没电了")

    def _recount(self, take_id: Id, *, everything: bool) -> None:
        """The second counter counts what was out of tolerance: all of it, or as far as they came."""
        db.session.remove()
        query = select(Recount).where(Recount.stock_take_id == take_id, Recount.done_by.is_(None))
        rows = db.session.scalars(query.order_by(Recount.bin_id, Recount.product_id)).all()
        wanted = rows if everything else rows[: len(rows) // 2]
        truth = {row.id: self._said_first(take_id, row) for row in wanted}
        clerk = self.person_id("returns_clerk")
        for row in wanted:
            count = open_bin(clerk, stock_take_id=take_id, bin_id=row.bin_id, recounts=[str(row.id)])
            if truth[row.id]:
                record_count_line(
                    clerk, bin_count_id=count.id, product_id=row.product_id, lot=row.lot, status=row.status, via="pad",
                    quantity=format_quantity(truth[row.id]),
                )  # fmt: skip
            finish_bin(clerk, bin_count_id=count.id)

    def _said_first(self, take_id: Id, row: Recount) -> Decimal:
        """The recount finds what the first count found: the goods are as they are."""
        wanted = (row.bin_id, row.product_id, row.lot, row.status)
        return next(line.sides[0].figure.quantity for line in self._review(take_id).lines if tuple(line.key) == wanted)

    def _settle(self, take_id: Id) -> None:
        """Every difference accepted with a reason, the whole approved by those whose limits it asks for."""
        manager = self.person_id("logistics_manager")
        for n, line in enumerate(self._review(take_id).lines):
            if line.is_open:
                said = {"stock_take_id": take_id, **line.key._asdict(), "accepted": True, "reason": REASONS[n % len(REASONS)]}
                decide_line(manager, basis=[line.state], **said)
        state = self._review(take_id).state()
        for login in ("logistics_manager", "finance", "general_manager"):
            db.session.remove()
            if access_stock_take(db.session(), self.site_id, take_id).status != "review":
                return
            approve_stock_take(self.person_id(login), stock_take_id=take_id, basis=[state], operation_id=new_id())

    def _review(self, take_id: Id) -> Review:
        db.session.remove()
        session = db.session()
        return load_review(session, access_stock_take(session, self.site_id, take_id))
