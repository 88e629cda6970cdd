"""Ratings of answers → test questions that ``rag evaluate`` reads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rag.evaluate.answer_measures import remove_markers
from rag.evaluate.json_lines import read_json_lines
from rag.index.lock import waiting
from rag.page import wording
from rag.page.replacing import replace_file
from rag.page.sources import Exchange
from rag.records import Answer, Document, Turn

FILE = "feedback.jsonl"
WAIT = 5.0  # seconds for another server that rates, which takes milliseconds


def make_question(
    exchange: Exchange,
    history: Sequence[Turn],
    rating: str,
    conversation_id: str,
    find_document: Callable[[str], Document],
) -> dict[str, Any]:
    """Return the test question that a rating, "up" or "down", makes of an exchange.

    After "up" the answer is right, and what it cites is the evidence; a refusal rated so is a
    question that the articles do not answer. After "down" only the answer is known to be wrong.
    The id is that of the exchange: another rating of it replaces the first. ``history`` is what
    was said before the question.

    Raises:
        ValueError: if a right answer cites what is not in the corpus: nobody could test it.
    """
    answer = exchange.answer
    name = hashlib.sha256(f"{conversation_id}\n{exchange.turn}".encode()).hexdigest()[:16]
    row: dict[str, Any] = {"id": f"rated-{name}", "question": exchange.question, "rating": rating}
    if history:
        row["history"] = [{"question": turn.question, "answer": turn.answer} for turn in history]
    text = remove_markers(answer.text, {citation.number for citation in answer.citations})
    if rating == "down":
        row["rejected"] = text
    elif not answer.abstained:
        row["answers"] = [text]
        row["evidence"] = _list_evidence(answer, find_document)
    return row


def keep_question(path: Path, row: Mapping[str, Any]) -> None:
    """Add the test question to the file, or put it in the place of the one with its id.

    The file is written anew beside itself and then takes its own place: whoever is killed on the
    way leaves it as it was, and a reader never sees half a line. Lines that are not ours stay as
    they are, byte for byte.

    Raises:
        LockedError: if another process is writing to it all the while.
        OSError: if it cannot be written.
        ValueError: if it is not a file of JSON lines.
    """
    path = path.resolve()  # where the name is a link, the file that it leads to is replaced
    path.parent.mkdir(parents=True, exist_ok=True)
    with waiting(path.with_name(f"{path.name}.lock"), WAIT):
        lines, numbers = [], []
        if path.exists():
            lines = path.read_bytes().split(b"\n")
            numbers = [n for n, known in read_json_lines(path) if known.get("id") == row["id"]]
        line = json.dumps(row).encode()  # in ASCII, which has an escape for a lone surrogate
        if numbers:
            lines[numbers[0] - 1] = line
        else:
            while lines and not lines[-1].strip():
                lines.pop()
            lines.append(line)
        content = b"\n".join(lines)
        replace_file(path, content if content.endswith(b"\n") else content + b"\n")


def _list_evidence(
    answer: Answer, find_document: Callable[[str], Document]
) -> list[dict[str, str]]:
    """Return the cited spans, each once, after a look whether they stand in the corpus."""
    evidence = []
    for citation in answer.citations:
        try:
            document = find_document(citation.passage.doc_id)
        except KeyError:
            raise ValueError(wording.FROM_ELSEWHERE) from None
        if document.text[citation.start : citation.end] != citation.quote:
            raise ValueError(wording.FROM_ELSEWHERE)
        span = {"doc_id": document.doc_id, "quote": citation.quote}
        if span not in evidence:
            evidence.append(span)
    return evidence
