"""A whole article in the panel, with the spans that an answer rests on marked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.index import DocumentRow
from rag.page import wording
from rag.page.cleaning import clean
from rag.page.markup import Span, draw_text, escape_line, escape_text
from rag.page.sources import Exchange, cited_spans, draw_about
from rag.records import Document, Passage

_TARGET = re.compile(r"(cite|near|cards)-(\d{1,9})(?:-(\d{1,9}))?")


@dataclass(frozen=True, slots=True)
class Target:
    """What a link of the page leads to.

    ``kind`` is ``cite`` (source ``number`` of an answer), ``near`` (its hit of that rank) or
    ``cards`` (all its sources, ``number`` is 0).
    """

    kind: str
    turn: int
    number: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """A passage to be read in its article, and the spans of the article to mark."""

    passage: Passage
    marked: tuple[Span, ...]


def parse_target(text: str) -> Target | None:
    """Return what a link leads to, or None for anything that is not a link of the page.

    What follows after a space is left out: the page adds it to tell two clicks apart.

    >>> parse_target("cite-3-1 17")
    Target(kind='cite', turn=3, number=1)
    >>> parse_target("javascript:alert(1)")
    """
    match = _TARGET.fullmatch(text.split(" ")[0])
    return Target(match[1], int(match[2]), int(match[3] or 0)) if match else None


def find_reading(exchange: Exchange, target: Target) -> Reading | None:
    """Return the passage that the target names in the exchange, or None if it has no such."""
    answer = exchange.answer
    if target.kind == "cite":
        for citation in answer.citations:
            if citation.number == target.number:
                spans = tuple(cited_spans(answer, target.number))
                return Reading(citation.passage, spans)
    for hit in answer.hits if target.kind == "near" else ():
        if hit.rank == target.number:
            return Reading(hit.passage, ((hit.passage.start, hit.passage.end),))
    return None


def draw_article(
    reading: Reading, target: Target, document: Document | None, rows: Mapping[str, DocumentRow]
) -> str:
    """Return the article with the spans marked, the first of them under the id ``cited``.

    Without a document, or where its text is another by now, the passage alone, and a sentence
    that says so.
    """
    passage = reading.passage
    if document is None or document.text[passage.start : passage.end] != passage.text:
        note = f'<p class="note">{escape_text(wording.CHANGED)}</p>'
        text = note + draw_text(passage.text, offset=passage.start, marked=reading.marked)
    else:
        text = draw_text(document.text, marked=reading.marked)
    text = text.replace('<mark class="cited">', '<mark class="cited" id="cited">', 1)
    title = escape_line(passage.title or passage.doc_id)
    return clean(
        f'<div class="panel reader" id="reading-{target.kind}-{target.turn}-{target.number}">'
        f"{_draw_ways(target)}"
        f'<h2 tabindex="-1">{_draw_number(target)}{title}</h2>'
        f'<p class="about">{draw_about(passage.doc_id, rows)}</p>'
        f'<div class="text">{text}</div></div>'
    )


def _draw_number(target: Target) -> str:
    return f'<span class="number">{target.number}</span>' if target.kind == "cite" else ""


def _draw_ways(target: Target) -> str:
    """Return the links that lead on from an article."""
    ways: Sequence[tuple[str, str]] = [(f"#cards-{target.turn}", wording.ALL_SOURCES)]
    back = f"#mark-{target.turn}-{target.number}"
    if target.kind != "cite":
        back = f"#answer-{target.turn}"
    ways = [*ways, (back, wording.BACK_TO_ANSWER)]
    links = "".join(f'<a href="{href}">{escape_text(text)}</a>' for href, text in ways)
    return f'<nav class="ways">{links}</nav>'
