"""What a code means, by the cases that the device's JavaScript is held to as well, and by another library's reading."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from biip.gs1_messages import GS1Message
from biip.gtin import Gtin
from biip.upc import Upc
from hypothesis import assume, given
from hypothesis import strategies as st

from app.stock.codes import GS, check_digit_ok, expand_upc_e, normalise, read_code

CASES = json.loads((Path(__file__).parents[1] / "cases" / "codes.json").read_text("utf-8"))

digits = st.text("0123456789")
bodies = st.sampled_from([7, 11, 12, 13]).flatmap(lambda length: st.text("0123456789", min_size=length, max_size=length))
short_bodies = st.from_regex(r"[01][0-9]{6}", fullmatch=True)
lots = st.text("ABCXYZabcxyz0123456789-/", min_size=1, max_size=20)
dates = st.dates(date(2000, 1, 1), date(2049, 12, 31))


def with_check_digit(body: str) -> str:
    """The one of ten that is right."""
    (right,) = [body + last for last in "0123456789" if check_digit_ok(body + last)]
    return right


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES["cases"]])
def test_a_code_is_read_as_on_the_device(case: dict[str, Any]) -> None:
    """F6, T21, STK-10: prefixes, full-width digits, zeros in front, UPC-E, GS1 in all its forms, our own labels."""
    assert read_code(case["raw"]).as_dict() == {"raw": case["raw"], **case["expect"]}


def test_check_digits_and_short_codes_are_read_as_on_the_device() -> None:
    """STK-10: lengths, letters among digits, the four ways in which UPC-E leaves zeros out."""
    assert [check_digit_ok(case["code"]) for case in CASES["check_digits"]] == [case["expect"] for case in CASES["check_digits"]]
    assert [expand_upc_e(case["code"]) for case in CASES["upc_e"]] == [case["expect"] for case in CASES["upc_e"]]


@given(bodies)
def test_one_check_digit_of_ten_is_right(body: str) -> None:
    """STK-10: the one that biip finds as well."""
    right = with_check_digit(body)
    assert Gtin.parse(right).as_gtin_14() == right.zfill(14)


@given(bodies, st.data())
def test_one_wrong_digit_is_always_noticed(body: str, data: st.DataObject) -> None:
    """STK-10: whichever digit it is."""
    right = with_check_digit(body)
    at = data.draw(st.integers(0, len(right) - 1))
    other = data.draw(st.sampled_from("0123456789"))
    assume(other != right[at])
    assert not check_digit_ok(right[:at] + other + right[at + 1 :])


@given(bodies.filter(lambda body: len(body) != 7))
def test_zeros_in_front_make_no_other_product(body: str) -> None:
    """T21: UPC-A, EAN-13 and GTIN-14 of one number are found under one key, which is a GTIN's own 14 digits."""
    right = with_check_digit(body)
    spellings = {right.zfill(length) for length in (13, 14) if length >= len(right)} | {right}
    assert {read_code(one).key for one in spellings} == {Gtin.parse(right).as_gtin_14()}


@given(short_bodies)
def test_a_short_upc_is_the_long_one(body: str) -> None:
    """T21: as biip expands it; with a zero in front it is always read so."""
    (short,) = [body + last for last in "0123456789" if expand_upc_e(body + last)]
    long = expand_upc_e(short)
    assert long == Upc.parse(short).as_upc_a()
    if short[0] == "0" or not check_digit_ok(short):
        assert read_code(short).key == read_code(str(long)).key


@given(st.text(max_size=60) | st.text(f"01237]C(){GS} \u3000ＡＢab./:%", max_size=60))
def test_reading_never_throws_and_cleaning_again_changes_nothing(raw: str) -> None:
    """F6: what a scanner says about the symbology is a hint: with and without it a code has the same key."""
    clean = normalise(raw)
    assert normalise(clean) == clean
    assert read_code(clean).key == read_code(raw).key


@given(bodies, lots, lots, dates, st.integers(1, 99_999_999))
def test_element_strings_say_what_another_library_reads(body: str, lot: str, serial: str, day: Any, count: int) -> None:
    """T21: GS1 with FNC1, in brackets and as a link are one code; biip reads the same from it."""
    gtin = with_check_digit(body).zfill(14)
    plain = f"01{gtin}17{day:%y%m%d}10{lot}{GS}30{count}{GS}21{serial}"
    code = read_code(f"]C1{plain}")
    assert (code.kind, code.key, code.lot, code.serial, code.count) == ("gs1", gtin, lot, serial, count)
    assert code.expires_on == day.isoformat()
    theirs = GS1Message.parse(plain).element_strings
    assert theirs.get(ai="17").date == day  # type: ignore[union-attr]
    assert [theirs.get(ai=ai).value for ai in ("01", "10", "21", "30")] == [gtin, lot, serial, str(count)]  # type: ignore[union-attr]
    brackets = f"(01){gtin}(17){day:%y%m%d}(10){lot}(30){count}(21){serial}"
    link = f"https://example.cn/01/{gtin}/10/{lot.replace('/', '%2F')}/21/{serial.replace('/', '%2F')}?17={day:%y%m%d}&30={count}"
    for other in (brackets, link, plain):
        assert _parts(other) == _parts(plain)


def _parts(raw: str) -> dict[str, Any]:
    return {name: value for name, value in read_code(raw).as_dict().items() if name not in ("raw", "text")}
