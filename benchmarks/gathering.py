"""The questions of the data sets, read in up to three ways: their evidence, and what is right.

How they are read is said in ``answering.py``.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from data_sets import (
    Reading,
    Task,
    find_spans,
    list_articles,
    read_clapnq,
    read_mtrag,
    read_squad2,
    read_written,
)
from measuring import SEED
from numpy.typing import NDArray

from rag.generate.evidence import Evidence, gather_evidence
from rag.ingest.split import embedded_text, make_passage, split_document
from rag.read.compiler import load_reader
from rag.read.memory import RememberingReader
from rag.read.reader import Reader
from rag.records import Document, Encoder, Hit, Passage
from rag.retrieve.followup import write_query

N_HITS = 5
N_CHARACTERS = 2_500  # of a passage of MTRAG-UN; a few hold whole pages


@dataclass(frozen=True)
class Example:
    """A question read in one way. ``is_support`` says of each sentence whether it answers."""

    data: str
    way: str
    reading: Reading
    evidence: Evidence
    is_answerable: bool
    is_support: NDArray[np.float64]


class Gatherer:
    """Gathers evidence with the encoder and, where there are some, an article's own reader."""

    def __init__(self, encoder: Encoder, readers: Path | None, cache: Path) -> None:
        self.encoder = encoder
        self.readers: list[Reader] = []
        self.number: dict[str, int] = {}
        for folder in sorted(readers.iterdir()) if readers else ():
            reader, _ = load_reader(str(folder), cache=cache)
            if reader is None:
                raise ValueError(f"the reader in '{folder}' cannot be compiled")
            unseen = json.loads((folder / "unseen.json").read_bytes())
            self.number |= dict.fromkeys(unseen, len(self.readers))
            self.readers.append(RememberingReader(reader))  # each passage comes in several ways

    def gather(self, article: str, query: str, passages: Sequence[Passage]) -> Evidence:
        """Return the evidence of the passages; no reader has seen what is none's to see."""
        reader = self.readers[self.number.get(article, 0)] if self.readers else None
        return gather_evidence(query, make_hits(passages), self.encoder, reader)


def make_hits(passages: Sequence[Passage]) -> list[Hit]:
    return [Hit(passage, 1.0, rank) for rank, passage in enumerate(passages, start=1)]


def read_examples(folder: Path, gatherer: Gatherer, n_articles: int | None) -> list[Example]:
    """Return all examples that have a sentence, with so many of SQuAD's articles."""
    examples = [give_clapnq(reading, gatherer) for reading in read_clapnq(folder / "clapnq")]
    readings = read_squad2(folder / "squad2" / "tune.json")
    for article in sorted({reading.article for reading in readings})[:n_articles]:
        examples += find_squad2([r for r in readings if r.article == article], gatherer)
        print(f"{article}: {len(examples):,} examples", file=sys.stderr)
    tasks, pool = read_mtrag(folder / "mtrag_un")
    examples += find_mtrag(tasks, pool, gatherer)
    examples += find_written(read_written(), gatherer)
    return [example for example in examples if example.evidence.sentences]


def give_clapnq(reading: Reading, gatherer: Gatherer) -> Example:
    document = Document("clapnq", reading.title, reading.text)
    passage = make_passage(document, 0, len(reading.text.rstrip()))
    evidence = gatherer.gather(reading.article, reading.question, [passage])
    # Its sentences are split in another way than ours: ours support if most of one is theirs.
    spans = find_spans(reading.text, reading.selected)
    is_support = [
        any(
            min(end, s.end) - max(start, s.start) > 0.5 * min(end - start, s.end - s.start)
            for start, end in spans
        )
        for s in evidence.sentences
    ]
    support = np.array(is_support, dtype=float)
    return Example("clapnq", "given", reading, evidence, reading.is_answerable, support)


