"""An answer as JSON: what ``rag ask --json`` prints, the page's endpoint returns and it keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rag.records import Answer, Citation, Document, Hit, Passage, Unsupported


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
                "passage_id": hit.passage.passage_id,
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
        "passage_id": citation.passage.passage_id,
        "doc_id": document.doc_id,
        "title": document.title,
        "source": document.source,
        "published": document.published,
        "heading": citation.passage.heading,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
    }


def answer_from_json(row: Mapping[str, Any]) -> Answer:
    """Return the answer that `answer_to_json` wrote, equal to it but for the notices before it.

    A citation whose passage is not among the hits gets its quote as its passage.

    Raises:
        ValueError: if the object does not have the format.
    """
    try:
        hits = tuple(_read_hit(hit) for hit in row["hits"])
        passages = {hit.passage.passage_id: hit.passage for hit in hits}
        return Answer(
            text=str(row["answer"]),
            citations=tuple(_read_citation(each, passages) for each in row["citations"]),
            hits=hits,
            abstained=bool(row["abstained"]),
            confidence=float(row["confidence"]),
            query=str(row["query"]),
            generator=str(row["generator"]),
            notices=tuple(map(str, row["notices"])),
            unsupported=tuple(
                Unsupported(str(each["sentence"]), str(each["reason"]))
                for each in row.get("unsupported", ())  # kept before there were such sentences
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"answer must be as answer_to_json writes it, got {error!r}") from None


def _read_hit(row: Mapping[str, Any]) -> Hit:
    passage = _read_passage(row, row["text"])
    return Hit(passage, row["score"], row["rank"], row["dense_rank"], row["lexical_rank"])


def _read_citation(row: Mapping[str, Any], passages: Mapping[str, Passage]) -> Citation:
    passage = passages.get(row["passage_id"]) or _read_passage(row, row["quote"])
    return Citation(row["number"], passage, row["start"], row["end"])


def _read_passage(row: Mapping[str, Any], text: str) -> Passage:
    return Passage(
        passage_id=row["passage_id"],
        doc_id=row["doc_id"],
        start=row["start"],
        end=row["end"],
        heading=row["heading"],
        text=text,
        title=row["title"],
    )
