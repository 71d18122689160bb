"""Blind means blind: every byte that a counter's device or browser receives is searched for what they must not know (T22)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.lib.errors import Forbidden
from app.lib.ids import Id
from app.stock.operations import ask_recount, cancel_stock_take, change_counters
from tests.stock.conftest import StockCount

Device = Callable[[str], Any]
BOOK, COUNTED, THEIRS, COST = "774193.628", "551927.333", "668149.502", 31_415_926
PLANTED = {"the book": BOOK, "the difference": "-222266.295", "another's figure": THEIRS, "its difference": "-106044.126"}


class Listening:
    """Keeps every answer that a client got."""

    def __init__(self, client: FlaskClient) -> None:
        self.client, self.heard = client, [b""]
        self._open = client.open
        client.open = self.open  # type: ignore[method-assign]

    def open(self, *args: Any, **more: Any) -> Any:
        answer = self._open(*args, **more)
        self.heard.append(answer.data + str(answer.headers).encode())
        return answer

    def leaks(self) -> list[str]:
        """What of the planted figures was told, in any way of writing it."""
        said = b"\n".join(self.heard).decode(errors="replace")
        return [what for what, figure in PLANTED.items() if any(form in said for form in spellings(figure))]


def spellings(figure: str) -> set[str]:
    """As a text, grouped, in thousandths as the database has it, without its sign, and as its fractions of a tonne."""
    bare = figure.lstrip("-")
    whole, _, part = bare.partition(".")
    grouped = f"{int(whole):,}"
    return {
        bare,
        f"{grouped}.{part}",
        whole + part,
        grouped,
        f"{Decimal(bare):.2f}",
        f"{Decimal(bare):.1f}",
        f"{whole}.{part[:1]}",
    }


@pytest.fixture
def tea(stock_count: StockCount) -> Id:
    """Loose tea by weight, in both bins, a quantity that no other number looks like."""
    product_id = stock_count.warehouse.product(
        "FOD-0774", "散装茶", "Loose tea", "FOD", unit="kg", cost_fen=COST, lot=False, expiry=False
    )  # fmt: skip
    stock_count.warehouse.put(stock_count.one, product_id, BOOK)
    return product_id


@pytest.mark.parametrize("login", ["warehouse_keeper", "shift_lead"])
def test_nothing_of_the_book_reaches_a_counter(
    app: Flask, stock_count: StockCount, device: Device, as_: Callable[[str], FlaskClient], tea: Id, login: str
) -> None:
    """STK-3, T22: pulls, verdicts, refusals, every page and download of the office, from being planned until the close.

    Also for a lead who counts: they read exceptions and reviews, but not while they are to count blind.
    """
    people = [stock_count.cast[login], stock_count.cast.shipping_clerk]
    change_counters(stock_count.cast.logistics_manager, stock_take_id=stock_count.id, counters=people)
    device("shipping_clerk").say(
        "stock.record_count_line", {"bin_count_id": theirs(stock_count, tea), "code": "?", "quantity": THEIRS, "via": "pad"}
    )
    phone, browser = Listened(device(login)), Listening(as_(login))
    count_id = phone.say("stock.open_bin", {"stock_take_id": stock_count.id, "bin_id": stock_count.one})["id"]
    line = {"bin_count_id": count_id, "product_id": tea, "quantity": COUNTED, "via": "pad"}
    phone.say("stock.record_count_line", line)
    phone.say("stock.record_count_line", {**line, "quantity": "0"})
    phone.say("stock.finish_bin", {"bin_count_id": count_id})
    phone.say("stock.close_stock_take", {"stock_take_id": stock_count.id})
    where = {"bin_id": stock_count.one, "product_id": tea}
    phone.say("stock.ask_recount", {"stock_take_id": stock_count.id, "lines": [where]})
    phone.say("stock.decide_line", {"stock_take_id": stock_count.id, **where, "accepted": True, "reason": "lost"})
    phone.say("stock.approve_stock_take", {"stock_take_id": stock_count.id})
    phone.device.pull()
    walk(app, browser.client, stock_count, tea)
    assert phone.leaks() == []
    assert browser.leaks() == []
    assert COUNTED.encode() in b"".join(phone.heard)  # one's own figure is told: the search can find figures


def theirs(stock_count: StockCount, product_id: Id) -> Id:
    """What another counter found in the same bin."""
    count_id = stock_count.open(login="shipping_clerk")
    stock_count.line(count_id, product_id, THEIRS, login="shipping_clerk")
    return count_id


def test_the_search_finds_what_another_may_read(
    app: Flask, stock_count: StockCount, device: Device, as_: Callable[[str], FlaskClient], tea: Id
) -> None:
    """The test above is worth nothing when it looks in the wrong places: who does not count finds the book in both."""
    browser = Listening(as_("buyer"))
    walk(app, browser.client, stock_count, tea)
    assert "the book" in browser.leaks()
    assert [one["quantity"] for one in device("buyer").get("balance", stock_count.one)["goods"]] == [BOOK]


class Listened(Listening):
    """A phone, with what it heard when it was filled the first time."""

    def __init__(self, device: Any) -> None:
        super().__init__(device.client)
        self.device = device
        self.heard.append(orjson.dumps(list(device.held.values())))

    def say(self, type: str, data: dict[str, Any]) -> Any:
        return self.device.say(type, data)


def walk(app: Flask, client: FlaskClient, stock_count: StockCount, product_id: Id) -> None:
    """Read every address of the product that answers to reading, with every id that fits."""
    ids = [product_id, stock_count.one, stock_count.id, f"{stock_count.id}/{stock_count.one}"]
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.rule.startswith(("/static", "/signout")):
            for path in addresses(rule.rule, ids):
                client.get(path)


def addresses(rule: str, ids: Iterable[object]) -> set[str]:
    """A rule's addresses: each argument is an id of ours, a word of a choice is each of its words."""
    choice = re.search(r"<any\(([^)]*)\):\w+>", rule)
    if choice:
        words = [word.strip(" \"'") for word in choice[1].split(",")]
        return {found for word in words for found in addresses(rule.replace(choice[0], word, 1), ids)}
    return {re.sub(r"<[^>]+>", str(id), rule) for id in ids}


