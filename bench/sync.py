"""Push, pull and head through HTTP, all rules on, beside a bare Flask server on the same machine."""

from __future__ import annotations

import statistics
import threading
import time
from typing import Any

from bench.device import Device, enrolled, signed_in
from bench.measure import BARE_INSERT, BARE_JSON, ROUNDS, Budget, Figure, interleave, ratios, seconds
from bench.memory import largest
from bench.served import Line, Served, bare, offstage

WORKER = "stagehand"
LEADS = ("logistics_manager", "shift_lead")  # both may answer any list
ENROLLERS = ("stagehand", "camera", "director", "operations", "host", "co_host", "console")  # a dozen each at most
BATCH = 100
OPERATIONS = 1000
ASKED = 600  # requests a sample
DEVICES = 50
EACH = 200


def measure(parts: set[str]) -> list[Figure]:
    """All parts that need the two servers."""
    figures: list[Figure] = []
    with offstage() as served, bare() as baseline:
        if "memory" in parts:
            figures.append(Figure("memory", "server, idle", "MB", [idle_mb(served)], Budget(at_most=120)))
        if "head" in parts:
            figures += measure_head(served, baseline)
        if "delta" in parts:
            figures += measure_delta(served, baseline)
        if "push" in parts:
            figures += measure_push(served, baseline)
        if "storm" in parts:
            figures += measure_storm(served, baseline)
    return figures


def idle_mb(served: Served) -> float:
    """After one person has looked at a few pages."""
    device = enrolled(served, WORKER)
    device.line.ask(device.line.request("GET", "/floor/today"))
    return largest(served)


def rate(line: Line, request: bytes, expect: int) -> float:
    """Requests a second on one connection."""

    line.connect()

    def ask() -> None:
        for _ in range(ASKED):
            status, _, body = line.ask(request)
            if status != expect:
                raise RuntimeError(f"{status} {body[:200]!r}")

    return ASKED / seconds(ask)


def measure_head(served: Served, baseline: Served) -> list[Figure]:
    """A poll that finds nothing new, beside the smallest JSON answer Flask gives."""
    device, plain = enrolled(served, WORKER), Line(baseline.port)
    poll = poll_of(device)
    small = plain.request("GET", "/json")
    found = interleave({"head": lambda: rate(device.line, poll, 304), "bare": lambda: rate(plain, small, 200)})
    share = [100 * ratio for ratio in ratios(found["head"], found["bare"])]
    return [
        Figure("head", "nothing new, share of a bare Flask answer's rate", "%", share, Budget(at_least=40)),
        Figure("head", "nothing new", "/s", found["head"]),
        Figure("head", "bare Flask JSON", "/s", found["bare"]),
    ]


def poll_of(device: Device) -> bytes:
    """The request that finds nothing new."""
    _, head, _ = device.line.ask(device.line.request("GET", "/api/sync/head"))
    etag = next(line[6:] for line in head.decode().split("\r\n") if line.lower().startswith("etag: "))
    return device.line.request("GET", "/api/sync/head", If_None_Match=etag)


def measure_delta(served: Served, baseline: Served) -> list[Figure]:
    """Ten changed records, beside the same bare answer."""
    device, plain = enrolled(served, LEADS[0]), Line(baseline.port)
    actor = next(iter(device.grants))
    pull = pull_of_ten(device, actor)
    zipped = pull.replace(b"\r\nContent-Type", b"\r\nAccept-Encoding: zstd\r\nContent-Type", 1)
    size = len(device.line.ask(zipped)[2])
    small = plain.request("GET", "/json")
    found = interleave({"delta": lambda: rate(device.line, pull, 200), "bare": lambda: rate(plain, small, 200)})
    return [
        Figure("delta", "10 changed, times a bare Flask answer", "×", ratios(found["bare"], found["delta"]), Budget(at_most=4)),
        Figure("delta", "10 changed, compressed", "kB", [size / 1000], Budget(at_most=1)),
    ]


def pull_of_ten(device: Device, actor: str) -> bytes:
    """The request that fetches ten answers, and the list they are in, made just now."""
    heads = device.call("GET", "/api/sync/head")["heads"]
    settled(device.send(device.batch(answers(device, [actor], 10))))
    return device.pull_request(heads)


def tick_items(device: Device) -> tuple[str, list[str]]:
    """The template with the most plain ticks that wait for nothing."""
    best: tuple[str, list[str]] = ("", [])
    for id, template in device.all("checklist_template"):
        items = [item for section in template["sections"] for item in section["items"]]
        ticks = [item["id"] for item in items if item["kind"] == "tick" and not item.get("after")]
        if len(ticks) > len(best[1]) and not template.get("needs"):
            best = id, ticks
    return best


