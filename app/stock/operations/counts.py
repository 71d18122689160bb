"""Counting: the plan, what is scanned and taken back on the floor, and the end of counting (STK-3, STK-4, STK-6).

Everything from the floor is a fact and kept; what comes after the end has no effect until a person admits it, and then opens
the review again. Nothing here answers with a figure of the book.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, select

from app.devices.steps import wait_for_devices
from app.lib.db import insert_rows
from app.lib.ids import Id
from app.lib.quantities import format_quantity
from app.people.access import may, names_of
from app.stock import schemas, steps
from app.stock.codes import read_code
from app.stock.count_records import COUNTED, SKIPPED, states_of
from app.stock.counting import (
    ADJUSTED,
    CANCELLED,
    CLOSED,
    LIVE,
    PLANNED,
    REVIEW,
    BinCount,
    CountLine,
    Recount,
    StockTake,
    StockTakeBin,
    StockTakeCounter,
    counters_of,
    next_take_no,
)
from app.stock.counting import COUNTING as TAKE_COUNTING
from app.stock.models import Bin
from app.stock.operations.recounts import ask_needed, check_recounts, publish_counted, publish_recounts, reopen, settle_recounts
from app.stock.scope import counts_open_in
from app.stock.settings import stock_settings
from app.stock.tallies import Goods, Tally, aliases, forget_lines, goods, keep_lines, keep_tally, tallies, tally_of
from app.sync import Item, Tx, operation

COUNT, PLAN = "stock.count", "stock.plan_count"
MOST_NAMED, MOST_KEY = 10, 80
NOT_IN = {
    REVIEW: "take_in_review",
    ADJUSTED: "take_adjusted",
    CLOSED: "take_closed",
    CANCELLED: "take_cancelled",
}


# -- the plan -------------------------------------------------------------------------------------------------------------


@operation("stock.plan_stock_take", schema=schemas.PlanStockTake, right=PLAN, makes=("stock_take_id",))
def plan_stock_take(
    tx: Tx, actor: Id, *, stock_take_id: Id, bins: list[Id], counters: list[Id], tolerance: dict[str, Any], freeze: bool,
    overlap: bool, **said: Any,
) -> None:  # fmt: skip
    """Plan a count of these bins by these people. From now on they read no book, if it is blind (STK-3).

    It freezes nothing unless it is asked to, and then until it ends (STK-13). Bins of another open count are counted twice only
    where the planner says so; in whatever order the two are approved, the figure that was counted last stands (STK-5).
    """
    if tx.session.get(StockTake, (tx.site_id, stock_take_id)) is not None:
        tx.refuse("id_taken")
    wanted = list(dict.fromkeys(bins))
    found = steps.find_bins(tx, wanted)
    if not overlap and (others := counts_open_in(tx.session, tx.site_id, wanted)):
        tx.refuse("bins_busy", counts=", ".join(f"{take.no} {take.title}" for take in others))
    tx.session.add(
        StockTake(
            site_id=tx.site_id, id=stock_take_id, no=next_take_no(tx.session, tx.site_id), status=PLANNED,
            tolerance={**stock_settings(tx.session).tolerance(), **_plain(tolerance)}, planned_by=actor,
            planned_at=tx.happened_at, approvals=[], **said,
        )
    )  # fmt: skip
    tx.session.flush()
    _keep_counters(tx, stock_take_id, counters)
    rows = [
        {"site_id": tx.site_id, "stock_take_id": stock_take_id, "bin_id": bin_id, "seq": seq, "skipped": None}
        for seq, bin_id in enumerate(wanted, 1)
    ]
    insert_rows(tx.session, StockTakeBin, rows)
    for bin_id in wanted:
        tx.publish("stock_take_bin", f"{stock_take_id}/{bin_id}")
    if freeze:
        steps.freeze(tx, found, said["title"], stock_take_id)
    _tell(tx, stock_take_id)


@operation("stock.change_counters", schema=schemas.ChangeCounters, right=PLAN)
def change_counters(tx: Tx, actor: Id, *, stock_take_id: Id, counters: list[Id]) -> None:
    """Put these people on the count instead of those who were; what others counted stays."""
    take = _take(tx, stock_take_id)
    _refuse_unless(tx, take, *LIVE, REVIEW)
    own = (StockTakeCounter.site_id == tx.site_id, StockTakeCounter.stock_take_id == stock_take_id)
    tx.session.execute(delete(StockTakeCounter).where(*own).execution_options(synchronize_session=False))
    _keep_counters(tx, stock_take_id, counters)
    publish_recounts(tx, take)
    _tell(tx, stock_take_id)


@operation("stock.cancel_stock_take", schema=schemas.CancelStockTake, right=PLAN)
def cancel_stock_take(tx: Tx, actor: Id, *, stock_take_id: Id, reason: str) -> None:
    """It is off; what was counted stays readable and changes nothing."""
    take = _take(tx, stock_take_id)
    _refuse_unless(tx, take, *LIVE, REVIEW)
    take.status, take.ended = CANCELLED, {"by": str(actor), "at": tx.happened_at, "reason": reason}
    steps.unfreeze_counted(tx, take.id)
    publish_counted(tx, take)
    tx.fire(f"stock_take:{take.id}")  # who waited to close it hears that there is nothing to close
    publish_recounts(tx, take)
    _tell(tx, stock_take_id)


def _plain(tolerance: dict[str, Any]) -> dict[str, Any]:
    return {name: value if name == "value_fen" else format_quantity(value) for name, value in tolerance.items()}


def _keep_counters(tx: Tx, take_id: Id, people: Iterable[Id]) -> None:
    wanted = list(dict.fromkeys(people))
    names = names_of(tx.session, wanted)
    if len(names) < len(wanted):
        tx.refuse("unknown_person")
    cannot = [names[id] for id in wanted if not may(tx.session, id, COUNT, tx.site_id, tx.happened_at)]
    if cannot:
        tx.refuse("cannot_count", status=422, fields={"counters": ["cannot_count"]}, names=", ".join(cannot))
    rows = [
        {"site_id": tx.site_id, "stock_take_id": take_id, "person_id": person_id, "assigned_at": tx.happened_at}
        for person_id in wanted
    ]
    insert_rows(tx.session, StockTakeCounter, rows)


def _tell(tx: Tx, take_id: Id) -> None:
    """The stock take has changed, and with it perhaps who may read the book."""
    tx.publish("stock_take", take_id)
    tx.about("stock_take", take_id)
    tx.readers_changed()


# -- the floor's facts ----------------------------------------------------------------------------------------------------


@operation("stock.open_bin", schema=schemas.OpenBin, right=COUNT, fact=True)
def open_bin(tx: Tx, actor: Id, *, stock_take_id: Id, bin_id: Id, replaces: list[Id], recounts: list[Id]) -> None:
    """A person begins to count a bin; the operation's id is that count's. From now on closing waits for this device (T11).

    With `recounts` it is for these lines alone. `replaces` names own counts of the bin that this one takes the place of (STK-4).
    """
    take = _take(tx, stock_take_id)
    tx.about("bin_count", tx.operation_id)
    if _is_opened(tx):
        return
    _check_counter(tx, take, recounts)
    _check_open(tx, take, is_recount=bool(recounts))
    if tx.session.get(Bin, (tx.site_id, bin_id)) is None:
        tx.missing("bin", bin_id)
    if recounts:
        check_recounts(tx, take, bin_id, recounts)
    _check_planned(tx, take, bin_id)
    count = BinCount(
        site_id=tx.site_id, id=tx.operation_id, stock_take_id=take.id, bin_id=bin_id, by=actor, device_id=tx.device_id,
        opened_at=tx.happened_at, finished_at=None, is_empty=False, recounts=[str(id) for id in recounts], replaced_by=None,
    )  # fmt: skip
    _replace(tx, count, replaces)
    tx.session.add(count)
    tx.session.flush()
    keep_tally(tx.session, Tally(count, take))
    if take.status == PLANNED:
        take.status = TAKE_COUNTING
    tx.publish("bin_count", count.id)
    _tell_bin(tx, take, bin_id)
    publish_recounts(tx, take, bin_id)
    reopen(tx, take)


def _is_opened(tx: Tx) -> bool:
    """Admitting what is in force already has nothing to add."""
    return tx.admitted is not None and tx.session.get(BinCount, (tx.site_id, tx.operation_id)) is not None


def _replace(tx: Tx, count: BinCount, replaced: list[Id]) -> None:
    """One's own count anew: the old one stays as history (sync.md §5). Another person's is a figure of its own."""
    found = tallies(tx.session, tx.site_id, replaced)
    for count_id in replaced:
        old = found.get(count_id) or tx.missing("bin_count", count_id)
        if old.count.by != count.by or old.count.bin_id != count.bin_id or old.take.id != count.stock_take_id:
            tx.refuse("not_your_count")
        old.count.replaced_by = count.id
        tx.publish("bin_count", count_id)


@operation("stock.record_count_line", schema=schemas.RecordCountLine, right=COUNT, fact=True)
def record_count_line(tx: Tx, actor: Id, **said: Any) -> None:
    """One scan or one typed quantity: one line (T2). It is an observation; nothing is ever written over it."""
    _record([(tx, said)])


def _record_many(tx: Tx, actor: Id, run: list[Item]) -> None:
    """A run of scans by a constant number of statements; a doubt sends each through alone."""
    each = [(tx.of(item), item.data) for item in run]
    _record(each)
    tx.doubts.extend(doubt for own, _ in each for doubt in own.doubts)


record_count_line.many = _record_many


def _record(each: Sequence[tuple[Tx, dict[str, Any]]]) -> None:
    """Scans one after the other; their rows are written together."""
    tx = each[0][0]
    found = tallies(tx.session, tx.site_id, [said["bin_count_id"] for _, said in each])
    _name_products(tx, [said for _, said in each if "product_id" not in said])
    known = goods(tx.session, [said["product_id"] for _, said in each if "product_id" in said])
    rows = [row for own, said in each if (row := _line(own, said, found, known)) is not None]
    insert_rows(tx.session, CountLine, rows)
    keep_lines(tx.session, rows)
    if tx.admitted is not None:
        reopen(tx, found[each[0][1]["bin_count_id"]].take)


def _name_products(tx: Tx, unknown: list[dict[str, Any]]) -> None:
    """A code that the phone did not know may have been identified before its line arrives (STK-10)."""
    for said in unknown:
        said["key"] = said.get("key") or read_code(said["code"]).key[:MOST_KEY]
    known = aliases(tx.session, [said["key"] for said in unknown])
    for said in unknown:
        if said["key"] in known:  # rule: STK-10
            said["product_id"], said["pack"] = known[said["key"]]
            said["quantity"] *= said["pack"]


def _line(own: Tx, said: dict[str, Any], found: dict[Id, Tally], known: dict[Id, Goods]) -> dict[str, Any] | None:
    """One line judged, as the row that keeps it; None: admitted, and kept already."""
    count_id = said["bin_count_id"]
    tally = found.get(count_id) or tally_of(own, count_id)
    own.about("bin_count", tally.name)
    _check_own(own, tally)
    _check_goods(own, said, known)
    if own.admitted is not None and own.session.get(CountLine, (own.site_id, count_id, own.operation_id)) is not None:
        return None
    own.publish("count_line", f"{tally.name}/{own.operation_id}")
    return {
        "site_id": own.site_id, "bin_count_id": count_id, "id": own.operation_id, "stock_take_id": tally.take.id,
        "bin_id": tally.count.bin_id, "product_id": said.get("product_id"), "key": said.get("key"), "code": said.get("code"),
        "lot": said["lot"], "expires_on": said["expires_on"], "status": said["status"], "quantity": said["quantity"],
        "pack": said["pack"], "via": said["via"], "photo": said.get("photo"), "note": said.get("note"), "by": own.actor,
        "happened_at": own.happened_at, "withdrawn_at": None,
    }  # fmt: skip


def _check_goods(own: Tx, said: dict[str, Any], known: dict[Id, Goods]) -> None:
    """The product is known, with as many decimals as its unit has (T23); its photo came with the line (T12).

    A code that nobody knows is in force as what it is, and waits for somebody who identifies it (STK-10).
    """
    if (photo := said.get("photo")) is not None and photo not in own.blobs:
        own.refuse("photo_not_named")  # rule: T12
    if (product_id := said.get("product_id")) is None:
        shown = {"photo": photo} if photo else {}  # so that whoever is to identify it may see it
        own.doubt("unknown_code", barcode=said["code"], key=said["key"], **shown)  # rule: STK-10
        return
    product = known.get(product_id) or own.missing("product", product_id)
    if said["quantity"] != round(said["quantity"], product.decimals):  # rule: T23
        own.refuse(
            "too_many_decimals", status=422, fields={"quantity": ["too_many_decimals"]}, decimals=product.decimals
        )  # fmt: skip
    if not product.is_active:
        own.doubt("product_archived", sku=product.sku)


@operation("stock.withdraw_count_line", schema=schemas.WithdrawCountLine, right=COUNT, fact=True)
def withdraw_count_line(tx: Tx, actor: Id, *, count_line_id: Id) -> None:
    """Take a line of one's own back; both stay in the history (F9). Taken back twice it is gone once."""
    line = tx.session.scalar(select(CountLine).where(CountLine.site_id == tx.site_id, CountLine.id == count_line_id))
    if line is None:
        tx.missing("count_line", count_line_id)
    tally = tally_of(tx, line.bin_count_id)
    _check_own(tx, tally)
    if line.withdrawn_at is not None:
        return
    line.withdrawn_at = tx.happened_at
    tx.publish("count_line", f"{tally.name}/{line.id}")
    tx.session.flush()
    forget_lines(tx.session)
    reopen(tx, tally.take)


