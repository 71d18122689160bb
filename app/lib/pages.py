"""What every page of the office has: words, addresses of the build, times of the site, and bilingual errors."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import structlog
from babel.dates import format_datetime
from flask import Flask, Response, g, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from app.lib.build import build_id, static_url
from app.lib.clock import now
from app.lib.errors import Refused
from app.lib.words import error_text, language, pick, t

log = structlog.get_logger()
LOCALES = {"zh": "zh_Hans_CN", "en": "en_GB"}
KNOWN_ERRORS = {400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 503}


def is_fragment() -> bool:
    """Whether htmx asks for a part of a page, and not for a whole one (a boosted link, history)."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Request-Type", "partial") != "full"


def site_zone() -> ZoneInfo:
    """The time zone in which times are shown (GEN-8); a request's site sets it."""
    return ZoneInfo(g.get("time_zone") or "Asia/Shanghai")


def show_time(at: int | None, form: str = "HH:mm") -> str:
    """A moment in site time, in Babel's pattern or `short`, `medium`, `long`."""
    if at is None:
        return ""
    moment = datetime.fromtimestamp(at / 1000, site_zone())  # rule: GEN-8
    return format_datetime(moment, form, locale=LOCALES[language()])


def init_app(app: Flask) -> None:
    """Give templates their globals, and every error its page."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        t=t, pick=pick, static_url=static_url, error_text=error_text, show_time=show_time, build_id=build_id, now=now,
    )  # fmt: skip

    @app.context_processor
    def globals_of_request() -> dict[str, Any]:
        return {"lang": language(), "html_lang": {"zh": "zh-CN", "en": "en"}[language()]}

    app.register_error_handler(Refused, refused)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, crashed)


def refused(problem: Refused) -> Response:
    """A rule said no: its sentence, in the shape that was asked for."""
    facts = {**problem.facts, **({"fields": problem.fields} if problem.fields else {})}
    return problem_answer(problem.status, problem.code, facts)


def http_error(problem: HTTPException) -> Response:
    """An error of HTTP itself."""
    if problem.response is not None:
        return make_response(problem.response)
    status = problem.code or 500
    answer = problem_answer(status, f"http_{status if status in KNOWN_ERRORS else 400 if status < 500 else 500}", {})
    for name, value in problem.get_headers():
        if name.lower() in ("allow", "retry-after"):
            answer.headers[name] = value
    return answer


def crashed(problem: Exception) -> Response:
    """A fault of ours: logged whole, told without its inside."""
    log.exception("request failed", exc_info=problem)
    return problem_answer(500, "http_500", {})


def problem_answer(status: int, code: str, facts: dict[str, Any]) -> Response:
    """JSON under /api, a fragment for htmx, else a page."""
    text = error_text(code, {k: v for k, v in facts.items() if k != "fields"})
    if request.path.startswith("/api/"):
        body = orjson.dumps({"error": {"code": code, "message": text, "facts": facts}}, default=str)
        return Response(body, status, mimetype="application/json")
    template = "errors/_fragment.html" if is_fragment() else "errors/page.html"
    response = make_response(
        render_template(template, status=status, code=code, text=text, facts=facts, request_id=g.get("request_id")),
        status,
    )
    response.headers["Cache-Control"] = "no-store"
    return response
