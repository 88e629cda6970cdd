"""Text → the numbers in it with their units, however they are written."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import takewhile

from rag.generate.entities.bounds import Bound, read_bound
from rag.generate.entities.numerals import (
    AND_PART,
    ORDINALS,
    PART,
    SCALE,
    SCALES,
    SHARE,
    TENS,
    VAGUE_WORDS,
    VULGAR,
    WORDS,
    read_part,
    read_vague,
    read_words,
)
from rag.generate.entities.units import MONEY, MONEY_BEFORE, UNIT, is_same_unit, read_unit

N_TO_ROUND = 10  # steps that a rounded number has at least: it is 5 % off at most, 10 for 9.5
STEP_OF_SHARE = 1  # per cent: "a third" is said of 33 % and of 33.4 %

# Behind a letter and a hyphen stands part of a name, as in "COVID-19", but not behind these.
_PREFIXES = "mid pre post late early sub non top under over about around nearly almost circa"
_NO_NAME = "|".join([r"(?<![A-Z]-)", *(rf"(?<=\b{prefix}-)" for prefix in _PREFIXES.split())])
_GROUPED = r"(?:\d{1,3}(?:[,\u00a0\u202f]\d{3})+|\d{1,2}(?:,\d\d){1,4},\d{3})(?!\d)"  # 1,50,000
_UNIT_WORD = rf"(?=[a-z]{{3}}){UNIT}"
# The first kind that matches at a place is taken, so what says more stands first.
_KINDS = {
    "clock": r"\b\d{1,2}:\d\d(?:\s?[ap]\.?m\b\.?)?|\b\d{1,2}(?:\.\d\d)?\s?[ap]\.?m\b\.?",
    "decade": r"\b\d{3}0['’]?s\b",
    "and_half": rf"\b(?:an?|one)\s{_UNIT_WORD}\sand\sa\shalf\b",
    "part": rf"""{PART}(?:[\s-]of[\s-]an?|(?<=half)[\s-]an?|(?<=half)|(?<=quarter))[\s-]
        (?:{SCALE}\b|{_UNIT_WORD})""",
    "share": SHARE,
    "nth": rf"\b\d+(?:st|nd|rd|th)\b|\b(?:(?:{'|'.join(TENS)})-)?(?:{'|'.join(ORDINALS)})\b",
    "vague": VAGUE_WORDS,
    "digits": rf"""(?:(?P<money>{MONEY_BEFORE})\s?|(?:{_NO_NAME})(?<![\w.]))
        (?P<figures>(?:(?<![\w)])[-−](?=\d))?(?:(?:{_GROUPED}|\d+)(?:\.\d+)?|(?=[{VULGAR}])))
        (?P<fraction>{AND_PART})?
        (?:[\s-]?(?P<scale>(?:{SCALE}|lacs?|bn|mn|mln|tn|k)(?:[\s-]{SCALE})*)\b
          |\s?(?P<letter>[mbt])\b)?""",
    "words": rf"{WORDS}(?:{AND_PART}(?:[\s-]{SCALE}\b)?)?",
}
_FLAGS = re.VERBOSE | re.IGNORECASE
_AND_PART = re.compile(AND_PART, _FLAGS)
_WHOLE = re.compile(rf"\b(?:{SCALE}|{_UNIT_WORD})$", _FLAGS)
_UNIT_AFTER = re.compile(rf"\+?[\s-]{{0,3}}({UNIT})", _FLAGS)
_COUNTED = re.compile(  # behind "5m", which are no metres then
    rf"""\s+(?:{UNIT}|(?:[a-z]+\s)?(?:people|persons|men|women|children|adults|users|customers
    |subscribers|followers|viewers|readers|voters|votes|passengers|visitors|tourists|residents
    |inhabitants|citizens|migrants|refugees|workers|employees|farmers|students|pupils|jobs|homes
    |households|vehicles|cars|bikes|phones|devices|units|copies|items|barrels|downloads|views
    |parameters)\b)""",
    _FLAGS,
)
_LETTERS = str.maketrans("İıſK", "IisK")  # which `re.IGNORECASE` takes for the same
_RANGE = re.compile(r"\s*(?:–|-|to|and|or)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and its unit; ``text[start:end]`` is how they are written.

    ``unit`` is one that `read_unit` gives, ``th`` for an ordinal, ``time`` for a time of day in
    minutes, ``decade of years``, or empty. ``bound`` is ``>`` for "more than", ``<`` for "fewer
    than", ``~`` for "about" and the ends of a range. ``most`` is above ``value`` where it is vague.
    ``step`` is what the last digit written counts: 0.1 million of 1.2 million; 0 for what is exact.
    """

    value: float
    unit: str
    bound: Bound
    start: int
    end: int
    most: float | None = None
    step: float = 0.0

    def is_said_by(self, other: Quantity) -> bool:
        """Return whether the other says this number, with this unit and not the opposite bound.

        This one may be the other one rounded, to no fewer than two digits.

        >>> [first], [second] = read_quantities("30%"), read_quantities("thirty percent")
        >>> first.is_said_by(second)
        True
        """
        if self.most is not None:
            return self.value <= other.value <= self.most or self.most == other.most
        may_be_round = abs(self.value) >= N_TO_ROUND * self.step
        same = math.isclose(self.value, other.value, rel_tol=1e-9) or (
            may_be_round and abs(self.value - other.value) <= self.step / 2
        )
        return (
            same
            and other.most is None
            and is_same_unit(self.unit, other.unit)
            and {self.bound, other.bound} != {">", "<"}
        )

    def contradicts(self, other: Quantity) -> bool:
        """Return whether both cannot be right: exact, of one unit, and not one the other rounded.

        >>> [first], [second] = read_quantities("1.2 million"), read_quantities("1.21 million")
        >>> first.contradicts(second)
        False
        """
        if self.bound or other.bound or self.most or other.most or self.unit != other.unit:
            return False
        apart = abs(self.value - other.value)
        return apart > 1e-9 * abs(self.value) and apart >= max(self.step, other.step) / 2


