"""An answer as text for a person, and as JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from rich.text import Text

from rag.cli.screen import show
from rag.records import Answer, Citation, Document, Hit, Passage

NEAREST_LENGTH = 240  # characters of a nearest passage: enough to see whether it is of use
_MARKED = re.compile(r"\*\*(.+?)\*\*")
_HEADING = re.compile(r"^#{1,6} .*$", re.MULTILINE)

FindDocument = Callable[[str], Document]
"""From ``doc_id`` to the document."""


def style_answer(answer: Answer) -> Text:
    """Return the answer's text, the words that answer in bold in place of the stars around them.

    A sentence that no passage supports is struck out; its mark tells the same without colours.

    >>> style_answer(Answer("It is **30 %** [1]."))
    <text 'It is 30 % [1].' [Span(6, 10, 'bold')] ''>
    """
    styled = Text()
    for number, part in enumerate(_MARKED.split(answer.text)):
        styled.append(part, style="bold" if number % 2 else None)
    for sentence in answer.unsupported:
        start = styled.plain.find(sentence.text)
        if start >= 0:
            styled.stylize("dim strike", start, start + len(sentence.text))
    return styled


def list_sources(answer: Answer, find_document: FindDocument) -> list[Text]:
    """Return a line for each source, in order of its number, with all that is cited of it."""
    quotes: dict[int, list[Citation]] = {}
    for citation in answer.citations:
        quotes.setdefault(citation.number, []).append(citation)
    return [
        _cite(
            f"[{number}]",
            cited[0].passage,
            " … ".join(_one_line(citation.quote) for citation in cited),
            find_document,
        )
        for number, cited in sorted(quotes.items())
    ]


def list_nearest(hits: Iterable[Hit], find_document: FindDocument) -> list[Text]:
    """Return a line for each hit of a question that was not answered."""
    return [
        _cite(f"{hit.rank}.", hit.passage, _shorten(hit.passage.text), find_document)
        for hit in hits
    ]


def show_answer(answer: Answer, find_document: FindDocument) -> None:
    """Show the answer and its sources, or that there is none and what came nearest."""
    show(style_answer(answer))
    show()
    show_sources(answer, find_document)


def show_sources(answer: Answer, find_document: FindDocument) -> None:
    """Show what the answer rests on, or, where it abstained, what came nearest."""
    lines = list_sources(answer, find_document)
    if answer.abstained:
        show("Nearest passages (not an answer):" if answer.hits else "Nothing comes near.")
        lines = list_nearest(answer.hits, find_document)
    for line in lines:
        show(line)


def _cite(label: str, passage: Passage, words: str, find_document: FindDocument) -> Text:
    document = find_document(passage.doc_id)
    place = ", ".join(filter(None, [document.source, document.published]))
    title = " – ".join(filter(None, [document.title or passage.doc_id, place]))
    return Text.assemble((f"{label} ", "bold"), (f"{title}: ", "dim"), words)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _shorten(text: str) -> str:
    """Return the beginning of the text in one line and without headings, cut between words."""
    line = _one_line(_HEADING.sub("", text)) or _one_line(text)
    if len(line) <= NEAREST_LENGTH:
        return line
    end = line.rfind(" ", NEAREST_LENGTH // 2, NEAREST_LENGTH)
    return f"{line[: end if end > 0 else NEAREST_LENGTH]} …"
