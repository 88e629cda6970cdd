from __future__ import annotations

import re

import pytest

from rag.ingest.raised import Raised, write_lowered


@pytest.mark.parametrize(
    ("before", "raised", "written"),
    [
        ("10", "6", "⁶"),
        ("3 × 10", "−3", "⁻³"),
        ("2", "10", "¹⁰"),
        ("1024", "2", "²"),
        ("2.5", "2", "²"),
        ("40 m", "2", "²"),
        ("9 square feet, or 9 feet", "2", "²"),
        ("mc", "2", "²"),
        ("(a + b)", "2", "²"),
        ("Ca", "2+", "²⁺"),
        ("x", "n+1", "ⁿ⁺¹"),
        ("x", "n/2", "^(n/2)"),
        ("10", "4.5", "^(4.5)"),
        ("", "14", "¹⁴"),
        ("isotope ", "235", "²³⁵"),
        ("$19", "99", "⁹⁹"),
    ],
)
def test_a_power_is_written_as_one(before: str, raised: str, written: str) -> None:
    assert Raised().write(before, raised) == written


@pytest.mark.parametrize(
    ("before", "raised"),
    [
        ("1,200", "1"),
        ("in 2019", "1"),
        ("30%", "4"),
        ("of cars", "3"),
        ("of cars", "2, 3"),
        ("of cars", "(2)"),
        ("of cars", "a"),
        ("it fell.", "12"),
        ("500 km", "1"),
        ("1,200", "*"),
        ("1,200", "†"),
        ("1,200", "[7]"),
        ("the claim", "[citation needed]"),
    ],
)
def test_the_mark_of_a_note_is_dropped(before: str, raised: str) -> None:
    assert Raised().write(before, raised) == ""


@pytest.mark.parametrize("before", ["10", "1,200", "m", "cars"])
def test_a_link_is_the_mark_of_a_note(before: str) -> None:
    assert Raised().write(before, "2", is_link=True) == ""


def test_behind_a_long_number_the_next_note_is_one_and_another_number_a_power() -> None:
    raised = Raised()
    assert [raised.write("1,200", mark) for mark in ("2", "1", "2", "4")] == ["²", "", "", "⁴"]


@pytest.mark.parametrize(
    ("before", "raised", "written"),
    [
        ("4", "th", "th"),
        ("M", "me", "me"),
        ("1", "er", "er"),
        ("Example", "TM", "™"),
        ("Example", "®", "®"),
        ("Example", "New", " New"),
        ("30", "°", "°"),
    ],
)
def test_endings_and_signs_stand_in_the_line(before: str, raised: str, written: str) -> None:
    assert Raised().write(before, raised) == written


def test_a_fraction_stays_one() -> None:
    assert Raised().write("2", "1", "⁄2 miles") == "¹"
    assert write_lowered("2¹⁄", "2", " miles") == "₂"


@pytest.mark.parametrize("before", ["7", "10", "12", "99", "2019", "1,200", "0.5", "-3"])
@pytest.mark.parametrize("raised", ["1", "2", "10", "99", "-1", "2,3", "(4)", "1.5", "a", "0 1"])
@pytest.mark.parametrize("after", ["", "0", "/2"])
def test_no_other_number_is_ever_made(before: str, raised: str, after: str) -> None:
    for written in (Raised().write(before, raised, after), write_lowered(before, raised, after)):
        if written or not after.isdigit():  # else there was nothing to write
            (number, *_) = re.findall(r"-?[0-9][0-9.,]*", f"{before}{written}{after}")
            assert number == before


@pytest.mark.timeout(10)
def test_an_endless_word_before_it_takes_no_time() -> None:
    assert Raised().write("a" * 1_000_000 + ")", "2") == "²"
