"""A catalogue of 50,000 products as a buyer brings it in, the office's pages over it, and count lines pushed by phones."""

from __future__ import annotations

import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from app.lib.ids import new_id
from bench.catalogue import codes, product
from bench.device import Device, enrolled
from bench.floor import p95
from bench.measure import BARE_INSERT, BARE_JSON, ROUNDS, Budget, Figure
from bench.served import Line, Served, bare, offstage
from bench.sync import BATCH, batches_of, insert_rate, push_rate, rate

PRODUCTS = 50_000
MANAGER, KEEPER, PHONE = "logistics_manager", "warehouse_keeper", "stagehand"
HEAD = "sku,zh,en,category,unit,barcodes,abc,reorder_point"
CATEGORIES = ("COS", "APP", "HOM", "FOD", "SHO")  # of the starter pack
STILL = b'hx-trigger="every 1s"'  # the page of a file that is being read
VIEWS = 40  # of each page
PAGES = {
    "products, filtered and sorted": f"/stock/products?q={quote('防晒')}&narrow=COS&sort=-name&page=3",
    "products, a code": "/stock/products?q=4711&abc=A",
    "bins, sorted": "/stock/bins?sort=-area&page=2",
}
LINES = 1000


def measure(parts: set[str]) -> list[Figure]:
    """One site that gets a catalogue; the bare server tells how fast this machine is."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder, offstage(Path(folder)) as served, bare() as baseline:
        if "count" in parts:
            figures += measure_count(served, baseline)
        if parts & {"import", "office"}:
            brought = measure_import(served, baseline)
            figures += brought if "import" in parts else []
        if "office" in parts:
            figures += measure_office(served, baseline)
    return figures


def slower_at_inserts(baseline: Served) -> float:
    """This machine beside the one the budgets mean, by what it writes."""
    line = Line(baseline.port)
    ops = [{"id": str(new_id()), "seq": n, "actor": "x", "at": n, "data": {"n": n}} for n in range(LINES)]
    device = Device(line)
    inserts = [one.replace(b"POST /api/sync/push", b"POST /insert", 1) for one in batches_of(device, ops)]
    return BARE_INSERT.slower(statistics.median(insert_rate(line, inserts) for _ in range(ROUNDS)))


# -- bringing a file in -------------------------------------------------------------------------------------------------------


def catalogue() -> bytes:
    """A file of new products with one to three codes each."""
    chance, actor, used = random.Random(50), new_id(), set()
    lines = [HEAD]
    for n in range(PRODUCTS):
        one = product(chance, n, actor, 0)
        said = [(code, pack) for code, pack in codes(chance, n) if code not in used]
        used |= {code for code, _ in said}
        cell = " ".join(code if pack == 1 else f"{code}*{pack}" for code, pack in said)
        category = CATEGORIES[n % len(CATEGORIES)]
        lines.append(f"NEW-{one['sku']},{one['zh']},{one['en']},{category},each,{cell},{one['abc']},{n % 500}")
    return "\n".join(lines).encode()


def measure_import(served: Served, baseline: Served) -> list[Figure]:
    """From the file's arrival until its page tells row by row what it would do; then how long applying keeps others waiting."""
    slower = slower_at_inserts(baseline)
    buyer, import_id = Device(Line(served.port)), str(new_id())
    buyer.sign_in(MANAGER)
    looked = timed(lambda: bring(buyer, import_id, catalogue()))
    phone = enrolled(served, PHONE)
    applied, waits = waiting(phone, lambda: apply(buyer, import_id))
    return [
        Figure("import", "50,000 products, read and compared", "s", [looked], Budget(at_most=60), slower),
        Figure("import", "applied, the longest that another's write waits", "s", [max(waits)], Budget(at_most=5), slower),
        Figure("import", "applied", "s", [applied]),
    ]


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def bring(buyer: Device, import_id: str, file: bytes) -> None:
    """The form with the file, then its page until it has been read."""
    edge = "bench-edge"
    parts = [("kind", None, b"products"), ("import_id", None, import_id.encode()), ("file", "catalogue.csv", file)]
    body = b"".join(part(edge, *one) for one in parts) + f"--{edge}--\r\n".encode()
    expect(buyer, "POST", "/stock/imports", 303, body, Content_Type=f"multipart/form-data; boundary={edge}")
    at, page = f"/stock/imports/{import_id}", STILL
    while STILL in page:
        time.sleep(0.5)
        page = expect(buyer, "GET", at, 200)
    if f"{at}/application".encode() not in page:
        raise RuntimeError("the file cannot be applied")