@operation("stock.finish_bin", schema=schemas.FinishBin, right=COUNT, fact=True)
def finish_bin(tx: Tx, actor: Id, *, bin_count_id: Id, is_empty: bool) -> None:
    """Say that this is all that lies here, or nothing. What the book has and nobody saw is not found, not zero (STK-6).

    A finished recount settles its lines, or calls for a third person when it disagrees (STK-4).
    """
    tally = tally_of(tx, bin_count_id)
    _check_own(tx, tally)
    count = tally.count
    if count.finished_at is not None:
        return
    if is_empty and _has_lines(tx, count):
        tx.doubt("bin_not_empty")
    count.finished_at, count.is_empty = tx.happened_at, is_empty
    tx.session.flush()
    tx.publish("bin_count", count.id)
    _tell_bin(tx, tally.take, count.bin_id)
    if tally.is_recount():
        settle_recounts(tx, tally)
    reopen(tx, tally.take)


@operation("stock.skip_bin", schema=schemas.SkipBin, right=COUNT, fact=True)
def skip_bin(tx: Tx, actor: Id, *, stock_take_id: Id, bin_id: Id, reason: str) -> None:
    """Say that a bin was not reached, and why: it stays "not counted" and the book stands (STK-6)."""
    take = _take(tx, stock_take_id)
    _check_counter(tx, take, planners=True)
    _check_open(tx, take)
    _check_planned(tx, take, bin_id)
    row = tx.session.get(StockTakeBin, (tx.site_id, take.id, bin_id))
    if row is not None:
        row.skipped = {"by": str(actor), "at": tx.happened_at, "reason": reason}
    tx.session.flush()
    _tell_bin(tx, take, bin_id)


