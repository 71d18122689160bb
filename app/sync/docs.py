"""The API's own description, made from the schemas that judge its input: it cannot lag behind."""

from __future__ import annotations

import inspect
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask

from app.lib.words import t
from app.sync.registry import Operation, operations

STATUSES = ("applied", "noted", "held", "parked", "rejected")
ERROR = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "facts": {"type": "object"},
            },
        }
    },
}
TIME = {"type": "integer", "description": "milliseconds since 1970 UTC"}
ID = {"type": "string", "format": "uuid"}


def openapi(app: Flask) -> dict[str, Any]:
    """OpenAPI 3.1 of every `/api` route, with one schema for each operation's data."""
    spec = APISpec(
        title="Offstage",
        version="1",
        openapi_version="3.1.0",
        plugins=[MarshmallowPlugin(schema_name_resolver=lambda schema: "")],
    )
    for operation in listed():
        spec.components.schema(operation.type, schema=operation.schema)
    spec.components.schema("error", ERROR)
    spec.components.schema("operation", _operation_schema())
    spec.components.schema("verdict", _verdict_schema())
    for rule in sorted(app.url_map.iter_rules(), key=lambda r: r.rule):
        if not rule.rule.startswith("/api/") or rule.rule in ("/api/docs", "/api/openapi.json"):
            continue
        view = app.view_functions[rule.endpoint]
        verbs = {verb.lower(): _call(view) for verb in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"} or {"HEAD"})}
        spec.path(path=_path(rule.rule), operations=verbs)
    described: dict[str, Any] = spec.to_dict()
    return described


def _path(rule: str) -> str:
    """A route in OpenAPI's spelling."""
    parts = [f"{{{part.split(':')[-1].rstrip('>')}}}" if part.startswith("<") else part for part in rule.split("/")]
    return "/".join(parts)


def _call(view: Any) -> dict[str, Any]:
    return {
        "summary": inspect.getdoc(view) or "",
        "responses": {"200": {"description": "done"}, "default": {"description": "nothing changed", "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/error"}}}}},
    }  # fmt: skip


def _operation_schema() -> dict[str, Any]:
    """One operation of a push."""
    return {
        "type": "object",
        "required": ["id", "seq", "type", "v", "actor", "grant", "at", "offset", "seen", "basis", "data"],
        "properties": {
            "id": ID, "seq": {"type": "integer", "minimum": 1}, "type": {"type": "string", "enum": [o.type for o in listed()]},
            "v": {"type": "integer"}, "actor": ID, "grant": {"type": "string"}, "at": TIME,
            "offset": {"type": "integer", "description": "server clock minus device clock, ms"}, "seen": TIME,
            "basis": {"type": "array", "items": {"type": "string"}}, "data": {"type": "object"},
            "blobs": {"type": "array", "items": {"type": "string", "description": "sha256"}},
        },
    }  # fmt: skip


def _verdict_schema() -> dict[str, Any]:
    """The server's word on one operation."""
    return {
        "type": "object",
        "properties": {
            "id": ID, "n": {"type": "integer"}, "status": {"type": "string", "enum": list(STATUSES)},
            "code": {"type": ["string", "null"]}, "facts": {"type": "object"},
            "revs": {"type": "object", "additionalProperties": {"type": "integer"}},
            "exception": ID, "replayed": {"type": "boolean"},
        },
    }  # fmt: skip


def listed() -> list[Operation]:
    """Every operation of the product by name."""
    return [operations[name] for name in sorted(operations)]


def rows() -> list[dict[str, Any]]:
    """What the page shows of each operation."""
    return [
        {
            "type": op.type,
            "version": op.version,
            "kind": t("office.api.fact") if op.fact else t("office.api.decision"),
            "right": op.right or t("office.api.everyone"),
            "fields": [(name, _field(field), field.required) for name, field in op.loader.fields.items()],
            "says": (inspect.getdoc(op.handler) or "").split("\n")[0],
        }
        for op in listed()
    ]


def _field(field: Any) -> str:
    return type(field).__name__.lower()
