"""The language one's own pages open in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.lib.errors import Forbidden
from app.lib.ids import Id, new_id
from app.people.models import Person
from app.people.operations import change_language
from tests.conftest import Cast
from tests.people.conftest import refuses
from tests.wire import WireDevice


def test_it_works_and_reaches_every_replica(
    cast: Cast, verify_operation: Callable[..., Any], device: Callable[[str], WireDevice]
) -> None:
    """One's own device knows it, nobody else's."""
    verify_operation(lambda: change_language(cast.stagehand, lang="en"))
    assert device("stagehand").get("me", cast.stagehand)["lang"] == "en"


def test_one_changes_only_ones_own(cast: Cast, not_from_a_device: Callable[..., None]) -> None:
    """An outsider has none; a device has its own switch."""
    with pytest.raises(Forbidden):
        change_language(new_id(), lang="en")
    not_from_a_device(change_language, by="stagehand", lang="en")


def test_only_two_languages(cast: Cast) -> None:
    """Wrong input."""
    for lang in ("fr", "", "zh-CN", "../zh"):
        refuses("malformed", lambda lang=lang: change_language(cast.stagehand, lang=lang), "lang")


def test_said_twice_it_is_changed_once(cast: Cast, person: Callable[[Id], Person]) -> None:
    """GEN-4: a late copy does not undo the next choice."""
    said = new_id()
    change_language(cast.stagehand, lang="en", operation_id=said)
    change_language(cast.stagehand, lang="zh")
    change_language(cast.stagehand, lang="en", operation_id=said)
    assert person(cast.stagehand).lang == "zh"


def test_a_new_browser_opens_in_it(as_: Callable[[str], FlaskClient], cast: Cast) -> None:
    """GEN-8: where no choice was made the person's language is taken; a choice of the browser wins."""
    change_language(cast.stagehand, lang="en")
    assert "My account" in as_("stagehand").get("/account").text
    browser = as_("stagehand")
    browser.post("/language", data={"lang": "zh", "next": "/account"})
    assert "我的账号" in browser.get("/account").text
