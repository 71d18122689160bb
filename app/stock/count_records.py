"""What devices are told of counting: plans to everybody on the site, lines and counts to the person who made them.

None carries a quantity of the book, a difference, or what somebody else counted (STK-3, T22).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from app.lib.ids import Id, parse_id
from app.lib.quantities import format_quantity
from app.stock.counting import (
    LIVE,
    OVER,
    REVIEW,
    BinCount,
    CountLine,
    Recount,
    StockTake,
    StockTakeBin,
    counters_of,
)
from app.stock.holding_back import told_to
from app.stock.tallies import kept_lines
from app.sync import Placed, buckets, record

TODO, COUNTING, COUNTED, SKIPPED = "todo", "counting", "counted", "skipped"
LINE = cast(Table, CountLine.__table__)
LINES = (
    select(LINE)
    .join(StockTake, (StockTake.site_id == LINE.c.site_id) & (StockTake.id == LINE.c.stock_take_id))
    .where(LINE.c.id.in_(bindparam("ids", expanding=True)), StockTake.status.not_in(OVER))
)


# -- the plan -------------------------------------------------------------------------------------------------------------


@record("stock_take")
def render_takes(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
    """Stock takes with how far they are; neither tolerance nor scope, which would tell what is looked for."""
    takes = session.scalars(select(StockTake).where(StockTake.id.in_(_ids(ids)))).all()
    counters: dict[Id, list[Id]] = {}
    for site_id in {take.site_id for take in takes}:
        counters.update(counters_of(session, site_id, [take.id for take in takes if take.site_id == site_id]))
    states = states_of(session, [take.id for take in takes])
    return {
        str(take.id): [Placed(buckets.site(take.site_id), show_take(take, counters[take.id], states[take.id]))] for take in takes
    }


def show_take(take: StockTake, counters: list[Id], bins: dict[Id, BinState]) -> dict[str, Any]:
    """One stock take as devices read it."""
    return {
        "id": str(take.id),
        "no": take.no,
        "title": take.title,
        "kind": take.kind,
        "blind": take.blind,
        "status": take.status,
        "due_at": take.due_at,
        "counters": [str(id) for id in counters],
        "bins": len(bins),
        "done": sum(1 for state, _ in bins.values() if state in (COUNTED, SKIPPED)),
        "planned_by": str(take.planned_by),
        "planned_at": take.planned_at,
    }


@record("stock_take_bin")
def render_bins(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
    """How far each bin of a stock take is, and who counted it."""
    wanted = [pair for pair in map(_pair, ids) if pair is not None]
    takes = {take_id for take_id, _ in wanted}
    states = states_of(session, takes, {bin_id for _, bin_id in wanted})
    rows = session.scalars(
        select(StockTakeBin).where(
            StockTakeBin.stock_take_id.in_(takes), StockTakeBin.bin_id.in_({bin_id for _, bin_id in wanted})
        )
    )
    return {
        f"{row.stock_take_id}/{row.bin_id}": [
            Placed(buckets.site(row.site_id), _show_bin(row, *states[row.stock_take_id][row.bin_id]))
        ]
        for row in rows
    }


def _show_bin(row: StockTakeBin, state: str, people: list[str]) -> dict[str, Any]:
    return {
        "id": f"{row.stock_take_id}/{row.bin_id}",
        "stock_take_id": str(row.stock_take_id),
        "bin_id": str(row.bin_id),
        "seq": row.seq,
        "state": state,
        "by": people,
    }


BinState = tuple[str, list[str]]


def states_of(session: Session, take_ids: Iterable[Id], bin_ids: Iterable[Id] | None = None) -> dict[Id, dict[Id, BinState]]:
    """Stock take → bin → (todo, counting, counted or skipped, by whom). A recount makes no bin counted."""
    found: dict[Id, dict[Id, BinState]] = {id: {} for id in take_ids}
    bins = select(StockTakeBin.stock_take_id, StockTakeBin.bin_id, StockTakeBin.skipped).where(
        StockTakeBin.stock_take_id.in_(list(found))
    )
    counts = select(
        BinCount.stock_take_id, BinCount.bin_id, BinCount.by, BinCount.finished_at, BinCount.recounts, BinCount.replaced_by
    ).where(BinCount.stock_take_id.in_(list(found)))
    if bin_ids is not None:
        some = list(bin_ids)
        bins, counts = bins.where(StockTakeBin.bin_id.in_(some)), counts.where(BinCount.bin_id.in_(some))
    by: dict[tuple[Id, Id], set[str]] = defaultdict(set)
    is_done: dict[tuple[Id, Id], bool] = {}
    for take_id, bin_id, person, finished_at, recounts, replaced_by in session.execute(counts):
        if not recounts and replaced_by is None:
            by[take_id, bin_id].add(str(person))
            is_done[take_id, bin_id] = is_done.get((take_id, bin_id), False) or finished_at is not None
    for take_id, bin_id, skipped in session.execute(bins):
        place = (take_id, bin_id)
        found[take_id][bin_id] = (_state(is_done.get(place), bool(skipped)), sorted(by[place]))
    return found


def _state(is_done: bool | None, is_skipped: bool) -> str:
    """Of one bin: `is_done` None: nobody has opened it. What was counted counts, also when somebody had left it out."""
    if is_done:
        return COUNTED
    if is_skipped:
        return SKIPPED
    return TODO if is_done is None else COUNTING


# -- what one person counted ----------------------------------------------------------------------------------------------


@record("bin_count")
def render_counts(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
    """One's own counts of bins, until the stock take has ended: nobody else's device has them."""
    rows = session.scalars(
        select(BinCount)
        .join(StockTake, (StockTake.site_id == BinCount.site_id) & (StockTake.id == BinCount.stock_take_id))
        .where(BinCount.id.in_(_ids(ids)), StockTake.status.not_in(OVER))
    )
    return {str(row.id): [Placed(buckets.person(row.by), _show_count(row))] for row in rows}  # rule: STK-3


def _show_count(row: BinCount) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "stock_take_id": str(row.stock_take_id),
        "bin_id": str(row.bin_id),
        "opened_at": row.opened_at,
        "finished_at": row.finished_at,
        "is_empty": row.is_empty,
        "recounts": row.recounts,
        "replaced_by": str(row.replaced_by) if row.replaced_by else None,
    }


@record("count_line")
def render_lines(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
    """One's own lines, until the stock take has ended; those that were just written are not read back."""
    wanted = [id for name in ids if "/" in name and (id := parse_id(name.rpartition("/")[2])) is not None]
    known = kept_lines(session)
    rows: list[Any] = [known[id] for id in wanted if id in known]
    if others := [id for id in wanted if id not in known]:
        rows += session.connection().execute(LINES, {"ids": others}).mappings()
    spelled = Spelled()
    found = {}
    for row in rows:
        data = _show_line(row, spelled)
        found[data["id"]] = [Placed(buckets.person(row["by"]), data)]  # rule: STK-3
    asked = set(ids)
    return {id: placed for id, placed in found.items() if id in asked}