def part(edge: str, name: str, file_name: str | None, content: bytes) -> bytes:
    """One field of a form with files."""
    named = f'; filename="{file_name}"\r\nContent-Type: text/csv' if file_name else ""
    return f'--{edge}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + content + b"\r\n"


def apply(buyer: Device, import_id: str) -> None:
    """The button."""
    form = f"operation_id={new_id()}".encode()
    at = f"/stock/imports/{import_id}/application"
    expect(buyer, "POST", at, 303, form, Content_Type="application/x-www-form-urlencoded")


def expect(person: Device, method: str, path: str, wanted: int, body: bytes = b"", **headers: str) -> bytes:
    """The page, or what was said instead."""
    status, _, said = person.line.ask(person.line.request(method, path, body, **headers))
    if status != wanted:
        raise RuntimeError(f"{method} {path}: {status} {said[:500]!r}")
    return said


def waiting(phone: Device, work: Callable[[], object]) -> tuple[float, list[float]]:
    """Seconds of the work, and of each push of another person meanwhile, one after the other."""
    waits: list[float] = []
    done = threading.Event()
    actor = next(iter(phone.grants))
    template = next(id for id, one in phone.all("checklist_template") if not one.get("needs"))

    def push() -> None:
        while not done.is_set() or not waits:
            said = {"run_id": str(new_id()), "template": template}
            batch = phone.batch([phone.op("checklists.start_run", actor, said)])
            waits.append(timed(partial(phone.send, batch)))
            time.sleep(0.02)

    other = threading.Thread(target=push)
    other.start()
    took = timed(work)
    done.set()
    other.join()
    return took, waits


# -- the office's pages -------------------------------------------------------------------------------------------------------


def measure_office(served: Served, baseline: Served) -> list[Figure]:
    """Pages of 100 rows, each asked again and again; the first time is not counted. `tests/stock` counts their questions."""
    plain = Line(baseline.port)
    small = plain.request("GET", "/json")
    slower = BARE_JSON.slower(statistics.median(rate(plain, small, 200) for _ in range(ROUNDS)))
    manager = Device(Line(served.port))
    manager.sign_in(MANAGER)
    figures = []
    for name, path in {**PAGES, **a_bin(served)}.items():
        manager.line.connect()
        expect(manager, "GET", path, 200)
        times = [1000 * timed(partial(expect, manager, "GET", path, 200)) for _ in range(VIEWS)]
        figures.append(Figure("office", f"{name}, p95", "ms", [p95(times)], Budget(at_most=100), slower))
    return figures


def a_bin(served: Served) -> dict[str, str]:
    """The fullest bin, with what moved there."""
    bins = enrolled(served, KEEPER).all("bin")
    fullest = max(bins, key=lambda one: len(one[1]["products"]))
    return {"a bin, what lies and moved there": f"/stock/bins/{fullest[0]}"}


# -- counting -----------------------------------------------------------------------------------------------------------------


def measure_count(served: Served, baseline: Served) -> list[Figure]:
    """1,000 lines of a keeper's count in batches of 100, all rules on, as they come after a morning without a network."""
    slower = slower_at_inserts(baseline)
    phone = enrolled(served, KEEPER)
    rates = []
    for turn in range(ROUNDS + 1):
        lines = counted(phone)
        found = push_rate(phone, batches_of(phone, lines), replayed=False)
        rates += [found] if turn else []
    return [Figure("count", "1,000 count lines by many", "/s", rates, Budget(at_least=8000), slower)]


def counted(phone: Device) -> list[dict[str, Any]]:
    """A bin of the demo's running count is opened, and goods are scanned in it."""
    actor = next(iter(phone.grants))
    take = next(one["id"] for _, one in phone.all("stock_take") if one["status"] == "counting" and actor in one["counters"])
    place = next(one for _, one in phone.all("stock_take_bin") if one["stock_take_id"] == take and one["state"] == "todo")
    opening = phone.op("stock.open_bin", actor, {"stock_take_id": take, "bin_id": place["bin_id"]})
    phone.send(phone.batch([opening]))
    goods = [id for id, one in phone.all("product") if one["unit"] == "each" and one["status"] == "active"][:BATCH]
    said = {"bin_count_id": opening["id"], "quantity": "1", "via": "wedge"}
    return [phone.op("stock.record_count_line", actor, {**said, "product_id": goods[n % len(goods)]}) for n in range(LINES)]
