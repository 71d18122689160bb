"""The first fill of a device, 50,000 products, 2,000 bins and a day's lists: server, wire, device; then finding in it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import orjson
import zstandard
from playwright.sync_api import Page, Playwright, sync_playwright

from bench.device import Device, signed_in
from bench.floor import launch, p95
from bench.measure import Budget, Figure, interleave, ratios
from bench.served import ROOT, Line, Served, offstage

PRODUCTS, BINS = 50_000, 2_000
WORKER = "warehouse_keeper"
FILLS = 5
PAGE_BYTES = 1_000_000
SEARCHES = ("cos-0", "SKN-12345", "唇釉", "防晒 喷雾", "velvet", "lash refill", "no. 7", "4711", "nothing like it", "e")

OPEN = """async (name) => {
  const page = await (await fetch("/signin")).text();
  globalThis.scripts = `/static/${page.match(/\\/static\\/(\\w+)\\//)[1]}/js`;
  const {openReplica} = await import(`${scripts}/replica/index.js`);
  globalThis.replica = await openReplica({name, autostart: false});
}"""
FILL = """async () => {
  const start = performance.now();
  const isDone = await replica.syncNow();
  return isDone ? performance.now() - start : 0;
}"""
# A person works meanwhile: each append is timed until it is on the disk.
FILL_AND_WORK = """async () => {
  let isFilling = true;
  const fill = replica.syncNow().finally(() => (isFilling = false));
  const took = [];
  for (let n = 0; isFilling; n++) {
    await new Promise((go) => setTimeout(go, 25));
    const start = performance.now();
    await replica.append({type: "bench.nothing", data: {n}});
    if (isFilling) took.push(performance.now() - start);
  }
  await fill;
  return took;
}"""
# Every code is another one, from all over the catalogue, and nothing was read before.
FIND = """async () => {
  const keys = [], took = [];
  for await (const products of replica.scan("product")) {
    keys.push(...products.slice(0, 2).flatMap(({codes}) => codes.map(({key}) => key)));
  }
  for (const key of keys.slice(0, 500)) {
    const start = performance.now();
    const found = await replica.find("product", key);
    took.push(performance.now() - start);
    if (found.length !== 1) throw new Error(`${key} is found ${found.length} times`);
  }
  return took;
}"""
SEARCH = """async (texts) => {
  const {prepare, search} = await import(`${scripts}/stock/find.js`);
  const start = performance.now();
  await prepare(replica);
  const built = performance.now() - start;
  const took = [];
  for (const text of texts) {
    const start = performance.now();
    await search(replica, text);
    took.push(performance.now() - start);
  }
  return {built, took};
}"""


def measure(_parts: set[str]) -> list[Figure]:
    """One large site; a server's side and a device's."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        with offstage(data):
            pass
        command = [sys.executable, "-m", "bench.catalogue", str(PRODUCTS), str(BINS)]
        subprocess.run(command, cwd=ROOT, env={**os.environ, "DATA_DIR": str(data)}, check=True)
        with offstage(data) as served, sync_playwright() as playwright:
            return measure_server(served) + measure_device(playwright, served)


# -- the server ---------------------------------------------------------------------------------------------------------------


def measure_server(served: Served) -> list[Figure]:
    """All pages over HTTP, beside the same lines read from the same file and packed at the same setting."""
    device = Device(Line(served.port))
    device.sign_in(WORKER)
    device.enrol()
    buckets, size = fill(device)[1:]
    found = interleave({"server": lambda: fill(device)[0], "raw": lambda: read_and_pack(served.data_dir, buckets)}, FILLS)
    return [
        Figure("fill", "server, times reading and compressing", "×", ratios(found["server"], found["raw"]), Budget(at_most=1.5)),
        Figure("fill", "server, all pages", "s", found["server"]),
        Figure("fill", "reading and compressing the same", "s", found["raw"]),
        Figure("fill", "on the wire", "MB", [size / 1e6], Budget(at_most=4)),
    ]