def test_two_bins_look_alike_whatever_lies_in_them(stock_count: StockCount, device: Device, tea: Id) -> None:
    """T22: nothing but a code, a place and what was counted tells them apart: no order, no progress, no size."""
    stock_count.warehouse.put(stock_count.two, tea, "3")
    phone = device("warehouse_keeper")
    for bin_id in (stock_count.one, stock_count.two):
        count_id = phone.say("stock.open_bin", {"stock_take_id": stock_count.id, "bin_id": bin_id})["id"]
        phone.say("stock.record_count_line", {"bin_count_id": count_id, "product_id": tea, "quantity": "3", "via": "pad"})
        phone.say("stock.finish_bin", {"bin_count_id": count_id})
    phone.pull()
    one, two = (shapes(phone, bin_id) for bin_id in (stock_count.one, stock_count.two))
    assert one == two
    assert {kind for kind, _ in one} == {"bin", "stock_take_bin", "bin_count", "count_line"}


def shapes(phone: Any, bin_id: Id) -> list[tuple[str, Any]]:
    """Records about a bin, without its own names and times."""
    own = {"id", "code", "seq", "bin_id", "bin_count_id", "at", "opened_at", "finished_at"}
    return sorted(
        (kind, str({name: value for name, value in data.items() if name not in own}))
        for (_, kind, _), (_, data) in phone.held.items()
        if str(bin_id) in (data.get("id"), data.get("bin_id"))
    )


def test_withholding_follows_the_count(stock_count: StockCount, device: Device, tea: Id) -> None:
    """STK-3: from assignment to the close, taken off and put on with the person; a count that is not blind withholds nothing."""
    phone, clerk = device("warehouse_keeper"), device("stagehand")
    manager, lead = device("logistics_manager"), stock_count.cast.shift_lead
    assert [reads(one) for one in (phone, clerk, manager)] == [False, False, True]
    people = [stock_count.cast.warehouse_keeper, stock_count.cast.logistics_manager]
    change_counters(lead, stock_take_id=stock_count.id, counters=people)
    assert [reads(one) for one in (phone, manager, device("shipping_clerk"))] == [False, False, True]
    cancel_stock_take(lead, stock_take_id=stock_count.id, reason="改期")
    assert [reads(one) for one in (phone, manager)] == [True, True]
    stock_count.id = stock_count.plan(blind=False)
    assert reads(phone)
    stock_count.id = stock_count.plan()
    assert not reads(phone)
    stock_count.through()
    assert reads(phone)


def reads(phone: Any) -> bool:
    """Whether the device holds the book after it pulled."""
    phone.pull()
    return bool(phone.all("balance"))


def test_withholding_wins_on_a_shared_device(
    stock_count: StockCount, device: Device, as_: Callable[[str], FlaskClient], tea: Id
) -> None:  # fmt: skip
    """STK-3, T22, sync.md §2: a manager signed in beside the counter reads it elsewhere, not on the counter's device."""
    phone = device("logistics_manager")
    assert reads(phone)
    answer = phone.client.post("/signin", data={"login": "warehouse_keeper", "password": "offstage-demo"})
    assert answer.status_code == 303
    assert phone.client.post("/api/grants").status_code == 201
    assert not reads(phone)
    assert reads(device("logistics_manager"))


def test_who_counts_does_not_review(stock_count: StockCount, tea: Id) -> None:
    """STK-3, T22: the office refuses the verbs that would tell, before it says anything about the line."""
    lead, lines = stock_count.cast.shift_lead, [{"bin_id": stock_count.one, "product_id": tea}]
    stock_count.through()
    blind = stock_count.plan(counters=("shift_lead",))
    with pytest.raises(Forbidden, match="book_withheld"):
        ask_recount(lead, stock_take_id=stock_count.id, lines=lines)
    cancel_stock_take(lead, stock_take_id=blind, reason="改期")
    assert ask_recount(lead, stock_take_id=stock_count.id, lines=lines).status == "applied"
