"""Raised and lowered characters, written so that no figure becomes another one.

Plain text has no small figures above the line: ``10<sup>6</sup>`` would become 106, and the mark of
a note behind 1,200 would make it 12,001.
"""

from __future__ import annotations

import re

_SUPERSCRIPT = str.maketrans(
    "0123456789+-−–=()abcdefghijklmnoprstuvwxyz",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ",
)
_SUBSCRIPT = str.maketrans("0123456789+-−–=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎")
_POWER = re.compile(r"(?:[\d+\-−–=()]|(?<![a-z])[a-pr-z](?![a-z]))+")
_INDEX = re.compile(r"[\d+\-−–=()]+")

_SIGNS = {"tm": "™", "(tm)": "™", "sm": "℠", "(r)": "®"}
_SYMBOLS = re.compile(r"[*†‡§¶‖#]+|\[[^\]]{1,40}\]")  # never anything but the mark of a note
_NUMBERS = re.compile(r"\(?(\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)\)?[,;]?")
_ENDING = re.compile(r"[a-zà-ÿ]{2,4}")  # of 4th, 1er, Mme
_WORD = re.compile(r"[^\W\d_]+$")
_PHRASE = re.compile(r"(?:[^\W\d_]{2}[a-z]|[.,;:!?”\"])$")
_MEASURE = re.compile(
    r"[kcdmµμn]?m|ft|feet|foot|in|inch(?:es)?|yd|yards?|mi|miles?|secs?|seconds?|"
    r"(?:kilo|centi|milli)?met(?:er|re)s?|sin|cos|tan|log",
    re.IGNORECASE,
)
_LONG_NUMBER = re.compile(r"(?:\d[,.\u00a0\u202f]\d{3}|(?<![\d.,])(?:1[5-9]|20)\d\d)$")
_SHORT_NUMBER = re.compile(r"(?<![\d.,])\d{1,2}$")
_NEAR = 40  # characters before that are looked at


class Raised:
    """Writes the raised characters of one article, in reading order.

    Marks of notes are dropped, exponents become ``⁶``, and endings such as the th of 4th are set in
    the line. Raised figures behind a word or a mark of punctuation are a note. Behind a number they
    are one where a power would say nothing (1), or where the number has thousands or is a year,
    and they go on from the last note; else they stay raised, as the reader of the page sees them.

    >>> raised = Raised()
    >>> [raised.write(*text) for text in [("10", "6"), ("km", "2"), ("1,200", "1"), ("4", "th")]]
    ['⁶', '²', '', 'th']
    """

    def __init__(self) -> None:
        self._last_note = 0

    def write(self, before: str, raised: str, after: str = "", *, is_link: bool = False) -> str:
        """Return what stands for the raised text between the text before and after it.

        ``is_link`` says that it leads to a note, or is known to be one otherwise.
        """
        before, raised = before[-_NEAR:], " ".join(raised.split())
        numbers = re.findall(r"(?<!\d)\d{1,3}(?!\d)", raised)
        is_note = is_link and not _ENDING.fullmatch(raised) or bool(_SYMBOLS.fullmatch(raised))
        if _NUMBERS.fullmatch(raised) and not after.startswith(("/", "⁄")):
            is_note = is_note or self._is_note(before, numbers)
        if is_note:
            self._last_note = max([self._last_note, *map(int, numbers)])
            return " " if before[-1:].isdigit() and after[:1].isdigit() else ""
        return _write(before, raised)

    def _is_note(self, before: str, numbers: list[str]) -> bool:
        if not before or before[-1].isspace():
            return False  # as in ¹⁴C
        if numbers == ["1"]:
            return True
        if len(numbers) > 1:
            return _SHORT_NUMBER.search(before) is None
        if word := _WORD.search(before):
            is_measure = _MEASURE.fullmatch(word[0]) and numbers[0] in ("2", "3")
            return len(word[0]) > 2 and not is_measure
        if before[-1].isdigit():
            goes_on = int(numbers[0]) <= self._last_note + 1
            return goes_on and _LONG_NUMBER.search(before) is not None
        return before[-1] not in ")]}|"


def _write(before: str, raised: str) -> str:
    is_behind_word = before[-1:].isalnum()
    if is_behind_word and raised.lower() in _SIGNS:
        return _SIGNS[raised.lower()]
    if is_behind_word and _ENDING.fullmatch(raised):
        return raised
    if len(raised) == 1 and raised.isalpha() and _PHRASE.search(before):
        return ""  # a note called a or b
    if len(raised) > 1 and raised.replace(" ", "").isalpha():
        return f" {raised}"
    return write_superscript(raised) if raised else ""


def write_superscript(text: str) -> str:
    """Return the text raised, with a caret where Unicode has no such characters.

    >>> [write_superscript(text) for text in ("-3", "n/2", "max")]
    ['⁻³', '^(n/2)', '^max']
    """
    return text.translate(_SUPERSCRIPT) if _POWER.fullmatch(text) else _marked("^", text)


def write_lowered(before: str, lowered: str, after: str = "") -> str:
    """Return what stands for lowered text: in the line as in CO2, but ₂ beside other figures.

    >>> write_lowered("CO", "2"), write_lowered("log", "10", "100"), write_lowered("101", "2")
    ('2', '₁₀', '₂')
    """
    lowered = " ".join(lowered.split())
    is_beside_figures = before[-1:].isdigit() or after[:1].isdigit() or before.endswith(("/", "⁄"))
    return write_subscript(lowered) if lowered and is_beside_figures else lowered


def write_subscript(text: str) -> str:
    """Return the text lowered, with an underscore where Unicode has no such characters."""
    return text.translate(_SUBSCRIPT) if _INDEX.fullmatch(text) else _marked("_", text)


def _marked(mark: str, text: str) -> str:
    if not any(map(str.isalnum, text)):  # ° and ′ are raised already
        return text
    return f"{mark}{text}" if text.isalnum() else f"{mark}({text})"