def read_quantities(text: str) -> list[Quantity]:
    """Return the quantities of a text in order; "one" alone counts nothing, nor does "second".

    >>> [(q.value, q.unit) for q in read_quantities("1.2 million cars, thirty percent, $5bn")]
    [(1200000.0, ''), (30.0, '%'), (5000000000.0, '$')]
    """
    text = text.translate(_LETTERS)
    quantities: list[Quantity] = []
    for found in _number().finditer(text):
        quantity = _read(text, found)
        if quantity is None:
            continue
        quantity = replace(quantity, bound=read_bound(text, quantity.start, quantity.end))
        if quantities:
            quantities[-1:] = _share(text, quantities[-1], quantity)
        else:
            quantities.append(quantity)
    return quantities


@cache
def _number() -> re.Pattern[str]:
    """Return what matches any number; to compile it takes 10 ms, which most questions save."""
    return re.compile("|".join(rf"(?P<{kind}>{said})" for kind, said in _KINDS.items()), _FLAGS)


def _share(text: str, first: Quantity, second: Quantity) -> Iterator[Quantity]:
    """Yield both; in a range the first has the unit and the scale of the second."""
    between = text[first.end : second.start]
    if not _RANGE.fullmatch(between) or first.most or second.most:
        yield from (first, second)
        return
    before = text[max(0, first.start - 8) : first.start].lower()
    is_dash = "-" in between.replace("–", "-")
    if before.endswith("between ") or ("and" not in between and not before.endswith("from ")):
        first = replace(first, bound=first.bound or "~")
        second = replace(second, bound=second.bound or "~")
    if first.unit in MONEY and second.unit == "m" and text[second.end - 1] in "mM":  # $3–5m
        second = replace(second, value=second.value * 10**6, unit="", step=second.step * 10**6)
    is_year = first.unit == "" and 1000 <= first.value <= 2100
    if is_year and second.value < 100 and not second.unit and is_dash:
        century = first.value - first.value % 100  # 2025–30
        yield from (first, replace(second, value=century + second.value))
        return
    words = re.findall(r"[a-z]+", text[second.start : second.end].lower())
    scale = math.prod(SCALES.get(word, 1) for word in words)
    is_bare = first.unit in ("", second.unit) or (first.unit in MONEY and not second.unit)
    if is_bare and first.value < 1000 and first.value <= second.value / scale:  # 3 to 4 million
        first = replace(first, value=first.value * scale, step=first.step * scale)
    yield replace(first, unit=first.unit or ("" if is_year else second.unit))
    yield replace(second, unit=first.unit) if first.unit in MONEY and not second.unit else second


