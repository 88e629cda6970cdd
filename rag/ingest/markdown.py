"""Markdown, with or without front matter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from rag.ingest.article import Article, Limits
from rag.ingest.front_matter import split_front_matter
from rag.ingest.markdown_tables import name_cells
from rag.ingest.plain import decode
from rag.ingest.raised import Raised, write_lowered
from rag.ingest.underlines import mark_underlined

# The quantifiers are bounded, or end at what they begin with: no text takes longer than its length.
_CODE_OR_COMMENT = re.compile(
    r"^ {0,3}(?P<fence>`{3,}(?=[^`\n]*$)|~{3,}).*$"
    r"|(?<!`)(?P<ticks>`{1,2})(?!`)[^`\n]+(?P=ticks)(?!`)|<!--",
    re.MULTILINE,
)
_LABEL = r"\[\^(?P<{}>[^\]\s]{{1,80}})\]"
_DEFINITION = re.compile(rf"^ {{0,3}}{_LABEL.format('label')}:", re.MULTILINE)
_MARK = re.compile(
    rf"^ {{0,3}}{_LABEL.format('defined')}:[ \t]*|{_LABEL.format('note')}"
    r"|(?:(?<![~\\])~~(?=[^\s~])(?:[^~\n]|\n(?!\n)){0,999}(?<!\s)~~(?!~)"
    r"|<(?P<struck>del|s|strike)>[^<]{0,999}</(?P=struck)>)(?P<gap> ?)"
    r"|<(?P<place>sup|sub)>(?P<link><a [^>\n]{0,300}>)?(?P<text>[^<\n]{0,80})(?:</a>)?"
    r"</(?P=place)>",
    re.MULTILINE | re.IGNORECASE,
)
_BLOCK_TAG = re.compile(
    r"<(?P<ends>/)?(?:details|summary|div|center|p|section|article)(?:\s[^<>]{0,300})?>",
    re.IGNORECASE,
)


def read_markdown(path: Path, limits: Limits) -> Article:
    """Return the body of a Markdown file, and the fields of its front matter."""
    return parse_markdown(decode(path.read_bytes()))


def parse_markdown(text: str) -> Article:
    r"""Return the body and the fields of Markdown text.

    Known fields are ``title``, ``source``, ``url``, ``author`` or ``authors``, and ``date`` or
    ``published``, see `split_front_matter`. The body stays as it stands, but for what a reader of
    it does not see, see `drop_unseen`, and for tables and underlined headings.

    >>> article = parse_markdown("---\ntitle: 1984\ndate: 1949-06-08\n---\nIt was bright.")
    >>> article.title, article.published, article.text
    ('1984', '1949-06-08', 'It was bright.')
    """
    fields, body = split_front_matter(text)
    return Article(
        text=name_cells(mark_underlined(drop_unseen(body))),
        title=fields.get("title", ""),
        source=fields.get("source", ""),
        url=fields.get("url", ""),
        author=fields.get("author") or fields.get("authors", ""),
        published=fields.get("published") or fields.get("date", ""),
    )


def drop_unseen(text: str) -> str:
    r"""Return Markdown without comments, struck text, marks of notes, tags of blocks; code stays.

    The notes themselves become items of a list, and raised figures are written as such.

    >>> drop_unseen("It cost ~~£30~~ £25.[^1] <!-- really? -->\n\n[^1]: In 2024.")
    'It cost £25. \n\n- In 2024.'
    """
    notes = set(_DEFINITION.findall(text))
    raised = Raised()
    said = ""

    def replace(mark: re.Match[str]) -> str:
        before = f"{said}{mark.string[max(0, mark.start() - 80) : mark.start()]}"
        if mark["defined"] or mark["note"]:
            is_note = (mark["defined"] or mark["note"]) in notes
            return mark[0] if not is_note else "- " if mark["defined"] else ""
        if mark["place"] is None:
            return "" if before[-1:].isspace() else mark["gap"]
        before = before.rstrip("*_`")
        after = mark.string[mark.end() : mark.end() + 1]
        if mark["place"].lower() == "sub":
            return write_lowered(before, mark["text"], after)
        return raised.write(before, mark["text"], after, is_link=mark["link"] is not None)

    pieces = []
    for is_code, piece in _split_code(text):
        pieces.append(piece if is_code else _BLOCK_TAG.sub(_part, _MARK.sub(replace, piece)))
        said = pieces[-1][-80:]
    return "".join(pieces)


def _part(tag: re.Match[str]) -> str:
    """Return what stands for the tag of a block: what follows one that ends is a new paragraph."""
    return "\n\n" if tag["ends"] else ""


def _split_code(text: str) -> Iterator[tuple[bool, str]]:
    """Yield the text in order without its comments, and of each piece whether it is code."""
    start = place = 0
    last = text.rfind("-->")
    while found := _CODE_OR_COMMENT.search(text, place):
        place = found.end()
        if found[0] != "<!--":
            if fence := found["fence"]:
                closing = re.compile(rf"^ {{0,3}}{fence[0]}{{{len(fence)},}}[ \t]*$", re.MULTILINE)
                closed = closing.search(text, place)
                place = closed.end() if closed else len(text)
            yield False, text[start : found.start()]
            yield True, text[found.start() : place]
            start = place
        elif place <= last:
            before = text[start : found.start()]
            yield False, before
            start = place = text.find("-->", place) + 3
            if before.endswith("\n") and text.startswith("\n", place):  # it had lines of its own
                start = place = place + 1
    yield False, text[start:]
