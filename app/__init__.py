"""Offstage 幕后: the offline-first tool of the crew behind a live-commerce show.

`create_app` puts the house together: settings, database, engine, then the features in `FEATURES`, each a package with the
same files (see CONTRIBUTING). Imports point one way: features → primitives → devices → people → sync → lib.
"""

from __future__ import annotations

import importlib
import os
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.lib import db, logs, pages, security

FEATURES = (
    "sync",
    "shell",
    "people",
    "devices",
    "cases",
    "checklists",
    "handbook",
    "shows",
    "ledger",
    "stock",
    "starter",
    "overview",
    "phones",
    "demo",
)
PARTS = ("models", "records", "steps", "operations", "views")


def create_app(settings: dict[str, Any] | None = None) -> Flask:
    """The app. `settings` go before the environment (`DATA_DIR`, `DATABASE_URL`, `DEMO`, `PROXIES`: how many stand before it)."""
    app = Flask(__name__, static_folder=None, template_folder=str(Path(__file__).parents[1] / "templates"))
    app.config.from_mapping(_defaults())
    app.config.update(settings or {})
    data_dir = Path(app.config["DATA_DIR"])
    data_dir.mkdir(parents=True, exist_ok=True)
    app.config.setdefault("DATABASE_URL", f"sqlite:///{data_dir.resolve()}/offstage.db")
    app.config["SECRET_KEY"] = app.config.get("SECRET_KEY") or read_secret(data_dir)
    if app.config["PROXIES"]:  # said only where they are: whoever else sends these headers would choose their own address
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=app.config["PROXIES"], x_proto=app.config["PROXIES"])  # type: ignore[method-assign]  # as Flask has it done
    db.init_app(app)
    logs.init_app(app)
    security.init_app(app)
    pages.init_app(app)
    _start_engine(app, data_dir)
    for feature in FEATURES:
        _add(app, feature)
    return app


def _defaults() -> dict[str, Any]:
    """Settings from the environment; lengths in seconds."""
    root = Path(__file__).parents[1]
    said = {
        "DATA_DIR": os.environ.get("DATA_DIR", str(root / "instance")),
        "DEMO": os.environ.get("DEMO", "1") != "0",
        "PROXIES": int(os.environ.get("PROXIES") or 0),
        "SESSION_COOKIE_NAME": "offstage-session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": 12 * 3600,
        "MAX_CONTENT_LENGTH": 4 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 3 * 1024 * 1024,
    }
    if os.environ.get("DATABASE_URL"):
        said["DATABASE_URL"] = os.environ["DATABASE_URL"]
    return said


def read_secret(data_dir: Path) -> bytes:
    """The installation's key (sessions, grants), made at the first start; part of every backup."""
    path = data_dir / "secret"
    if not path.exists():
        beside = path.with_suffix(".new")
        beside.touch(mode=0o600)
        beside.write_bytes(os.urandom(32))
        beside.replace(path)
    return path.read_bytes()


def _start_engine(app: Flask, data_dir: Path) -> None:
    from app.sync.blobs import BlobStore
    from app.sync.engine import Engine
    from app.sync.views import init_engine
    from app.wiring import Answers

    init_engine(app, Engine(app.extensions["offstage-writer"], Answers()), BlobStore(data_dir / "blobs"))


def _add(app: Flask, feature: str) -> None:
    """Import a feature's parts in their fixed order and mount its pages."""
    for part in PARTS:
        name = f"app.{feature}.{part}"
        if find_spec(f"app.{feature}") is None or find_spec(name) is None:
            continue
        module: ModuleType = importlib.import_module(name)
        if part == "views":
            app.register_blueprint(module.bp)
            if hasattr(module, "init_app"):
                module.init_app(app)