# -- the end of counting --------------------------------------------------------------------------------------------------


@operation("stock.close_stock_take", schema=schemas.OfTake, right=COUNT, fact=True)
def close_stock_take(tx: Tx, actor: Id, *, stock_take_id: Id) -> None:
    """Say that counting is over. A second "over" agrees with the first and changes nothing.

    Held until every other device that opened a bin was heard from after this moment; the office, which cannot wait, is refused
    instead (T11). A bin neither counted nor skipped with a reason keeps it open (STK-6).
    """
    take = _take(tx, stock_take_id)
    _check_counter(tx, take, planners=True)
    if take.status == CANCELLED:
        tx.doubt("take_cancelled", effect=False)
    if take.status not in LIVE:
        return
    _wait_for_counters(tx, take)
    _check_bins_left(tx, take)
    _close(tx, take, None)


@operation("stock.force_close", schema=schemas.ForceClose, right=PLAN)
def force_close(tx: Tx, actor: Id, *, stock_take_id: Id, reason: str) -> None:
    """Close without waiting for a device that counts; what it sends later is kept as after_close (T11).

    It forces the waiting, not the count: a bin that is left refuses as ever (STK-6).
    """
    take = _take(tx, stock_take_id)
    _refuse_unless(tx, take, *LIVE)
    _check_bins_left(tx, take)
    _close(tx, take, reason)