def answers(device: Device, actors: list[str], count: int) -> list[dict[str, Any]]:
    """`count` first answers, on runs that are started here; the actors take turns."""
    template, items = tick_items(device)
    runs = -(-count // len(items))
    starts = [device.op("checklists.start_run", actors[0], {"run_id": "", "template": template}) for _ in range(runs)]
    for start in starts:
        start["data"]["run_id"] = start["id"]
    for at in range(0, runs, BATCH):
        settled(device.send(device.batch(starts[at : at + BATCH])))
    places = [(start["id"], item) for start in starts for item in items][:count]
    return [
        device.op("checklists.answer_item", actors[n % len(actors)], {"run_id": run, "item_id": item, "verdict": "pass"})
        for n, (run, item) in enumerate(places)
    ]


def settled(verdicts: list[dict[str, Any]]) -> None:
    """Every operation is in force, or the measurement would measure refusals."""
    if odd := [verdict for verdict in verdicts if verdict["status"] != "applied"]:
        raise RuntimeError(f"{len(odd)} not applied, the first: {odd[0]}")


def measure_push(served: Served, baseline: Served) -> list[Figure]:
    """1,000 answers in batches of 100: singly (two people in turn, so that no run forms), by `many`, and again."""
    device, plain = enrolled(served, *LEADS), Line(baseline.port)
    actors = list(device.grants)
    found: dict[str, list[float]] = {"singly": [], "many": [], "replay": [], "bare": []}
    for turn in range(ROUNDS + 1):
        for form, people in (("singly", actors), ("many", actors[:1])):
            ops = answers(device, people, OPERATIONS)
            batches = batches_of(device, ops)
            inserts = [request.replace(b"POST /api/sync/push", b"POST /insert", 1) for request in batches]
            rates = {form: push_rate(device, batches, replayed=False), "bare": insert_rate(plain, inserts)}
            if form == "many":
                rates["replay"] = push_rate(device, batches, replayed=True)
            if turn:
                for name, value in rates.items():
                    found[name].append(value)
    every_other = found["bare"][1::2]
    slower = BARE_INSERT.slower(statistics.median(found["bare"]))
    return [
        Figure("push", "1,000 answers singly", "/s", found["singly"], Budget(at_least=3000), slower),
        Figure("push", "1,000 answers by many", "/s", found["many"], Budget(at_least=8000), slower),
        Figure("push", "replay, times many", "×", ratios(found["replay"], found["many"]), Budget(at_least=2.5)),
        Figure("push", "bare Flask insert of the same bytes", "/s", found["bare"]),
        Figure("push", "bare insert, times many", "×", ratios(every_other, found["many"])),
    ]


def push_rate(device: Device, batches: list[bytes], *, replayed: bool) -> float:
    """Operations a second; each is checked to be in force, and to be new or a replay as expected."""
    verdicts: list[dict[str, Any]] = []
    device.line.connect()
    took = seconds(lambda: [verdicts.extend(device.send(batch)) for batch in batches])
    settled(verdicts)
    if any(verdict["replayed"] != replayed for verdict in verdicts):
        raise RuntimeError("a replay was taken for new, or the other way round")
    return len(verdicts) / took


def insert_rate(line: Line, batches: list[bytes]) -> float:
    """Rows a second of the bare server."""
    line.connect()
    return OPERATIONS / seconds(lambda: [line.ask(batch) for batch in batches])


def batches_of(device: Device, ops: list[dict[str, Any]]) -> list[bytes]:
    """The requests that push these operations."""
    return [device.batch(ops[at : at + BATCH]) for at in range(0, len(ops), BATCH)]


def measure_storm(served: Served, baseline: Served) -> list[Figure]:
    """50 devices come back at once with 200 operations each."""
    plain = Line(baseline.port)
    small = plain.request("GET", "/json")
    slower = BARE_JSON.slower(statistics.median(rate(plain, small, 200) for _ in range(ROUNDS)))
    times = come_back(crowd(served, DEVICES), EACH)
    p95 = statistics.quantiles(times, n=20)[-1]
    return [
        Figure("storm", "50 devices × 200 operations at once, p95 of a push", "s", [p95], Budget(at_most=1), slower),
        Figure("storm", "server, after it", "MB", [largest(served)], Budget(at_most=250)),
    ]


def crowd(served: Served, size: int) -> list[tuple[Device, str]]:
    """Devices that several people enrolled, each with the lead who works on it."""
    lead, *enrollers = (signed_in(served, login) for login in (LEADS[0], *ENROLLERS))
    found = []
    for number in range(size):
        device = Device(Line(served.port, dict(enrollers[number % len(enrollers)])))
        device.enrol()
        device.line.cookies |= lead
        actor = device.grant()
        device.pull()
        found.append((device, actor))
    return found


def come_back(devices: list[tuple[Device, str]], each: int) -> list[float]:
    """All of them push so many answers at once; how long each push took."""
    loads = []
    for device, actor in devices:
        device.line.connect()
        loads.append((device, batches_of(device, answers(device, [actor], each))))
    times: list[float] = []
    faults: list[BaseException] = []
    gate = threading.Barrier(len(loads))

    def send_all(device: Device, batches: list[bytes]) -> None:
        try:
            gate.wait()
            device.line.connect()
            for batch in batches:
                start = time.perf_counter()
                settled(device.send(batch))
                times.append(time.perf_counter() - start)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=send_all, args=load) for load in loads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return times
