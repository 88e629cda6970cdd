"""The questions of the data sets, read in up to three ways: their evidence, and what is right.

How they are read is said in ``answering.py``.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
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
from rag.generate.forms import write_forms
from rag.index.texts import LocalTexts
from rag.ingest.split import embedded_text, make_passage, split_document
from rag.read.compiler import load_reader
from rag.read.memory import RememberingReader
from rag.read.reader import Reader
from rag.records import Document, Encoder, Hit, Passage
from rag.retrieve.retriever import IndexRetriever

N_HITS = 5
N_CHARACTERS = 2_500  # of a passage of MTRAG-UN; a few hold whole pages


@dataclass(frozen=True)
class Example:
    """A question read in one way. ``is_support`` says of each sentence whether it answers.

    The question is as it can stand alone; ``said`` is the answer that it follows up on.
    """

    data: str
    way: str
    reading: Reading
    evidence: Evidence
    is_answerable: bool
    is_support: NDArray[np.float64]
    said: str = ""


class Pool(LocalTexts):
    """Passages in memory: what `rag.retrieve.retriever.IndexRetriever` searches."""

    def __init__(self, passages: Sequence[Passage], encoder: Encoder) -> None:
        super().__init__()
        self._passages = passages
        texts = [embedded_text(passage) for passage in passages]
        self.add(texts, encoder.encode_passages(texts))

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Return the passages with these numbers."""
        return [self._passages[i] for i in ids]


class Gatherer:
    """Retrieves and gathers evidence as the program does.

    Where there are readers, with one that has learnt nothing from the article.
    """

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

    def find_reader(self, article: str) -> Reader | None:
        """Return the reader that has not seen the article; any where none has."""
        return self.readers[self.number.get(article, 0)] if self.readers else None

    def retrieve(self, pool: Pool, reading: Reading, k: int) -> list[Hit]:
        """Return the hits of a question, as the program would."""
        forms = write_forms(reading.question, reading.history)
        reader = self.find_reader(reading.article)
        retriever = IndexRetriever(pool, self.encoder, reader=reader)
        return retriever.retrieve_all(forms.weighted, k, said=forms.said)

    def gather(self, reading: Reading, hits: Sequence[Hit]) -> Evidence:
        """Return the evidence of the hits."""
        forms = write_forms(reading.question, reading.history)
        reader = self.find_reader(reading.article)
        return gather_evidence(forms.query, hits, self.encoder, reader, said=forms.said)


def make_example(
    data: str,
    way: str,
    reading: Reading,
    evidence: Evidence,
    *,
    has_answer: bool,
    support: Sequence[bool] = (),
) -> Example:
    """Return an example; which sentences answer is not known of all."""
    said = reading.history[-1].answer if reading.history else ""
    alone = replace(reading, question=reading.query, history=())
    known = np.array(support or [False] * len(evidence.sentences), dtype=float)
    return Example(data, way, alone, evidence, has_answer, known, said)


def make_hits(passages: Sequence[Passage]) -> list[Hit]:
    return [Hit(passage, 1.0, rank) for rank, passage in enumerate(passages, start=1)]


def leave_out(hits: Sequence[Hit], passages: Collection[Passage]) -> list[Hit]:
    """Return the best hits that remain without these passages, with their new ranks."""
    kept = [hit for hit in hits if hit.passage not in passages][:N_HITS]
    return [replace(hit, rank=rank) for rank, hit in enumerate(kept, start=1)]


def read_examples(folder: Path, gatherer: Gatherer, n_articles: int | None) -> list[Example]:
    """Return all examples that have a sentence, with so many of SQuAD's articles."""
    examples = [give_clapnq(reading, gatherer) for reading in read_clapnq(folder / "clapnq")]
    readings = read_squad2(folder / "squad2" / "tune.json")
    for article in sorted({reading.article for reading in readings})[:n_articles]:
        examples += find_squad2([r for r in readings if r.article == article], gatherer)
        print(f"{article}: {len(examples):,} examples", file=sys.stderr)
    tasks, pool = read_mtrag(folder / "mtrag_un")
    examples += find_mtrag(tasks, pool, gatherer)
    examples += find_written("written", read_written(), gatherer)
    examples += find_written("follow_ups", read_written("follow_ups.jsonl"), gatherer)
    return [example for example in examples if example.evidence.sentences]


