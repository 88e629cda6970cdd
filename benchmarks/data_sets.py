"""Reads the data sets that the benchmarks measure on and the reader is trained on."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag.records import Document, Turn
from rag.retrieve.followup import write_query

WRITTEN = Path(__file__).parent.parent / "training" / "written"
FIRST, MORE = "1", ("2", "3")  # its parts: what is measured on, too, and what is only learnt from


@dataclass(frozen=True)
class Reading:
    """A question and the paragraph that it was asked about.

    ``answers`` are short answers of which any may stand in a sentence, ``references`` whole
    answers; both are empty where the paragraph does not answer. ``selected`` are the sentences
    that people picked. ``article`` groups what must not be both fitted and measured on. ``history``
    is what was said before a question that follows up on it.
    """

    identity: str
    article: str
    title: str
    text: str
    question: str
    answers: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    selected: frozenset[str] = field(default_factory=frozenset)
    history: tuple[Turn, ...] = ()

    @property
    def query(self) -> str:
        """The question as it can stand alone."""
        return write_query(self.question, self.history)

    @property
    def is_answerable(self) -> bool:
        """Whether the paragraph answers the question."""
        return bool(self.answers or self.references)


def read_clapnq(folder: Path) -> list[Reading]:
    """Return CLAPNQ's questions with their gold passage (Rosenthal et al., 2024)."""
    readings = []
    for name in ("answerable", "unanswerable"):
        for row in read_lines(folder / f"{name}.jsonl"):
            passage = row["passages"][0]
            outputs = row["output"] if name == "answerable" else []
            readings.append(
                Reading(
                    identity=row["id"],
                    article=row["id"],
                    title=passage["title"],
                    text=passage["text"],
                    question=row["input"],
                    references=tuple(o["answer"] for o in outputs if o.get("answer")),
                    selected=frozenset(
                        s.strip() for o in outputs for s in o.get("selected_sentences", [])
                    ),
                )
            )
    return readings


def read_squad2(path: Path) -> list[Reading]:
    """Return SQuAD 2.0's questions with their paragraph (Rajpurkar, Jia and Liang, 2018)."""
    return [
        Reading(
            identity=row["id"],
            article=article["title"],
            title=article["title"].replace("_", " "),
            text=paragraph["context"],
            question=row["question"],
            answers=tuple(dict.fromkeys(answer["text"] for answer in row["answers"])),
        )
        for article in json.loads(path.read_text(encoding="utf-8"))["data"]
        for paragraph in article["paragraphs"]
        for row in paragraph["qas"]
    ]


def read_written(name: str = "questions.jsonl", parts: Sequence[str] = (FIRST,)) -> list[Reading]:
    """Return questions written for this project, each with its whole article.

    ``selected`` is the sentence that answers. ``follow_ups.jsonl`` has those with a history.
    """
    articles = {row["_id"]: row for row in read_parts("articles.jsonl", parts)}
    return [
        Reading(
            identity=row["id"],
            article=row["article"],
            title=articles[row["article"]]["title"],
            text=articles[row["article"]]["text"],
            question=row["question"],
            answers=tuple(row.get("answers", ())),
            selected=frozenset([row["evidence"]] if "evidence" in row else []),
            history=tuple(Turn(**turn) for turn in row.get("history", ())),
        )
        for row in read_parts(name, parts)
    ]


def read_parts(name: str, parts: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows of the files with a name in parts of ``training/written``."""
    return [row for part in parts for row in read_lines(WRITTEN / part / name)]


def list_articles(readings: Sequence[Reading]) -> list[Document]:
    """Return the articles of questions that come with a whole one, each once, in order."""
    articles = {r.article: Document(r.article, r.title, r.text) for r in readings}
    return list(articles.values())


def find_spans(
    text: str, parts: Iterable[str], start: int = 0, end: int | None = None
) -> list[tuple[int, int]]:
    """Return where the parts stand first within ``text[start:end]``; those that do, in order."""
    places = [(text.find(part, start, end), part) for part in parts if part]
    return [(place, place + len(part)) for place, part in places if place >= 0]


@dataclass(frozen=True)
class Task:
    """The last question of a conversation and the passages of the pool that answer it.

    ``answerability`` is the annotators' word: ``ANSWERABLE``, ``UNANSWERABLE`` or another.
    """

    conversation: str
    question: str
    history: tuple[Turn, ...]
    relevant: frozenset[str]
    answerability: str


def read_mtrag(folder: Path) -> tuple[list[Task], dict[str, str]]:
    """Return MTRAG-UN's tasks and the pool of all their passages (Katsis et al., 2025)."""
    rows = list(read_lines(folder / "reference.jsonl"))
    pool = {
        context["document_id"]: f"{context.get('title') or ''} {context['text']}".strip()
        for row in rows
        for context in row["contexts"]
    }
    relevant: dict[str, set[str]] = defaultdict(set)
    for path in sorted(folder.glob("qrels_*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            task, passage, relevance = line.split("\t")
            if int(relevance) > 0 and passage in pool:
                relevant[task].add(passage)
    tasks = []
    for row in rows:
        *said, last = [message["text"] for message in row["input"]]
        history = tuple(Turn(*pair) for pair in zip(said[::2], said[1::2], strict=True))
        answers = frozenset(relevant[row["task_id"]])
        answerability = row["answerability"][0]
        tasks.append(Task(row["conversation_id"], last, history, answers, answerability))
    return tasks, pool


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file with one JSON object a line."""
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)
