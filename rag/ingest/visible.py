"""The tree of a web page as its reader sees it: what only its look says becomes text, or goes."""

from __future__ import annotations

import re
from typing import Any

from rag.ingest.formula import write_formula
from rag.ingest.raised import Raised, write_lowered

_STRUCK = ("del", "s", "strike")
_STRUCK_STYLE = re.compile(r"text-decoration[\w-]*\s*:[^;]*line-through", re.IGNORECASE)
_UNSEEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.I)
_RAISED_STYLE = re.compile(r"vertical-align\s*:\s*super", re.IGNORECASE)
_LOWERED_STYLE = re.compile(r"vertical-align\s*:\s*sub", re.IGNORECASE)
_NOT_TEXT = ("script", "style", "noscript", "template")

_NOTE_NAME = re.compile(r"note|fnref|cite|reference", re.IGNORECASE)
_NOTE_LINK = re.compile(r"\[?\d{1,3}\]?|[*†‡§¶]+|\[(?:[a-z]|(?:note|n|nb) ?\d+)\]")
_BACK = re.compile(r"[\^↑↩↵⏎⤴\ufe0e\ufe0f\s]+")

_HOLDERS = ("html", "body", "main", "article", "section", "div", "form")
_LISTS = ("ul", "ol", "menu", "dir")
_INLINE = (
    *("a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "dfn", "em", "font", "i"),
    *("ins", "kbd", "mark", "nobr", "q", "samp", "small", "span", "strong", "sub", "sup", "time"),
    *("tt", "u", "var", "wbr"),
)
_NEAR = 6  # elements that are looked through for the text before another one


def make_visible(tree: Any) -> None:
    """Change the tree of a page so that its text alone says what the page shows.

    Struck and hidden text goes; quotations get their marks; raised and lowered characters and
    formulas are written in the line, and the marks of notes dropped. The terms of a list stand
    with what is said of them, and items without a list get one. Nothing is left of comments.
    """
    _write_formulas(tree)
    _drop_struck_and_hidden(tree)
    for element in list(tree.iter("ins", "q", "time")):
        if element.tag == "q":  # whose marks the browser draws
            element.text = f"“{element.text or ''}"
            element.tail = f"”{element.tail or ''}"
        element.drop_tag()  # some of them the extraction would drop, or make a block of
    _write_raised(tree)
    _drop_ways_back(tree)
    for element in list(tree.iter("center")):
        element.tag = "p" if all(inner.tag in (*_INLINE, "br") for inner in element) else "div"
    _pair_terms(tree)
    _gather_items(tree)
    _mark_article(tree)


def _write_formulas(tree: Any) -> None:
    for formula in list(tree.iter("math")):
        holder = formula.getparent()
        for _ in range(2):  # a second drawing of it stands beside, and one of the two is hidden
            if holder is None or holder.tag not in _INLINE or len(holder) > _NEAR:
                break
            for other in list(holder):
                if other.get("aria-hidden") == "true" and other is not formula:
                    other.drop_tree()
            holder.attrib.pop("style", None)
            holder = holder.getparent()
        text = write_formula(formula) or formula.get("alttext") or ""
        formula.tail = f"{' '.join(text.split())}{formula.tail or ''}"
        formula.drop_tree()


def _drop_struck_and_hidden(tree: Any) -> None:
    """Drop comments, what is struck, and what is hidden unless it is most of the page.

    Most of a page is hidden only until a script has run.
    """
    most = _n_characters(tree) / 2
    gone: set[Any] = set()
    for element in list(tree.iter()):
        if element in gone or element.getparent() is None:
            continue
        if not _is_seen(element, most):
            gone.update(element.iter())
            element.drop_tree()


def _is_seen(element: Any, most: float) -> bool:
    if not isinstance(element.tag, str) or element.tag in _STRUCK:
        return False
    style = element.get("style") or ""
    if _STRUCK_STYLE.search(style):
        return False
    if not _is_hidden(element, style):
        return True
    return element.tag in _HOLDERS and _n_characters(element) > most


def _is_hidden(element: Any, style: str) -> bool:
    hidden = element.get("hidden")
    if hidden is not None and hidden.lower() != "until-found":
        return True
    return _UNSEEN_STYLE.search(style) is not None


def _n_characters(element: Any) -> int:
    shown = (node for node in element.iter() if node.tag not in _NOT_TEXT)
    return sum(len(node.text or "") + len(node.tail or "") for node in shown)


def _write_raised(tree: Any) -> None:
    raised = Raised()
    for element in list(tree.iter("sup", "sub", "span", "a")):
        place = _find_place(element)
        if not place or element.getparent() is None:
            continue
        before, text, after = _text_before(element), element.text_content(), _text_after(element)
        if place == "sub":
            written = write_lowered(before, text, after)
        elif place == "sup":
            written = raised.write(before, text, after, is_link=_is_noted(element))
        elif _is_note_mark(element, before, text):
            written = raised.write(before, text, after, is_link=True)
        else:
            continue
        element.tail = f"{written}{element.tail or ''}"
        element.drop_tree()


def _find_place(element: Any) -> str:
    """Return ``sup`` or ``sub``, ``a`` for a link to somewhere in a page; empty for the rest."""
    style = element.get("style") or ""
    if element.tag in ("sup", "sub"):
        return str(element.tag)
    if _RAISED_STYLE.search(style):
        return "sup"
    if _LOWERED_STYLE.search(style):
        return "sub"
    return "a" if element.tag == "a" and "#" in (element.get("href") or "") else ""


def _is_noted(element: Any) -> bool:
    """Return whether a raised element is a link, within one of its own, or is called a note."""
    if element.find(".//a[@href]") is not None or _is_called_note(element):
        return True
    holder = element.getparent()
    return bool(
        holder.tag == "a" and holder.text_content().strip() == element.text_content().strip()
    )


def _is_note_mark(link: Any, before: str, text: str) -> bool:
    """Return whether a link in the line, which a style may well raise, is the mark of a note."""
    stands_close = before != "" and not before[-1].isspace()
    is_mark = _NOTE_LINK.fullmatch(text.strip()) is not None
    return is_mark and (stands_close or _is_called_note(link))


def _is_called_note(element: Any) -> bool:
    names = (element.get(key) or "" for key in ("class", "role", "epub:type", "id"))
    return _NOTE_NAME.search(" ".join(names)) is not None


def _text_before(element: Any) -> str:
    """Return the text right before an element in its paragraph, as far as it is near."""
    for _ in range(_NEAR):
        previous = element.getprevious()
        if previous is not None:
            text = previous.tail or _last_text(previous)
            if text or previous.tag not in _INLINE:
                return text
            element = previous
            continue
        holder = element.getparent()
        if holder is None or holder.text or holder.tag not in _INLINE:
            return "" if holder is None else holder.text or ""
        element = holder
    return ""


def _last_text(element: Any) -> str:
    for _ in range(_NEAR):
        if element.tag not in _INLINE:
            return ""
        if len(element) == 0:
            return element.text or ""
        if element[-1].tail:
            return str(element[-1].tail)
        element = element[-1]
    return ""


def _text_after(element: Any) -> str:
    following = element.getnext()
    return element.tail or (following.text if following is not None else "") or ""


def _drop_ways_back(tree: Any) -> None:
    """Drop the arrows that lead from a note back to its mark."""
    for link in list(tree.iter("a")):
        if "#" in (link.get("href") or "") and _BACK.fullmatch(link.text_content()):
            link.drop_tree()


def _pair_terms(tree: Any) -> None:
    """Make ``<dl>`` a list with an item for each term, ``term: what is said of it``."""
    for pairs in list(tree.iter("dl")):
        for group in pairs.findall("div"):
            group.drop_tag()
        pairs.tag, item, is_said = "ul", None, False
        for part in pairs.findall("*"):
            if part.tag == "dt" and (item is None or is_said):
                part.tag, item, is_said = "li", part, False
            elif part.tag in ("dt", "dd") and item is not None:
                said = item.text_content().rstrip()
                gap = ", " if part.tag == "dt" else "; " if is_said else ": "
                is_said = part.tag == "dd"
                part.tail = None
                _append_text(item, " " if said[-1:] in ".:;?!" else gap)
                item.append(part)
                part.drop_tag()
            else:
                part.tag = "li"


def _append_text(element: Any, text: str) -> None:
    if len(element):
        element[-1].tail = f"{(element[-1].tail or '').rstrip()}{text}"
    else:
        element.text = f"{(element.text or '').rstrip()}{text}"


def _gather_items(tree: Any) -> None:
    """Put items that stand outside of lists into lists."""
    made: set[Any] = set()
    for item in list(tree.iter("li")):
        if item.getparent() is None or item.getparent().tag in _LISTS:
            continue
        items = item.getprevious()
        if items not in made or (items.tail or "").strip():
            items = item.makeelement("ul")
            made.add(items)
            item.addprevious(items)
        items.tail, item.tail = item.tail, None
        items.append(item)


def _mark_article(tree: Any) -> None:
    """Make the body of a page that is not divided an article: of others, lists and tables go."""
    if next(tree.iter("article", "main", "div"), None) is None:
        hold_in_article(tree)


def hold_in_article(tree: Any) -> None:
    """Put all that the body of a page holds into one article."""
    body = tree.find(".//body")
    if body is None:
        return
    article = body.makeelement("article")
    article.text, body.text = body.text, None
    article.extend(list(body))
    body.append(article)
