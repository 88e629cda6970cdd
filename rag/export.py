"""An answer as JSON: what ``rag ask --json`` prints and the page's endpoint returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rag.records import Answer, Citation, Document


def answer_to_json(
    question: str,
    answer: Answer,
    find_document: Callable[[str], Document],
    notices: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the answer, and all that is behind it, as an object that ``json.dumps`` takes.

    ``start`` and ``end`` are characters of the document; several citations may share a number.
    ``unsupported`` are the sentences of the answer that no passage supports, as they stand in it.
    The ``notices`` come before the answer's own.
    """
    return {
        "question": question,
        "query": answer.query,
        "answer": answer.text,
        "abstained": answer.abstained,
        "confidence": answer.confidence,
        "citations": [
            citation_to_json(citation, find_document(citation.passage.doc_id))
            for citation in answer.citations
        ],
        "hits": [
            {
                "rank": hit.rank,
                "score": hit.score,
                "dense_rank": hit.dense_rank,
                "lexical_rank": hit.lexical_rank,
                "doc_id": hit.passage.doc_id,
                "title": hit.passage.title,
                "heading": hit.passage.heading,
                "start": hit.passage.start,
                "end": hit.passage.end,
                "text": hit.passage.text,
            }
            for hit in answer.hits
        ],
        "unsupported": [
            {"sentence": sentence.text, "reason": sentence.reason}
            for sentence in answer.unsupported
        ],
        "generator": answer.generator,
        "notices": [*notices, *answer.notices],
    }


def citation_to_json(citation: Citation, document: Document) -> dict[str, Any]:
    """Return the citation with what a reference to its article needs."""
    return {
        "number": citation.number,
        "doc_id": document.doc_id,
        "title": document.title,
        "source": document.source,
        "published": document.published,
        "heading": citation.passage.heading,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
    }
