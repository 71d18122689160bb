"""What a new password may be, and one that is told once."""

from __future__ import annotations

import pytest

from app.people.passwords import COMMON, fault_of, one_time

ABOUT = ("stagehand", "keeper7", "王磊", "13800000004", "")


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", "password_short"),
        ("seven77", "password_short"),
        ("x" * 200 + "yz", "password_long"),
        ("password", "password_common"),
        ("PassWord", "password_common"),
        ("1qaz2wsx", "password_common"),
        ("19900101", "password_common"),
        ("13912345678", "password_common"),
        ("woaini1314", "password_common"),
        ("a123456789", "password_common"),
        ("Offstage2026!", "password_common"),
        ("abababababab", "password_common"),
        ("Stagehand1", "password_personal"),
        ("2026-stagehand", "password_personal"),
        ("keeper2-2026", "password_personal"),
        ("王磊20260101", "password_personal"),
        ("correct horse battery", None),
        ("幕后的灯一直亮着", None),
        ("stagehand likes tea", None),
        ("k3-mmyz-9p", None),
    ],
)
def test_common_and_personal_ones_are_refused(typed: str, fault: str | None) -> None:
    """ASVS 5.0, 6.2: at least 8 and up to 200 characters of any kind, none that is guessed first."""
    assert fault_of(typed, ABOUT) == fault


def test_the_list_is_the_three_thousand_that_count() -> None:
    """ASVS 5.0, 6.2.4: the most frequent ones that this house's length would let through, compared in lower case."""
    words = [line for line in COMMON.read_text("utf-8").splitlines() if not line.startswith("# ")]
    assert len(words) == len(set(words)) == 3000
    assert all(len(word) >= 8 and word == word.casefold() for word in words)
    assert {fault_of(word) for word in words} == {"password_common"}


def test_one_time_passwords_pass_and_differ() -> None:
    """Told by voice or paper: no letter that is read as another, and never the same twice."""
    told = {one_time() for _ in range(200)}
    assert len(told) == 200 and {fault_of(word, ABOUT) for word in told} == {None}
    assert not set("".join(told)) & set("il1o0IO")