def _wait_for_counters(tx: Tx, take: StockTake) -> None:
    query = select(BinCount.device_id).where(BinCount.site_id == tx.site_id, BinCount.stock_take_id == take.id)
    counting = {id for id in tx.session.scalars(query.distinct()) if id is not None}
    wait_for_devices(tx, counting, f"stock_take:{take.id}")


def _check_bins_left(tx: Tx, take: StockTake) -> None:
    states = states_of(tx.session, [take.id])[take.id]
    left = [id for id, (state, _) in states.items() if state not in (COUNTED, SKIPPED)]
    if left:  # rule: STK-6
        codes = tx.session.scalars(
            select(Bin.code).where(Bin.site_id == tx.site_id, Bin.id.in_(left[:MOST_NAMED])).order_by(Bin.code)
        )
        said: dict[str, Any] = {"n": len(left), "bins": ", ".join(codes)}
        if tx.admitted is not None:  # nobody's word stands for a reason for each bin
            tx.refuse("bins_left", **said)
        tx.doubt("bins_left", effect=False, **said)


def _close(tx: Tx, take: StockTake, forced: str | None) -> None:
    take.status = REVIEW
    take.closed = {"by": str(tx.actor), "at": tx.happened_at, "forced": forced is not None, "reason": forced}
    tx.session.flush()
    ask_needed(tx, take)
    tx.fire(f"stock_take:{take.id}")
    _tell(tx, take.id)


