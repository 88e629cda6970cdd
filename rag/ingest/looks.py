"""How runs of a Word document look, as far as that changes what they say."""

from __future__ import annotations

from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SAID = ("strike", "dstrike", "vanish", "vertAlign", "b")
_OFF = ("0", "false", "off", "none")

Look = dict[str, str]
"""The value of each of these properties that is set."""


class Looks:
    """The looks of the styles of a document.

    A run looks as the style of its paragraph says, unless its own style or it itself say otherwise.
    """

    def __init__(self, styles: Any) -> None:
        self._styles = {style.get(f"{W}styleId"): style for style in styles.iter(f"{W}style")}
        self._found: dict[str, Look] = {}

    def name_of(self, paragraph: Any) -> str:
        """Return the name of a paragraph's style; empty where it has none."""
        style = self._styles.get(_value(paragraph, f"{W}pPr/{W}pStyle"))
        return "" if style is None else _value(style, f"{W}name")

    def of_paragraph(self, paragraph: Any) -> Look:
        """Return how the runs of a paragraph look by its style."""
        return self._of_style(_value(paragraph, f"{W}pPr/{W}pStyle"))

    def of_run(self, run: Any, around: Look) -> Look:
        """Return how a run looks in a paragraph that looks so."""
        properties = run.find(f"{W}rPr")
        if properties is None:
            return around
        style = self._of_style(_value(properties, f"{W}rStyle"))
        return {**around, **style, **_read(properties)}

    def _of_style(self, name: str) -> Look:
        if name not in self._found:
            chain: list[Any] = []
            style = self._styles.get(name)
            while style is not None and style not in chain:
                chain.append(style)
                style = self._styles.get(_value(style, f"{W}basedOn"))
            looks = (_read(style.find(f"{W}rPr")) for style in reversed(chain))
            self._found[name] = {key: value for look in looks for key, value in look.items()}
        return self._found[name]


def find_place(look: Look) -> str:
    """Return where a run stands: ``superscript``, ``subscript`` or in the line (empty).

    What is struck or hidden is ``gone``.
    """
    if is_on(look, "strike", "dstrike", "vanish"):
        return "gone"
    place = look.get("vertAlign", "")
    return place if place in ("superscript", "subscript") else ""


def is_on(look: Look, *names: str) -> bool:
    """Return whether a run has any of the properties that are on or off."""
    return any(look.get(name, "0") not in _OFF for name in names)


def _read(properties: Any) -> Look:
    if properties is None:
        return {}
    found = ((name, properties.find(f"{W}{name}")) for name in _SAID)
    return {name: element.get(f"{W}val", "1") for name, element in found if element is not None}


def _value(element: Any, path: str) -> str:
    found = element.find(path)
    return "" if found is None else found.get(f"{W}val") or ""
