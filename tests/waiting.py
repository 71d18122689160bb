"""Waiting for a page of ours: Playwright's own way looks again from inside, by `eval`, which our pages forbid (CSP)."""

from __future__ import annotations

import time
from typing import Any

from playwright.sync_api import Locator, Page


def wait_on(page: Page, script: str, arg: Any = None, timeout_s: float = 20) -> None:
    """Ask the page again until the expression, or the function of `arg`, is true; an error says what was not."""
    end = time.monotonic() + timeout_s
    while not page.evaluate(script, arg):
        if time.monotonic() > end:
            raise AssertionError(f"never: {script}")
        page.wait_for_timeout(25)


def wait_for_picture(image: Locator, wider_than: int = 0) -> None:
    """The `img` shows something wider than so many pixels of its own."""
    image.wait_for()
    wait_on(image.page, "([image, width]) => image.naturalWidth > width", [image.element_handle(), wider_than])