# -- what they share ------------------------------------------------------------------------------------------------------


def _take(tx: Tx, take_id: Id) -> StockTake:
    """The stock take an operation names: it joins its trail, whatever becomes of it."""
    tx.about("stock_take", take_id)
    return tx.session.get(StockTake, (tx.site_id, take_id)) or tx.missing("stock_take", take_id)


def _refuse_unless(tx: Tx, take: StockTake, *statuses: str) -> None:
    if take.status not in statuses:
        tx.refuse(NOT_IN[take.status])


def _check_counter(tx: Tx, take: StockTake, recounts: Sequence[Id] = (), *, planners: bool = False) -> None:
    """Those who are to count, whoever a recount was given to, and for some verbs those who plan."""
    if tx.actor in counters_of(tx.session, tx.site_id, [take.id])[take.id]:
        return
    if planners and may(tx.session, tx.actor, PLAN, tx.site_id, tx.happened_at):
        return
    given = select(Recount.id).where(
        Recount.site_id == tx.site_id, Recount.id.in_(recounts), Recount.assigned_to == tx.actor
    )  # fmt: skip
    if recounts and set(tx.session.scalars(given)) == set(recounts):
        return
    tx.outside("not_your_count")


def _check_own(tx: Tx, tally: Tally) -> None:
    """A count speaks for one person, while its stock take is open for it."""
    if tally.count.by != tx.actor:  # rule: STK-4
        tx.outside("not_your_count")
    _check_open(tx, tally.take, is_recount=tally.is_recount())


def _check_open(tx: Tx, take: StockTake, *, is_recount: bool = False) -> None:
    """Counting until it is closed, recounting until it is settled; what comes later is kept without effect (T11)."""
    if take.status == CANCELLED:
        tx.doubt("take_cancelled", effect=False)
    if take.status not in (*LIVE, *((REVIEW,) if is_recount else ())):
        tx.doubt("after_close", effect=False, stock_take_id=str(take.id))  # rule: T11, T8


def _check_planned(tx: Tx, take: StockTake, bin_id: Id) -> None:
    """A bin that nobody planned to count is looked at by a person, who may take it in."""
    if tx.session.get(StockTakeBin, (tx.site_id, take.id, bin_id)) is not None:
        return
    tx.doubt("bin_not_planned", effect=False, stock_take_id=str(take.id), bin_id=str(bin_id))
    seq = len(states_of(tx.session, [take.id])[take.id]) + 1
    tx.session.add(StockTakeBin(site_id=tx.site_id, stock_take_id=take.id, bin_id=bin_id, seq=seq, skipped=None))


def _has_lines(tx: Tx, count: BinCount) -> bool:
    query = select(CountLine.id).where(
        CountLine.site_id == tx.site_id, CountLine.bin_count_id == count.id, CountLine.withdrawn_at.is_(None)
    )
    return tx.session.scalar(query.limit(1)) is not None


def _tell_bin(tx: Tx, take: StockTake, bin_id: Id) -> None:
    """How far the bin is, and the stock take with it."""
    tx.publish("stock_take_bin", f"{take.id}/{bin_id}")
    tx.publish("stock_take", take.id)