class Spelled(dict[Id, str]):
    """Ids as texts, each made once: the lines of a push name the same few."""

    def __missing__(self, id: Id) -> str:
        found = self[id] = str(id)
        return found


def _show_line(row: Any, spelled: Spelled) -> dict[str, Any]:
    count = spelled[row["bin_count_id"]]
    return {
        "id": f"{count}/{row['id']}",
        "bin_count_id": count,
        "stock_take_id": spelled[row["stock_take_id"]],
        "bin_id": spelled[row["bin_id"]],
        "product_id": spelled[row["product_id"]] if row["product_id"] else None,
        "key": row["key"],
        "code": row["code"],
        "lot": row["lot"],
        "expires_on": row["expires_on"],
        "status": row["status"],
        "quantity": format_quantity(row["quantity"]),
        "pack": format_quantity(row["pack"]),
        "via": row["via"],
        "photo": row["photo"],
        "note": row["note"],
        "at": row["happened_at"],
        "withdrawn": row["withdrawn_at"] is not None,
    }


@record("recount")
def render_recounts(session: Session, ids: list[str]) -> dict[str, list[Placed]]:
    """What is to be counted again, for those alone who are to do it, until somebody did or the stock take ended (F13)."""
    query = (
        select(Recount)
        .join(StockTake, (StockTake.site_id == Recount.site_id) & (StockTake.id == Recount.stock_take_id))
        .where(Recount.id.in_(_ids(ids)), Recount.done_by.is_(None), StockTake.status.in_((*LIVE, REVIEW)))
    )
    rows = list(session.scalars(query))
    people = told_to(session, rows)
    return {str(row.id): [Placed(buckets.person(id), _show_recount(row)) for id in people[row.id]] for row in rows}


def _show_recount(row: Recount) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "stock_take_id": str(row.stock_take_id),
        "bin_id": str(row.bin_id),
        "product_id": str(row.product_id),
        "lot": row.lot,
        "status": row.status,
        "round": row.round,
    }


def _ids(ids: Iterable[str]) -> list[Id]:
    return [found for id in ids if (found := parse_id(id)) is not None]


def _pair(name: str) -> tuple[Id, Id] | None:
    first, _, second = name.partition("/")
    take_id, bin_id = parse_id(first), parse_id(second)
    return (take_id, bin_id) if take_id and bin_id else None
