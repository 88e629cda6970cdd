"""Whether citations stand in their documents, and whether they carry the sentences they follow."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator

from rag.evaluate.answer_measures import MARKER, find_words, remove_markers
from rag.ingest.sentences import find_sentences
from rag.records import Answer, Citation, Document

CITATION_MEASURES = ("citation_precision", "citation_recall")
SUPPORT = 0.9  # one word in ten may be the sentence's own: a bullet, a name in brackets
MARKERS = re.compile(r"(?:\s*\[\d+\])+[.!?。！？]*")


def measure_citations(answer: Answer, find_document: Callable[[str], Document]) -> dict[str, float]:
    """Return ``citation_precision citation_recall`` of one answer.

    Precision is the share of the citations that stand: the quote is, character for character,
    what its document has at that place, the place lies within one of the hits, and the text uses
    the number. Recall is the share of the sentences, those with at least one word, that carry a
    citation whose quotes hold at least 0.9 of the sentence's distinct words; for a generator
    that writes in its own words this is a lower bound. An abstained answer has neither, one
    without citations no precision, one without sentences no recall. A sentence that is marked as
    unsupported is not counted: the answer does not say it. ``find_document`` raises
    ``LookupError`` or ``ValueError`` for an unknown id.

    Source: after Gao et al., Enabling large language models to generate text with citations,
    EMNLP 2023, with the share of words in place of a model of entailment.
    """
    if answer.abstained:
        return {}
    numbers = {citation.number for citation in answer.citations}
    used = {int(number) for number in MARKER.findall(answer.stated)}
    measured = {}
    if answer.citations:
        standing = [
            citation.number in used and _stands(citation, answer, find_document)
            for citation in answer.citations
        ]
        measured["citation_precision"] = sum(standing) / len(standing)
    supported = [
        _is_supported(words, [c for c in answer.citations if c.number in cited])
        for sentence, cited in split_claims(answer.stated, numbers)
        if (words := set(find_words(sentence)))
    ]
    if supported:
        measured["citation_recall"] = sum(supported) / len(supported)
    return measured


def split_claims(text: str, numbers: Collection[int]) -> Iterator[tuple[str, frozenset[int]]]:
    """Yield each sentence without its markers, and the numbers that it carries.

    A marker belongs to the sentence that it ends or directly follows; ``numbers`` are those of
    the citations, any other bracketed number is text.

    >>> list(split_claims("It grew. So they say [1]. It fell. [2][3]", {1, 2, 3})) == [
    ...     ("It grew.", frozenset()), ("So they say.", frozenset({1})),
    ...     ("It fell.", frozenset({2, 3}))]
    True
    """
    start = 0
    for match in MARKERS.finditer(text):
        cited = frozenset(int(number) for number in MARKER.findall(match[0])) & set(numbers)
        if not cited:
            continue
        piece = text[start : match.start()] + remove_markers(match[0], numbers)
        sentences = [piece[first:last] for first, last in find_sentences(piece)]
        yield from ((sentence, frozenset()) for sentence in sentences[:-1])
        yield from ((sentence, cited) for sentence in sentences[-1:])
        start = match.end()
    rest = text[start:]
    yield from ((rest[first:last], frozenset()) for first, last in find_sentences(rest))


def _stands(citation: Citation, answer: Answer, find_document: Callable[[str], Document]) -> bool:
    """Whether the document has the quote at its place, and a hit has the place."""
    doc_id = citation.passage.doc_id
    try:
        text = find_document(doc_id).text
    except (LookupError, ValueError):
        return False
    return text[citation.start : citation.end] == citation.quote and any(
        hit.passage.doc_id == doc_id
        and hit.passage.start <= citation.start
        and citation.end <= hit.passage.end
        for hit in answer.hits
    )


def _is_supported(words: set[str], citations: list[Citation]) -> bool:
    """Whether the quotes together hold enough of the words; no citations hold none."""
    quoted = {word for citation in citations for word in find_words(citation.quote)}
    return len(words & quoted) >= SUPPORT * len(words)
