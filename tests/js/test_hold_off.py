"""When a code that the camera sees is a scan: once while it is in view, and again when it was away (F5)."""

from __future__ import annotations

from typing import Any

from tests.js.device import Device

# Each picture: when it was taken (ms), and the code in it, or none.
SEE = """async (pictures) => {
  const {Camera} = await import("/static/test/js/stock/camera.js");
  const told = [];
  const camera = new Camera({dataset: {state: "on"}, found: ({raw}) => told.push(raw)});
  for (const [at, raw, format] of pictures) {
    camera.pictures++;
    if (raw) camera.see({raw, format: format ?? "ean_13"}, at);
  }
  return told;
}"""


def told(device: Device, *pictures: tuple[Any, ...]) -> list[str]:
    found: list[str] = device.page.evaluate(SEE, [list(one) for one in pictures])
    return found


def test_a_code_in_view_is_one_scan(device: Device) -> None:
    """F5: for a minute, also when a shaking hand loses it for a second now and then."""
    steady = [(at, "A") for at in range(0, 60_000, 100)]
    shaking = [(at, "A" if at % 1400 < 100 else None) for at in range(0, 60_000, 100)]
    assert told(device, *steady) == ["A"]
    assert told(device, *shaking) == ["A"]


def test_a_code_that_was_away_is_another_scan(device: Device) -> None:
    """F5: one and a half seconds; the next unit of the same goods has the same code."""
    gone = [(at, None) for at in range(100, 1600, 100)]
    assert told(device, (0, "A"), *gone, (1600, "A")) == ["A", "A"]


def test_a_slow_phone_does_not_count_twice(device: Device) -> None:
    """F5: two pictures without it are not enough, however long they took."""
    assert told(device, (0, "A"), (900, None), (1800, None), (2700, "A")) == ["A"]


def test_other_codes_are_not_held_up(device: Device) -> None:
    """F5: the hold-off is for the same code alone."""
    assert told(device, (0, "A"), (70, "B"), (140, "A"), (210, "C")) == ["A", "B", "C"]


def test_a_symbology_without_check_digit_is_read_twice(device: Device) -> None:
    """F7: half an ITF can pass for a whole one; the same twice running is believed."""
    assert told(device, (0, "1690", "itf"), (70, "16901234567899", "itf"), (140, "16901234567899", "itf")) == ["16901234567899"]
    assert told(device, (0, "EQ-7", "code_39")) == []