def _read(text: str, found: re.Match[str]) -> Quantity | None:
    written = found[0].lower()
    bare = Quantity(0.0, "", "", found.start(), found.end())
    match found.lastgroup:
        case "clock":
            return replace(bare, value=_read_clock(written), unit="time")
        case "decade":
            return replace(bare, value=float(written[:4]), unit="decade of years")
        case "and_half":
            unit = read_unit(re.sub(r"^\w+\s|\sand\sa\shalf$", "", written))
            return replace(bare, value=1.5, unit=unit, step=0.5)
        case "part":
            return _read_part(text, written, bare)
        case "share":
            return replace(bare, value=100 * read_part(written), unit="%", step=STEP_OF_SHARE)
        case "nth":
            is_time = written == "second"
            return None if is_time else replace(bare, value=_read_nth(written), unit="th")
        case "vague":
            least, most = read_vague(written)
            return replace(bare, value=least, most=most)
        case "digits":
            return _read_digits(text, found, bare)
    return _read_words(text, written, bare)


def _read_clock(written: str) -> float:
    hours, _, minutes = re.sub(r"[^\d:.]|\.(?!\d)", "", written).replace(".", ":").partition(":")
    if "m" in written:  # 12 am is midnight, 12 pm noon
        return 60.0 * (int(hours) % 12 + 12 * ("p" in written)) + int(minutes or 0)
    return 60.0 * int(hours) + int(minutes or 0)


def _read_nth(written: str) -> float:
    if written[0].isdigit():
        return float(re.sub(r"\D", "", written))
    *tens, last = written.split("-")
    return float(sum(TENS[word] for word in tens) + ORDINALS[last])


def _read_part(text: str, written: str, bare: Quantity) -> Quantity:
    """Return what "half a million" or "half an hour" says."""
    *_, whole = _WHOLE.finditer(written)
    part = read_part(written[: whole.start()])
    scale = SCALES.get(whole[0])
    if scale is None:
        return replace(bare, value=part, unit=read_unit(whole[0]))
    return _add_unit(text, replace(bare, value=part * scale, step=scale / 10))


def _read_words(text: str, written: str, bare: Quantity) -> Quantity | None:
    fraction = _AND_PART.search(written)
    number, scales = written, ""
    if fraction:
        number, scales = written[: fraction.start()], written[fraction.end() :]
    words = re.split(r"[\s-]", number)
    value = read_words(number)
    step = math.prod(SCALES[word] for word in takewhile(SCALES.get, reversed(words)))
    if fraction:  # of a million in "a million and a half"
        value, step = value + read_part(fraction[0]) * SCALES.get(words[-1], 1), step / 2
    scale = SCALES[scales[1:]] if scales else 1
    quantity = _add_unit(text, replace(bare, value=value * scale, step=step * scale))
    return None if value == 1 and not quantity.unit else quantity  # "one of them"


def _read_digits(text: str, found: re.Match[str], bare: Quantity) -> Quantity:
    figures = found["figures"]
    plain = re.sub(r"[^\d.]", "", figures)
    value, step = float(plain or 0), 10.0 ** -len(plain.partition(".")[2])
    if found["fraction"]:
        value, step = value + read_part(found["fraction"]), 0.5
    if figures[:1] in ("-", "−"):
        value = -value
    scale = math.prod(SCALES[word] for word in re.findall("[a-z]+", (found["scale"] or "").lower()))
    if letter := found["letter"]:
        end = max(found.end("figures"), found.end("fraction"))
        is_counted = letter in "mB" and _COUNTED.match(text, found.end())
        if found["money"] or is_counted or text[end] == "M":
            scale = SCALES[letter.lower()]
        else:  # a unit, or nothing
            bare = replace(bare, end=end)
    unit = read_unit(found["money"]) if found["money"] else ""
    return _add_unit(text, replace(bare, value=value * scale, unit=unit, step=step * scale))


def _add_unit(text: str, quantity: Quantity) -> Quantity:
    """Return the quantity with the unit that stands behind it, unless it has one."""
    after = _UNIT_AFTER.match(text, quantity.end)
    if quantity.unit or after is None or after[1] == "G":  # a 5G network
        return quantity
    return replace(quantity, unit=read_unit(after[1]), end=after.end())
