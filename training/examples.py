"""The questions that a reader is trained on, each with one passage, and what is right of it."""

from __future__ import annotations

import gzip
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.ingest.sentences import find_sentences

Span = tuple[int, int]
MOST_OF_CONTEXT = 4_000  # characters; a review that is longer says little to a reader of passages


@dataclass(frozen=True, slots=True)
class Example:
    """A question and a passage: ``spans`` are the short answers, ``support`` the sentences.

    Both are characters of ``text``, half-open. Where there is an answer but no short one is
    known, ``spans`` is empty and ``is_answerable`` true; ``references`` are whole answers.
    ``group`` names the article, so that no article is both trained on and measured with.
    """

    source: str
    group: str
    identity: str
    question: str
    text: str
    spans: tuple[Span, ...]
    support: tuple[Span, ...]
    is_answerable: bool
    references: tuple[str, ...] = ()


def read_all(data: Path) -> list[Example]:
    """Return the examples of all sets in the folder, in a fixed order."""
    examples = []
    for path in sorted((data / "reader_train").glob("*.jsonl.gz")):
        examples += list(read_rows(path))
    examples += list(read_squad2(data / "squad2" / "tune.json"))
    examples += list(read_clapnq(data / "clapnq"))
    return examples


def read_rows(path: Path) -> Iterator[Example]:
    """Yield the rows of a gzipped file of spans; those of one text are one group."""
    source = path.name.partition(".")[0]
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            text = row["context"]
            if len(text) > MOST_OF_CONTEXT:
                continue
            spans = [(a["start"], a["start"] + len(a["text"])) for a in row["answers"]]
            yield make(source, f"{source}:{text[:200]}", row["id"], row["question"], text, spans)


def read_squad2(path: Path) -> Iterator[Example]:
    """Yield SQuAD 2.0's questions (Rajpurkar, Jia and Liang, 2018), an article a group."""
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            text = paragraph["context"]
            for row in paragraph["qas"]:
                spans = [
                    (start, start + len(answer["text"]))
                    for answer in row["answers"]
                    if (start := answer.get("answer_start", text.find(answer["text"]))) >= 0
                ]
                yield make("squad2", article["title"], row["id"], row["question"], text, spans)


def read_clapnq(folder: Path) -> Iterator[Example]:
    """Yield CLAPNQ's questions (Rosenthal et al., 2024): the selected sentences support."""
    for name in ("answerable", "unanswerable"):
        for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            text = row["passages"][0]["text"]
            selected = {s.strip() for o in row["output"] for s in o.get("selected_sentences") or []}
            support = tuple(
                (start, start + len(sentence))
                for sentence in sorted(selected)
                if sentence and (start := text.find(sentence)) >= 0
            )
            is_answerable = name == "answerable"
            written = tuple(o["answer"] for o in row["output"] if is_answerable and o.get("answer"))
            identity = row["id"]
            yield Example(
                "clapnq",
                identity,
                identity,
                row["input"],
                text,
                (),
                support,
                is_answerable,
                written,
            )


def make(
    source: str, group: str, identity: str, question: str, text: str, spans: Sequence[Span]
) -> Example:
    """Return an example whose supporting sentences are those that hold an answer."""
    right = tuple(dict.fromkeys((a, b) for a, b in spans if 0 <= a < b <= len(text)))
    support = tuple(
        (start, end)
        for start, end in find_sentences(text)
        if any(start <= a and b <= end for a, b in right)
    )
    return Example(source, group, identity, question, text, right, support, bool(right))


def add_negatives(examples: Sequence[Example], share: float, seed: int) -> list[Example]:
    """Return the examples and, for a share of the answerable, the question without its answer.

    By turns the question gets another passage of its group, which does not have the answer's
    words, or its own without the sentences that hold the answer.
    """
    chance = random.Random(seed)
    texts: dict[str, set[str]] = defaultdict(set)
    for example in examples:
        texts[example.group].add(example.text)
    made: list[Example] = []
    for example in examples:
        if not example.spans or chance.random() >= share:
            continue
        answers = [example.text[start:end].casefold() for start, end in example.spans]
        others = sorted(
            text
            for text in texts[example.group] - {example.text}
            if not any(answer in text.casefold() for answer in answers)
        )
        if others and chance.random() < 0.5:
            text = chance.choice(others)
        else:
            text = without(example.text, example.support)
        if text and not any(answer in text.casefold() for answer in answers):
            made.append(replace(example, text=text, spans=(), support=(), is_answerable=False))
    return [*examples, *made]


def without(text: str, spans: Sequence[Span]) -> str:
    """Return the text without these spans; empty if no sentence is left."""
    kept, position = [], 0
    for start, end in sorted(spans):
        kept.append(text[position:start])
        position = end
    kept.append(text[position:])
    left = " ".join(part.strip() for part in kept if part.strip())
    return left if spans and len(left) > 1 else ""


def count(examples: Sequence[Example]) -> dict[str, Any]:
    """Return how many examples each source has, and how many of them have no answer."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for example in examples:
        counts[example.source][0] += 1
        counts[example.source][1] += not example.is_answerable
    return {source: {"n": n, "unanswerable": none} for source, (n, none) in counts.items()}
