"""The browser that tests drive is there, or one sentence says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import browser


def test_there_is_a_browser() -> None:
    """Without one `make test` fails, and this failure says what to do."""
    try:
        browser.find_chromium()
    except browser.NoBrowser as problem:
        pytest.fail(str(problem), pytrace=False)


def test_a_browser_that_is_named_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """CHROMIUM=/path wins over what is installed; an empty one, as make hands it on, is none."""
    named = tmp_path / "chromium"
    named.touch(mode=0o755)
    monkeypatch.setenv("CHROMIUM", str(named))
    assert browser.find_chromium() == named
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "gone"))
    with pytest.raises(browser.NoBrowser, match="gone"):
        browser.find_chromium()
    monkeypatch.setenv("CHROMIUM", "")
    monkeypatch.setattr(browser.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert browser.find_chromium() == Path("/usr/bin/chromium")


def test_where_nothing_can_be_installed_a_sentence_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not Debian, no browser: nothing is tried, the exit status is 1."""
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(browser.shutil, "which", lambda _: None)
    monkeypatch.setattr(browser, "is_debian", lambda: False)
    assert browser.main() == 1
    assert capsys.readouterr().err.strip() == browser.MISSING
