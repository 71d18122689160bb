"""The engine alone: a Flask app with nothing but sync and a toy feature."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_login import LoginManager
from sqlalchemy import insert

from app.lib import db, pages, security
from app.lib.db import Model
from app.lib.ids import new_id
from app.sync import operations as _admit  # noqa: F401  (registers sync.admit_operation)
from app.sync import views
from app.sync.blobs import BlobStore
from app.sync.engine import Engine
from app.sync.models import Meta
from tests.sync.toy import ToyDevice, ToyHooks, ToyModel


@pytest.fixture
def hooks() -> ToyHooks:
    return ToyHooks()


@pytest.fixture
def toy(tmp_path: Path, hooks: ToyHooks) -> Any:
    """The app, inside its context."""
    app = Flask(__name__)
    app.config.update(DATABASE_URL=f"sqlite:///{tmp_path}/toy.db", SECRET_KEY="toy", TESTING=True)
    db.init_app(app)
    security.init_app(app)
    pages.init_app(app)
    LoginManager(app).user_loader(lambda _: None)
    views.init_engine(app, Engine(app.extensions["offstage-writer"], hooks), BlobStore(tmp_path / "blobs"))
    app.register_blueprint(views.bp)
    writer = app.extensions["offstage-writer"]
    for base in (Model, ToyModel):
        base.metadata.create_all(writer.engine)
    with writer.session() as session:
        session.execute(insert(Meta).values(key="epoch", value=str(new_id())))
    with app.app_context():
        yield app


@pytest.fixture
def actor(hooks: ToyHooks) -> Any:
    person = new_id()
    hooks.rights |= {(person, "toy"), (person, "toy.decide")}
    return person


@pytest.fixture
def device(toy: Flask, hooks: ToyHooks, actor: Any) -> ToyDevice:
    return ToyDevice(toy, hooks, actor)


@pytest.fixture
def other(toy: Flask, hooks: ToyHooks, actor: Any) -> ToyDevice:
    return ToyDevice(toy, hooks, actor)
