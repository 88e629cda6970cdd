"""What flows through the pipeline: the records, and the protocols of the exchangeable parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Unit rows, shape ``(n, d)``: the inner product of two rows is their cosine."""

TokenVectors = tuple[Vectors, list[tuple[int, int]]]
"""A unit row for each token of a text, in context, and the span of each token in the text."""


@dataclass(frozen=True, slots=True)
class Document:
    """One article, as read from a file.

    ``doc_id`` is the path relative to the corpus, with forward slashes; a line of a ``.jsonl``
    file adds ``#`` and its own id. ``text`` is the body without front matter and page furniture;
    structure, where the format has any, is written as Markdown (``# heading``, ``- item``).
    Every offset of the project counts characters of this text. ``source`` names the outlet,
    ``published`` is a date as the file gives it; both are empty where the file does not say.
    ``sha256`` is that of the file's bytes (for ``.jsonl``, of the line).
    """

    doc_id: str
    title: str
    text: str
    source: str = ""
    url: str = ""
    author: str = ""
    published: str = ""
    path: Path = Path()
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of a document: ``text == document.text[start:end]``, in characters, half-open.

    ``title`` and ``heading`` (the path of headings above the span, joined with `` > ``) are
    context: they are embedded with the passage and shown with it, and are not part of the span.
    ``before`` is what the section says just above the span, a sentence or two: a reader sees it
    too, since it often names whom "she" in the passage is.
    """

    passage_id: str
    doc_id: str
    start: int
    end: int
    heading: str
    text: str
    title: str = ""
    before: str = field(default="", compare=False)  # its place tells it

    def cut(self, start: int, end: int) -> str:
        """Return the characters ``[start, end)`` of the document, which lie within the passage."""
        return self.text[start - self.start : end - self.start]

    @property
    def context(self) -> str:
        """The title and the headings, without a heading that only repeats the title."""
        headings = [part for part in self.heading.split(" > ") if part and part != self.title]
        return " > ".join([self.title, *headings] if self.title else headings)


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved passage. Ranks start at 1, a higher score is better.

    ``dense_rank`` and ``lexical_rank`` are the passage's ranks in the two rankings that were
    fused, ``None`` where a ranking did not have it.
    """

    passage: Passage
    score: float
    rank: int
    dense_rank: int | None = None
    lexical_rank: int | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """What ``[number]`` in an answer stands for.

    ``start`` and ``end`` are the characters of the *document* that support the sentence; they lie
    within the passage. ``quote`` is exactly that text.
    """

    number: int
    passage: Passage
    start: int
    end: int

    def __post_init__(self) -> None:
        if not self.passage.start <= self.start < self.end <= self.passage.end:
            raise ValueError(
                f"the cited span must lie within its passage "
                f"[{self.passage.start}, {self.passage.end}), got [{self.start}, {self.end})"
            )

    @property
    def quote(self) -> str:
        """The cited text, character for character as it stands in the document."""
        return self.passage.cut(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange of a conversation."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A sentence of an answer that no passage supports, as it stands there with its mark.

    ``reason`` tells a person what is wrong with it.
    """

    text: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, what it rests on, and how it came about.

    ``text`` carries ``[n]`` after every sentence, numbered by first use; each number is one of
    ``citations``. Several citations may share a number: spans of the same passage. A sentence of
    a language model that no passage supports ends in "(not supported by …)" instead, and is one
    of ``unsupported``: it is shown, and is not said as a fact. ``hits`` are
    all retrieved passages, best first; where ``abstained`` is true they are the nearest passages,
    and are not an answer. ``confidence`` is the estimated probability, between 0 and 1, that the
    passages answer the question. ``query`` is what was retrieved with. ``notices`` are sentences
    for the person, such as "the language model did not answer; …".
    """

    text: str
    citations: tuple[Citation, ...] = ()
    hits: tuple[Hit, ...] = ()
    abstained: bool = False
    confidence: float = 0.0
    query: str = ""
    generator: str = ""
    notices: tuple[str, ...] = field(default=())
    unsupported: tuple[Unsupported, ...] = field(default=())

    @property
    def stated(self) -> str:
        """The text without its unsupported sentences: what the answer says as a fact."""
        text = self.text
        for sentence in self.unsupported:
            text = text.replace(sentence.text, "")
        lines = (" ".join(line.split()) for line in text.split("\n"))
        return "\n".join(line for line in lines if line not in ("", "-"))


class Encoder(Protocol):
    """Turns texts into unit vectors.

    ``name`` and ``weights_sha256`` identify the model: vectors of two encoders that differ in
    either are never compared. ``max_tokens`` is how many of its own tokens the model sees,
    special tokens included; longer text would be cut.
    """

    @property
    def name(self) -> str: ...
    @property
    def weights_sha256(self) -> str: ...
    @property
    def dimension(self) -> int: ...
    @property
    def max_tokens(self) -> int: ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many of the model's own tokens each text has, special tokens included."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return a unit row for each query, in order; shape ``(0, d)`` for no texts."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return a unit row for each text, in order; shape ``(0, d)`` for no texts."""
        ...

    def embed_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the vectors of each text's tokens, as far as seen, without special ones."""
        ...


class Retriever(Protocol):
    """Finds passages."""

    def retrieve(self, query: str, k: int) -> list[Hit]:
        """Return at most ``k`` hits, best first, ranks 1, 2, …; ``[]`` where nothing is found."""
        ...


def check_k(k: int) -> int:
    """Return ``k``; raise a ``ValueError`` unless so many hits can be asked for."""
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    return k


class Generator(Protocol):
    """Writes an answer from hits."""

    @property
    def name(self) -> str: ...

    def stream(
        self, question: str, hits: Sequence[Hit], *, query: str, history: Sequence[Turn] = ()
    ) -> Iterator[Answer]:
        """Yield growing answers to the question; the last one is whole and its citations checked.

        ``query`` is the standalone form of the question. At least one answer is yielded.
        """
        ...
