"""The baseline: the least a Flask server on the same footing would do for the same bytes.

`/json` answers a small JSON object; `/insert` writes the operations of a push as rows, in one statement and one
transaction, with the same durability.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from typing import Any

import orjson
from flask import Flask, Response, request

from app.serve import serve

app = Flask("bare")
local = threading.local()
ANSWER = {"epoch": "0193", "access": "3f2a", "heads": {"org": 12, "site:0193": 4711, "person:0193": 9, "device:0193": 2}}


def connection() -> sqlite3.Connection:
    """This thread's connection: WAL, every commit on the disk."""
    if not hasattr(local, "connection"):
        local.connection = sqlite3.connect(os.environ["BARE_DATABASE"], isolation_level=None, timeout=10)
        local.connection.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE TABLE IF NOT EXISTS op (id TEXT PRIMARY KEY, seq INTEGER, actor TEXT, at INTEGER, data TEXT)"
        )
    found: sqlite3.Connection = local.connection
    return found


@app.get("/json")
def small() -> Response:
    """A small JSON answer."""
    return Response(orjson.dumps(ANSWER), mimetype="application/json")


@app.post("/insert")
def insert() -> Response:
    """The operations of the body as rows."""
    ops: list[dict[str, Any]] = orjson.loads(request.get_data())["ops"]
    rows = [(op["id"], op["seq"], op["actor"], op["at"], orjson.dumps(op["data"]).decode()) for op in ops]
    base = connection()
    base.execute("BEGIN IMMEDIATE")
    marks = ",".join(["(?,?,?,?,?)"] * len(rows))
    base.execute(f"INSERT OR REPLACE INTO op VALUES {marks}", [v for row in rows for v in row])  # noqa: S608
    base.execute("COMMIT")
    return Response(orjson.dumps({"inserted": len(rows)}), mimetype="application/json")


@app.get("/empty")
def empty() -> Response:
    """A page with one word that the browser may keep: what opening anything at all costs."""
    page = Response("<!doctype html><meta charset=utf-8><title>empty</title><p>empty", mimetype="text/html")
    page.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return page


def load() -> Flask:
    """What the server process loads."""
    return app


if __name__ == "__main__":
    serve(load, address="127.0.0.1", port=int(sys.argv[1]))
