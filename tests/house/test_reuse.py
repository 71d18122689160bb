"""Tests share one app a process: between them it is given new memory, and nothing it holds is left out by mistake."""

from __future__ import annotations

from flask import Flask

from tests.conftest import forget

# What knows nothing of what was asked: the pools are emptied and the folder is laid out anew.
WITHOUT_MEMORY = {"sqlalchemy", "migrate", "offstage-writer"}


def test_each_thing_the_app_holds_is_new_for_a_test(app: Flask) -> None:
    """Whoever hangs something else on the app says here, or in `forget`, what becomes of it between two tests."""
    before = dict(app.extensions)
    forget(app)
    assert {name for name, held in app.extensions.items() if held is before[name]} == WITHOUT_MEMORY
