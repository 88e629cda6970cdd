"""Formulas, those of web pages (MathML) and those of Word, in one line: ``E=mc²``."""

from __future__ import annotations

from typing import Any

from rag.ingest.raised import write_subscript, write_superscript

DEEPEST = 40  # elements within one another; what lies deeper is written one after the other
_LEFT_OUT = ("annotation", "annotation-xml", "mphantom")


def write_formula(element: Any, depth: int = 0) -> str:
    """Return a formula in one line, powers and fractions written as such.

    ``element`` is lxml's, of either kind: they call their parts otherwise, but order them alike.

    >>> from lxml.etree import fromstring
    >>> parts = "<mi>m</mi><msup><mi>c</mi><mn>2</mn></msup><mo>/</mo><mfrac><mn>1</mn><mn>2</mn></mfrac>"
    >>> write_formula(fromstring(f"<math>{parts}</math>"))
    'mc²/(1/2)'
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
    first, second, third = (*parts, "", "", "")[:3]
    match name:
        case "msup" | "sSup" | "mover" | "limUpp":
            return f"{_enclosed(first)}{_raise(second)}"
        case "msub" | "sSub" | "munder" | "limLow":
            return f"{first}{_lower(second)}"
        case "msubsup" | "sSubSup" | "munderover":
            return f"{first}{_lower(second)}{_raise(third)}"
        case "nary":
            sign = _property(element, "chr", "∫")
            return f"{sign}{_lower(first)}{_raise(second)} {third}"
        case "mfrac" | "f":
            return f"({_enclosed(first)}/{_enclosed(second)})"
        case "msqrt":
            return f"√{_enclosed(''.join(parts))}"
        case "mroot":
            return f"{_raise(second)}√{_enclosed(first)}"
        case "rad":
            return f"{_raise(first)}√{_enclosed(second)}"
        case "d":
            start, end = _property(element, "begChr", "("), _property(element, "endChr", ")")
            return f"{start}{_property(element, 'sepChr', '|').join(parts)}{end}"
        case "mfenced":
            return f"{element.get('open', '(')}{', '.join(parts)}{element.get('close', ')')}"
        case "mtr" | "mlabeledtr" | "mtable" | "m" | "mr" | "eqArr":
            return " ".join(parts)
        case _:
            return "".join(part.strip("\n") for part in parts)


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


def _raise(text: str) -> str:
    return write_superscript(text.strip()) if text.strip() else ""


def _lower(text: str) -> str:
    return write_subscript(text.strip()) if text.strip() else ""