def find_squad2(readings: Sequence[Reading], gatherer: Gatherer) -> list[Example]:
    """Return the examples of one article, read in all ways."""
    texts = list(dict.fromkeys(reading.text for reading in readings))
    passages = [
        passage
        for number, text in enumerate(texts)
        for passage in split_document(Document(str(number), readings[0].title, text))
    ]
    encoder = gatherer.encoder
    vectors = encoder.encode_passages([embedded_text(passage) for passage in passages])
    chance = random.Random(f"{SEED} {readings[0].article}")
    examples = []
    for reading in readings:
        own = str(texts.index(reading.text))
        order = np.argsort(-(vectors @ encoder.encode_queries([reading.question])[0]))
        ranked = [passages[i] for i in order]
        inside = [passage for passage in ranked if passage.doc_id == own]
        outside = [passage for passage in ranked if passage.doc_id != own]
        ways = [("given", inside)]
        if chance.random() < 0.5:
            ways.append(("found", ranked))
        elif reading.is_answerable:
            ways.append(("removed", outside))
        for way, chosen in ways:
            evidence = gatherer.gather(reading.article, reading.question, chosen[:N_HITS])
            support = np.array(
                [
                    s.hit.passage.doc_id == own and any(a in s.text for a in reading.answers)
                    for s in evidence.sentences
                ],
                dtype=float,
            )
            has_answer = reading.is_answerable and way != "removed"
            examples.append(Example("squad2", way, reading, evidence, has_answer, support))
    return examples


def find_mtrag(tasks: Sequence[Task], pool: Mapping[str, str], gatherer: Gatherer) -> list[Example]:
    """Return the examples of the conversations; which sentences answer is not known of them."""
    passages = [
        make_passage(Document(key, "", text), 0, min(len(text), N_CHARACTERS))
        for key, text in pool.items()
    ]
    encoder = gatherer.encoder
    vectors = encoder.encode_passages([embedded_text(passage) for passage in passages])
    chance = random.Random(f"{SEED} mtrag_un")
    examples = []
    for task in tasks:
        query = write_query(task.question, task.history)
        nearest = vectors @ encoder.encode_queries([task.question, query]).mean(axis=0)
        ranked = [passages[i] for i in np.argsort(-nearest)]
        ways = []
        if task.answerability == "UNANSWERABLE":
            ways.append(("found", False, ranked))
        elif task.answerability == "ANSWERABLE" and task.relevant:
            # Where none of the relevant passages is found, nobody could answer.
            if any(passage.doc_id in task.relevant for passage in ranked[:N_HITS]):
                ways.append(("found", True, ranked))
            if chance.random() < 0.5:
                others = [passage for passage in ranked if passage.doc_id not in task.relevant]
                ways.append(("removed", False, others))
        for way, has_answer, chosen in ways:
            evidence = gatherer.gather(task.conversation, query, chosen[:N_HITS])
            reading = Reading(task.conversation, task.conversation, "", "", query)
            none = np.zeros(len(evidence.sentences))
            examples.append(Example("mtrag_un", way, reading, evidence, has_answer, none))
    return examples


def find_written(readings: Sequence[Reading], gatherer: Gatherer) -> list[Example]:
    """Return the examples of the questions written for this project, over all its articles."""
    passages = [p for article in list_articles(readings) for p in split_document(article)]
    encoder = gatherer.encoder
    vectors = encoder.encode_passages([embedded_text(passage) for passage in passages])
    chance = random.Random(f"{SEED} written")
    examples = []
    for reading in readings:
        order = np.argsort(-(vectors @ encoder.encode_queries([reading.question])[0]))
        ranked = [passages[i] for i in order]
        others = [p for p in ranked if not holds_selected(p, reading)]
        ways = [("found", ranked)]
        if reading.is_answerable and chance.random() < 0.5:
            ways.append(("removed", others))
        for way, chosen in ways:
            evidence = gatherer.gather(reading.article, reading.question, chosen[:N_HITS])
            support = np.array(
                [
                    holds_selected(s.hit.passage, reading)
                    and any(s.text in quote or quote in s.text for quote in reading.selected)
                    for s in evidence.sentences
                ],
                dtype=float,
            )
            # Where the passage that answers is not found, nobody could answer.
            has_answer = any(holds_selected(passage, reading) for passage in chosen[:N_HITS])
            examples.append(Example("written", way, reading, evidence, has_answer, support))
    return examples


def holds_selected(passage: Passage, reading: Reading) -> bool:
    """Return whether a passage of the article holds the sentence that answers."""
    own = passage.doc_id == reading.article
    return own and any(quote in passage.text for quote in reading.selected)
