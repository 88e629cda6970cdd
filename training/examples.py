"""The questions that a reader is trained on, each with one passage, and what is right of it."""

from __future__ import annotations

import gzip
import json
import math
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent.parent / "benchmarks"))

from data_sets import (  # noqa: E402
    MORE,
    Reading,
    find_spans,
    list_articles,
    read_clapnq,
    read_squad2,
    read_written,
)

from rag.ingest.sentences import find_sentences
from rag.ingest.split import embedded_text, read_above, split_document
from rag.records import Passage

Span = tuple[int, int]
WORD = re.compile(r"\w+")
MOST_OF_CONTEXT = 1_200  # characters; what is longer than a passage costs much and teaches little
MOST_OF_SET = {"qamr": 12_000, "subjqa": 4_000}  # 38 questions a sentence; opinions of products
N_LIKEST = 2  # passages of an article that a question is asked of which it does not answer
JOINED = 600  # characters: sentences on their own are joined to passages of about this length


@dataclass(frozen=True, slots=True)
class Example:
    """A question and a passage: ``spans`` are the short answers, ``support`` the sentences.

    Both are characters of ``text``, half-open. Where there is an answer but no short one is
    known, ``spans`` is empty and ``is_answerable`` true; ``references`` are whole answers.
    ``group`` names the article, so that no article is both trained on and measured with.
    ``context`` is what the text stands under, its title and headings, and just before it.
    ``follows_up`` says that the question carries over what was asked before.
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
    context: str = ""
    follows_up: bool = False


def read_all(data: Path) -> list[Example]:
    """Return the examples of all sets in the folder, in a fixed order."""
    examples = []
    for path in sorted((data / "reader_train").glob("*.jsonl.gz")):
        rows = list(read_rows(path))
        chance = random.Random(path.name)
        most = MOST_OF_SET.get(path.name.partition(".")[0], len(rows))
        examples += join_sentences(chance.sample(rows, min(most, len(rows))), chance)
    examples += [with_spans("squad2", r) for r in read_squad2(data / "squad2" / "tune.json")]
    examples += [with_support("clapnq", r) for r in read_clapnq(data / "clapnq")]
    examples += with_passages("written", read_written())
    examples += with_passages("follow_ups", read_written("follow_ups.jsonl"))
    for name in ("questions.jsonl", "follow_ups.jsonl"):
        examples += with_passages("more", read_written(name, MORE))
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


def join_sentences(examples: Sequence[Example], chance: random.Random) -> list[Example]:
    """Return the examples with single sentences put among others, so that one has to be found."""
    texts = sorted({example.text for example in examples})
    joined = []
    for example in examples:
        before: list[str] = []
        after: list[str] = []
        n = len(example.text)
        is_short = len(texts) > 1 and len(find_sentences(example.text)) == 1
        while is_short and n < JOINED:
            other = chance.choice(texts)
            if other != example.text:
                (before if chance.random() < 0.5 else after).append(other)
                n += len(other) + 1
        shift = sum(len(text) + 1 for text in before)
        joined.append(
            replace(
                example,
                text=" ".join([*before, example.text, *after]),
                spans=tuple((a + shift, b + shift) for a, b in example.spans),
                support=tuple((a + shift, b + shift) for a, b in example.support),
            )
        )
    return joined


def with_spans(source: str, reading: Reading) -> Example:
    """Return a question with its paragraph; a short answer stands where it stands first."""
    spans = find_spans(reading.text, reading.answers)
    made = make(source, reading.article, reading.identity, reading.question, reading.text, spans)
    return replace(made, context=reading.title)


def with_support(source: str, reading: Reading) -> Example:
    """Return a question with its passage, of whose answer only the sentences are known."""
    return Example(
        source,
        reading.article,
        reading.identity,
        reading.question,
        reading.text,
        (),
        tuple(find_spans(reading.text, sorted(reading.selected))),
        reading.is_answerable,
        reading.references,
        reading.title,
    )


def with_passages(source: str, readings: Sequence[Reading]) -> Iterator[Example]:
    """Yield the questions that have a whole article, each with passages of it.

    One that the article answers comes with the passage that does, one that it does not answer with
    the passages that share most words with it. One that follows up on others is read as the
    program reads it, with what it leaves out in brackets.
    """
    passages = {article.doc_id: split_document(article) for article in list_articles(readings)}
    for reading in readings:
        evidence = "".join(reading.selected)
        question = reading.query
        chosen = choose(passages[reading.article], question, evidence)
        for number, passage in enumerate(chosen):
            start = passage.text.find(evidence)
            spans = find_spans(passage.text, reading.answers, start, start + len(evidence))
            identity = f"{reading.identity}-{number}"
            made = make(source, reading.article, identity, question, passage.text, spans)
            follows_up = bool(reading.history)
            yield replace(made, context=read_above(passage), follows_up=follows_up)


def choose(passages: Sequence[Passage], question: str, evidence: str) -> list[Passage]:
    """Return the passage of an article that holds the evidence, or those likest the question."""
    if evidence:
        return [passage for passage in passages if evidence in passage.text]
    asked = set(WORD.findall(question.casefold()))
    shared = {
        passage: len(asked & set(WORD.findall(embedded_text(passage).casefold())))
        for passage in passages
    }
    return sorted(passages, key=lambda passage: -shared[passage])[:N_LIKEST]


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

    By turns the question gets the passage of its set that shares most of its rare words but has
    none of the answers, or its own without the sentences that hold the answer.
    """
    chance = random.Random(seed)
    passages = {source: Passages(texts) for source, texts in texts_by_source(examples).items()}
    contexts = {example.text: example.context for example in examples}
    made: list[Example] = []
    for example in examples:
        if not example.spans or chance.random() >= share:
            continue
        answers = [example.text[start:end].casefold() for start, end in example.spans]
        text = without(example.text, example.support)
        if chance.random() < 0.5 or not text:
            text = passages[example.source].find_likest(example.question, answers) or text
        if text and not any(answer in text.casefold() for answer in answers):
            bare = replace(example, spans=(), support=(), is_answerable=False)
            made.append(replace(bare, text=text, context=contexts.get(text, example.context)))
    return [*examples, *made]


def texts_by_source(examples: Sequence[Example]) -> dict[str, list[str]]:
    """Return the different texts of each set, in a fixed order."""
    texts: dict[str, dict[str, None]] = defaultdict(dict)
    for example in examples:
        texts[example.source][example.text] = None
    return {source: list(found) for source, found in texts.items()}


class Passages:
    """The texts of a set, to be searched for one that looks like an answer and is none."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._holders: dict[str, list[int]] = defaultdict(list)
        for number, text in enumerate(texts):
            for word in {*WORD.findall(text.casefold())}:
                self._holders[word].append(number)

    def find_likest(self, question: str, answers: Sequence[str]) -> str:
        """Return the text that shares most of the question's rare words, without the answers.

        Empty if no text shares a word that is in less than a tenth of them.
        """
        scores: dict[int, float] = defaultdict(float)
        for word in dict.fromkeys(WORD.findall(question.casefold())):
            holders = self._holders.get(word, [])
            if len(holders) <= len(self._texts) / 10:
                for number in holders:
                    scores[number] += math.log(len(self._texts) / len(holders))
        for number in sorted(scores, key=lambda number: -scores[number])[:10]:
            text = self._texts[number].casefold()
            if not any(answer in text for answer in answers):
                return self._texts[number]
        return ""


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
