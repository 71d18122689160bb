"""Times are shown in the site's zone, whatever the server's or the reader's clock says (GEN-8)."""

from __future__ import annotations

import pytest
from flask import Flask, g

from app.lib.pages import show_time

NEW_YEAR = 1798732800000  # 2027-01-01 00:00 in Shanghai, still 2026 in London


@pytest.mark.parametrize(("zone", "shown"), [("Asia/Shanghai", "2027-01-01 00:00"), ("Europe/London", "2026-12-31 16:00")])
def test_a_moment_is_shown_in_site_time(app: Flask, zone: str, shown: str) -> None:
    """GEN-8: one moment, two sites, two dates."""
    with app.test_request_context():
        g.time_zone = zone
        assert show_time(NEW_YEAR, "yyyy-MM-dd HH:mm") == shown
