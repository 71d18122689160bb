"""One structured log line a request: what was asked, what came of it, how long it took; no personal data."""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

import orjson
import structlog
from flask import Flask, Response, g, request

from app.lib.ids import new_id

QUIET = ("/static/", "/api/sync/head", "/healthz", "/readyz")


def as_json(line: Any, **options: Any) -> str:
    """One line of JSON."""
    return orjson.dumps(line, **options).decode()


def init_app(app: Flask) -> None:
    """Log every request at its end; polls and static files only when they fail."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=as_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    log = structlog.get_logger().bind()

    @app.before_request
    def begin() -> None:
        g.request_id = str(new_id())
        g.began = time.perf_counter()
        if not request.path.startswith(QUIET):
            structlog.contextvars.clear_contextvars()
            structlog.contextvars.bind_contextvars(request=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["Offstage-Request"] = g.get("request_id", "")
        if not request.path.startswith(QUIET) or response.status_code >= 400:
            rule = request.url_rule.rule if request.url_rule else "?"
            took = round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1)
            log.info(
                "request", method=request.method, route=rule, status=response.status_code, ms=took,
                device=str(g.device_id) if "device_id" in g else None, operations=g.get("operations"),
            )  # fmt: skip
        return response