def give_clapnq(reading: Reading, gatherer: Gatherer) -> Example:
    document = Document("clapnq", reading.title, reading.text)
    passage = make_passage(document, 0, len(reading.text.rstrip()))
    evidence = gatherer.gather(reading, make_hits([passage]))
    # Its sentences are split in another way than ours: ours support if most of one is theirs.
    spans = find_spans(reading.text, reading.selected)
    support = [
        any(
            min(end, s.end) - max(start, s.start) > 0.5 * min(end - start, s.end - s.start)
            for start, end in spans
        )
        for s in evidence.sentences
    ]
    has_answer = reading.is_answerable
    return make_example(
        "clapnq", "given", reading, evidence, has_answer=has_answer, support=support
    )


def find_squad2(readings: Sequence[Reading], gatherer: Gatherer) -> list[Example]:
    """Return the examples of one article, read in all ways."""
    texts = list(dict.fromkeys(reading.text for reading in readings))
    passages = [
        passage
        for number, text in enumerate(texts)
        for passage in split_document(Document(str(number), readings[0].title, text))
    ]
    pool = Pool(passages, gatherer.encoder)
    chance = random.Random(f"{SEED} {readings[0].article}")
    examples = []
    for reading in readings:
        own = str(texts.index(reading.text))
        own_passages = [passage for passage in passages if passage.doc_id == own]
        ways = [("given", make_hits(own_passages))]
        if chance.random() < 0.5:
            ways.append(("found", gatherer.retrieve(pool, reading, N_HITS)))
        elif reading.is_answerable:
            hits = gatherer.retrieve(pool, reading, N_HITS + len(own_passages))
            ways.append(("removed", leave_out(hits, own_passages)))
        for way, hits in ways:
            evidence = gatherer.gather(reading, hits)
            support = [
                s.hit.passage.doc_id == own and any(a in s.text for a in reading.answers)
                for s in evidence.sentences
            ]
            has_answer = reading.is_answerable and way != "removed"
            examples.append(
                make_example(
                    "squad2", way, reading, evidence, has_answer=has_answer, support=support
                )
            )
    return examples


def find_mtrag(tasks: Sequence[Task], pool: Mapping[str, str], gatherer: Gatherer) -> list[Example]:
    """Return the examples of the conversations; which sentences answer is not known of them."""
    passages = [
        make_passage(Document(key, "", text), 0, min(len(text), N_CHARACTERS))
        for key, text in pool.items()
    ]
    searched = Pool(passages, gatherer.encoder)
    chance = random.Random(f"{SEED} mtrag_un")
    examples = []
    for task in tasks:
        reading = Reading(
            *(task.conversation, task.conversation, "", "", task.question), history=task.history
        )
        hits = gatherer.retrieve(searched, reading, N_HITS + len(task.relevant))
        ways = []
        if task.answerability == "UNANSWERABLE":
            ways.append(("found", False, hits[:N_HITS]))
        elif task.answerability == "ANSWERABLE" and task.relevant:
            # Where none of the relevant passages is found, nobody could answer.
            if any(hit.passage.doc_id in task.relevant for hit in hits[:N_HITS]):
                ways.append(("found", True, hits[:N_HITS]))
            if chance.random() < 0.5:
                relevant = [passage for passage in passages if passage.doc_id in task.relevant]
                ways.append(("removed", False, leave_out(hits, relevant)))
        for way, has_answer, chosen in ways:
            evidence = gatherer.gather(reading, chosen)
            examples.append(make_example("mtrag_un", way, reading, evidence, has_answer=has_answer))
    return examples


def find_written(data: str, readings: Sequence[Reading], gatherer: Gatherer) -> list[Example]:
    """Return the examples of the questions written for this project, over all its articles."""
    passages = [p for article in list_articles(readings) for p in split_document(article)]
    pool = Pool(passages, gatherer.encoder)
    chance = random.Random(f"{SEED} {data}")
    examples = []
    for reading in readings:
        holders = [passage for passage in passages if holds_selected(passage, reading)]
        hits = gatherer.retrieve(pool, reading, N_HITS + len(holders))
        ways = [("found", hits[:N_HITS])]
        if reading.is_answerable and chance.random() < 0.5:
            ways.append(("removed", leave_out(hits, holders)))
        for way, chosen in ways:
            evidence = gatherer.gather(reading, chosen)
            support = [
                holds_selected(s.hit.passage, reading)
                and any(s.text in quote or quote in s.text for quote in reading.selected)
                for s in evidence.sentences
            ]
            # Where the passage that answers is not found, nobody could answer.
            has_answer = any(hit.passage in holders for hit in chosen)
            examples.append(
                make_example(data, way, reading, evidence, has_answer=has_answer, support=support)
            )
    return examples


def holds_selected(passage: Passage, reading: Reading) -> bool:
    """Return whether a passage of the article holds the sentence that answers."""
    own = passage.doc_id == reading.article
    return own and any(quote in passage.text for quote in reading.selected)
