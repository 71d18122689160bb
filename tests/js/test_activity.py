"""What counts as using a shared device, and what of it outlives a reload (P6)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.js.device import Device

WATCH = """globalThis.activity = await import("/static/test/js/floor/activity.js");
  const real = Date.now;
  globalThis.late = 0;
  Date.now = () => real() + globalThis.late;
  activity.watchActivity();"""
MINUTE = 60_000


def watch(device: Device, page: Page | None = None) -> None:
    device.run(WATCH, page=page)


def is_idle(device: Device, late_ms: int, page: Page | None = None) -> bool:
    return bool(device.run("globalThis.late = arg; return activity.isIdle()", late_ms, page))


@pytest.fixture
def used(device: Device) -> Device:
    """A page somebody has just opened."""
    watch(device)
    return device


def test_two_minutes_without_a_touch_are_idle(used: Device) -> None:
    """A clock that is set back counts as long: nobody knows how long it was."""
    assert not is_idle(used, 2 * MINUTE - 5_000)
    assert is_idle(used, 2 * MINUTE + 1)
    assert is_idle(used, -2 * MINUTE - 1_000)


@pytest.mark.parametrize("name", ["pointerdown", "keydown", "input", "scan"])
def test_a_scan_is_activity_like_a_touch(used: Device, name: str) -> None:
    """By wedge or camera; heard also where the page stops the event."""
    used.run(
        """globalThis.late = 110_000;
           document.body.addEventListener(arg, (event) => event.stopPropagation());
           document.body.dispatchEvent(new Event(arg, {bubbles: true}));""",
        name,
    )
    assert not is_idle(used, 229_000)
    assert is_idle(used, 231_000)


def test_another_tab_is_the_same_device(used: Device) -> None:
    other = used.tab()
    watch(used, other)
    used.run("globalThis.late = 110_000; document.dispatchEvent(new Event('scan'))", page=other)
    assert not is_idle(used, 200_000)


def test_a_reload_is_a_return_and_a_new_tab_is_none(used: Device) -> None:
    """A relaunch has no tab to return to; nor does somebody who comes later."""
    here = "return (await import('/static/test/js/floor/activity.js')).wasHere()"
    used.page.reload()
    assert used.run(here)
    assert not used.run(here, page=used.tab())
    assert not used.run(f"const real = Date.now; Date.now = () => real() + 121_000; {here}")


def test_the_cameras_own_app_is_no_idleness(used: Device) -> None:
    """Whoever takes a photo touches nothing here meanwhile; given up, it is over, and it has an end."""
    choose = """document.body.innerHTML = '<input type="file">';
        const field = document.querySelector("input");
        field.addEventListener("click", (event) => event.preventDefault());
        field.click();"""
    used.run(choose)
    assert not is_idle(used, 9 * MINUTE)
    assert is_idle(used, 10 * MINUTE + 1)
    used.run("globalThis.late = 540_000; document.querySelector('input').dispatchEvent(new Event('change', {bubbles: true}))")
    assert not is_idle(used, 11 * MINUTE - 5_000), "the photo is there: that is activity"
    assert is_idle(used, 11 * MINUTE + 1_000)
    used.run(
        f"globalThis.late = 0; {choose} document.querySelector('input').dispatchEvent(new Event('cancel', {{bubbles: true}}))"
    )
    assert is_idle(used, 2 * MINUTE + 1)
