"""Formulas, those of web pages (MathML) and those of Word, in one line: ``E=mc²``."""

from __future__ import annotations

import re
from typing import Any

from rag.ingest.raised import write_subscript, write_superscript

DEEPEST = 40  # elements within one another; what lies deeper is written one after the other
_FRACTION = re.compile(r"\d+/\d+")
_LEFT_OUT = ("annotation", "annotation-xml", "mphantom")


def _raise(text: str) -> str:
    return write_superscript(text) if text else ""


def _lower(text: str) -> str:
    return write_subscript(text) if text else ""


_PLACES = {  # of what follows the first part
    **dict.fromkeys(("msup", "sSup", "mover", "limUpp"), (_raise,)),
    **dict.fromkeys(("msub", "sSub", "munder", "limLow"), (_lower,)),
    **dict.fromkeys(("msubsup", "sSubSup", "munderover"), (_lower, _raise)),
}
_BELOW = ("msub", "sSub", "munder", "limLow", "munderover")
_ROOTS = ("mroot", "rad")
_ROWS = ("mtr", "mtable", "m", "mr", "eqArr")


def write_formula(element: Any, depth: int = 0) -> str:
    """Return a formula in one line, powers and fractions written as such.

    ``element`` is lxml's, of either kind: they call their parts otherwise, but order them alike.

    >>> from lxml.etree import fromstring
    >>> power = "<msup><mi>c</mi><mn>2</mn></msup>"
    >>> write_formula(fromstring(f"<math><mi>E</mi><mo>=</mo><mi>m</mi>{power}</math>"))
    'E=mc²'
    """
    name = _name(element)
    if name in _LEFT_OUT or name.endswith("Pr"):
        return ""
    if depth > DEEPEST:
        return "".join(element.itertext())
    children = [child for child in element if not _name(child).endswith("Pr")]
    if not children:
        return element.text or ""
    return _combine(name, element, [write_formula(child, depth + 1) for child in children])


def _combine(name: str, element: Any, parts: list[str]) -> str:
    """Return the parts of an element in one line."""
    if name in _PLACES:
        base, *others = parts
        written = (place(part.strip()) for place, part in zip(_PLACES[name], others, strict=False))
        return f"{base if name in _BELOW else _enclosed(base)}{''.join(written)}"
    if name in _ROOTS and len(parts) == 2:
        degree, base = parts if name == "rad" else parts[::-1]
        return f"{_raise(degree.strip())}√{_enclosed(base)}"
    match name:
        case "mfrac" | "f" if len(parts) == 2:
            fraction = "/".join(map(_enclosed, parts))
            return fraction if _FRACTION.fullmatch(fraction) else f"({fraction})"
        case "msqrt":
            return f"√{_enclosed(''.join(parts))}"
        case "nary" if len(parts) == 3:
            below, above, body = (part.strip() for part in parts)
            return f"{_property(element, 'chr', '∫')}{_lower(below)}{_raise(above)} {body}"
        case "d":
            start, end = _property(element, "begChr", "("), _property(element, "endChr", ")")
            return f"{start}{_property(element, 'sepChr', '|').join(parts)}{end}"
        case "mfenced":
            return f"{element.get('open', '(')}{', '.join(parts)}{element.get('close', ')')}"
        case _:
            return " ".join(parts) if name in _ROWS else _joined(parts)


def _joined(parts: list[str]) -> str:
    """Return the parts of a row; 2 and 1/2 are not 21/2."""
    line = ""
    for part in parts:
        is_mixed = line[-1:].isdigit() and _FRACTION.fullmatch(part)
        line += f" {part}" if is_mixed else part.strip("\n")
    return line


def _name(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else "annotation"


def _property(element: Any, name: str, usual: str) -> str:
    """Return what Word says of a sign or a bracket; ``usual`` where it says nothing."""
    for child in element.iterfind(f"{{*}}*/{{*}}{name}"):
        if _name(child.getparent()).endswith("Pr"):
            return next(iter(child.attrib.values()), "")
    return usual


def _enclosed(text: str) -> str:
    """Return the text in brackets, unless it is one word, one number or in brackets already."""
    text = text.strip()
    is_whole = text.replace(".", "").replace(",", "").isalnum() or (
        text.startswith("(") and text.find(")") == len(text) - 1
    )
    return text if is_whole or not text else f"({text})"
