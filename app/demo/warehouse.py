"""What happened in the demo's warehouse: the catalogue came from files a month ago, goods have moved every day since."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Any

from app.demo.goods import Pile, bin_rows, goods, pile_rows, piles, places, product_rows
from app.demo.story import demo_id
from app.lib.clock import DAY, MINUTE
from app.lib.db import db
from app.lib.ids import Id
from app.stock.importing.desk import basis_of, desk
from app.stock.importing.plan import CREATE, Line, Plan, keep_plan
from app.stock.operations import apply_import, issue, receive, transfer

FILES = {"products": "商品目录.xlsx", "bins": "库位.csv", "opening_stock": "期初库存.xlsx"}
DAYS = 28
PER_DAY = 9

Acting = Callable[[int, Callable[[], object]], None]


class Warehouse:
    """Tells the warehouse's month to `act`, which keeps each deed for its moment."""

    def __init__(self, moment: int, site_id: Id, person_id: Callable[[str], Id], act: Acting) -> None:
        self.moment, self.site_id, self.person_id, self.act = moment, site_id, person_id, act
        self.rng = random.Random(17)  # noqa: S311 - a story
        self.catalogue, self.places = goods(), places()
        self.piles = piles(self.catalogue, self.places)
        self.left = [pile.quantity for pile in self.piles]

    def found(self) -> None:
        """The three files of the first day."""
        rows = {"products": product_rows(self.catalogue), "bins": bin_rows(self.places), "opening_stock": pile_rows(self.piles)}
        for kind, said in rows.items():
            self._bring(kind, said)

    def tell(self) -> None:
        """Receipts in the morning, moves at noon, issues for the shows at night."""
        for day in range(DAYS, 0, -1):
            morning = self.moment - day * DAY
            for n in range(PER_DAY):
                self._one(morning + n * 40 * MINUTE + self.rng.randrange(20) * MINUTE, n)

    def _bring(self, kind: str, rows: dict[str, list[Any]]) -> None:
        db.session.remove()
        import_id, n = demo_id(f"import/{kind}"), sum(map(len, list(rows.values())[:1]))
        lines = [Line(row, CREATE, "") for row in range(2, n + 2)]
        basis = basis_of(db.session(), kind, self.site_id)
        plan = Plan(kind, str(self.site_id), FILES[kind], "0" * 64, basis, lines, rows)
        keep_plan(desk().folder, import_id, plan)
        apply_import(self.person_id("logistics_manager"), import_id=import_id, kind=kind, sha=plan.sha, file_name=plan.file_name)

    def _one(self, at: int, n: int) -> None:
        which = self.rng.randrange(len(self.piles))
        pile, keeper = self.piles[which], self.person_id("warehouse_keeper")
        said: dict[str, Any] = {"product_id": pile.good.id, "lot": pile.lot}
        if n < 3:
            amount = self.rng.randrange(1, 4) * 12
            self.left[which] += amount
            delivery = f"DN-{self.rng.randrange(10_000, 99_999)}"
            self.act(at, partial(receive, keeper, bin_id=pile.place.id, quantity=str(amount), delivery=delivery, **said))
            return
        amount = min(self.left[which], self.rng.randrange(1, 9))
        if amount < 1:
            return
        self.left[which] -= amount
        if n < 5:
            target = self._other(pile)
            self.act(at, partial(transfer, keeper, bin_id=pile.place.id, to_bin_id=target, quantity=str(amount), **said))
        else:
            clerk, purpose = (self.person_id("shipping_clerk"), "order") if n % 2 else (keeper, "show")
            self.act(at, partial(issue, clerk, bin_id=pile.place.id, quantity=str(amount), purpose=purpose, **said))

    def _other(self, pile: Pile) -> Id:
        return self.rng.choice([place.id for place in self.places if place.area == pile.place.area and place != pile.place])