def fill(device: Device) -> tuple[float, list[str], int]:
    """Seconds the server took for all pages, the buckets, and their bytes; unpacking is not counted."""
    device.line.connect()
    took, size, after = 0.0, 0, None
    while True:
        request = device.pull_request({}, after).replace(b"\r\nContent-Type", b"\r\nAccept-Encoding: zstd\r\nContent-Type", 1)
        start = time.perf_counter()
        status, _, said = device.line.ask(request)
        took += time.perf_counter() - start
        if status != 200:
            raise RuntimeError(f"pull: {status} {said[:300]!r}")
        size += len(said)
        lines = zstandard.ZstdDecompressor().decompressobj().decompress(said).splitlines()
        if (after := orjson.loads(lines[-1])["after"]) is None:
            return took, sorted(orjson.loads(lines[0])["buckets"]), size


def read_and_pack(data: Path, buckets: list[str]) -> float:
    """Seconds for the least that a fill can be: rows in order from the file, into pages of lines, packed."""
    pack = zstandard.ZstdCompressor(level=1).compress
    database = sqlite3.connect(f"file:{data / 'offstage.db'}?mode=ro", uri=True)
    start = time.perf_counter()
    page: list[str] = []
    size = 0
    for bucket in buckets:
        rows = database.execute(
            "SELECT kind, id, rev, data FROM record WHERE bucket = ? AND NOT gone ORDER BY rev, kind, id", (bucket,)
        )
        for kind, id, rev, text in rows:
            line = f'{{"bucket":"{bucket}","kind":"{kind}","id":"{id}","rev":{rev},"data":{text}}}'
            page.append(line)
            size += len(line)
            if size >= PAGE_BYTES:
                pack("\n".join(page).encode())
                page, size = [], 0
    pack("\n".join(page).encode())
    took = time.perf_counter() - start
    database.close()
    return took


# -- the device ---------------------------------------------------------------------------------------------------------------


def measure_device(playwright: Playwright, served: Served) -> list[Figure]:
    """Fills of new profiles on a real disk, one of them while a person works; then codes and names are looked for."""
    fills: list[float] = []
    for _ in range(FILLS):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            page = enrolled(playwright, served, profile)
            fills.append(page.evaluate(FILL) / 1000)
            page.context.close()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        page = enrolled(playwright, served, profile)
        appends = page.evaluate(FILL_AND_WORK)
        finds, built, searches = looked_for(page, served)
        page.context.close()
    if not all(fills) or len(appends) < 20:
        raise RuntimeError("a fill did not go through, or nothing was appended meanwhile")
    return [
        Figure("fill", "device, all of it", "s", fills, Budget(at_most=4)),
        Figure("fill", "an append meanwhile, p95", "ms", [p95(appends)], Budget(at_most=100)),
        Figure("fill", "a code among 50,000, p95", "ms", [p95(one) for one in finds], Budget(at_most=5)),
        Figure("fill", "a name among 50,000, p95", "ms", [p95(one) for one in searches], Budget(at_most=100)),
        Figure("fill", "making ready for names", "ms", built, Budget(at_most=400)),
    ]


def enrolled(playwright: Playwright, served: Served, profile: str) -> Page:
    """A page of a device that holds nothing yet."""
    context = launch(playwright, profile)
    context.add_cookies(
        [{"name": name, "value": value, "url": served.address} for name, value in signed_in(served, WORKER).items()]
    )
    page = context.pages[0]
    opened(page, served)
    page.evaluate("replica.enrol({name: 'bench'})")
    return page


def opened(page: Page, served: Served) -> None:
    """The replica in a page of its own, with nothing read yet."""
    page.goto(f"{served.address}/healthz")
    page.evaluate(OPEN, "bench")


def looked_for(page: Page, served: Served) -> tuple[list[list[float]], list[float], list[list[float]]]:
    """Milliseconds of each code, of making ready, of each name, in pages that had read nothing."""
    finds: list[list[float]] = []
    built: list[float] = []
    searches: list[list[float]] = []
    for _ in range(FILLS):
        opened(page, served)
        finds.append(page.evaluate(FIND))
        opened(page, served)
        said: dict[str, Any] = page.evaluate(SEARCH, list(SEARCHES))
        built.append(said["built"])
        searches.append(said["took"])
    return finds, built, searches
