"""A sentence and a passage, read so that they can be laid beside each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rag.generate.asked import unit
from rag.generate.check.facts import Facts, Source
from rag.generate.check.polarity import find_negated
from rag.generate.citations import plain_text
from rag.generate.entities.names import Name, read_names
from rag.index.lexical import find_terms
from rag.ingest.sentences import HEADING, find_sentences
from rag.ingest.split import embedded_text
from rag.records import Encoder, Passage, TokenVectors, Vectors
from rag.retrieve.match import tokens_within
from rag.retrieve.terms import Term, is_content, read_stems, read_terms


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence to be supported: its content terms, their weights and the rows of their tokens.

    ``weights`` add up to 1. ``negated`` are positions among ``terms``.
    """

    text: str
    words: tuple[Term, ...]
    terms: tuple[Term, ...]
    weights: NDArray[np.float64]
    rows: tuple[Vectors, ...]
    vector: NDArray[np.float32]
    tokens: TokenVectors
    facts: Facts
    names: tuple[Name, ...]
    negated: frozenset[int]

    @classmethod
    def of(cls, text: str, encoder: Encoder) -> Claim:
        """Return the claim of a sentence in plain text, which has a word."""
        words = tuple(read_terms(text))
        terms = tuple(term for term in words if is_content(term)) or words
        weights = np.array([term.weight for term in terms])
        (tokens,) = encoder.embed_tokens([text])
        vectors, spans = tokens
        return cls(
            text,
            words,
            terms,
            weights / weights.sum(),
            tuple(vectors[tokens_within(spans, term.start, term.end)] for term in terms),
            mean_vector(vectors),
            tokens,
            Facts.of(text),
            tuple(read_names(text)),
            frozenset(find_negated(text, terms)),
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of a passage; ``start`` and ``end`` are characters of the passage."""

    start: int
    end: int
    plain: str
    terms: tuple[Term, ...]  # of the raw text, all of them
    stems: frozenset[str]  # also those of the parts of words with a hyphen
    negated: frozenset[str]  # stems


@dataclass(frozen=True, slots=True)
class PassageLines:
    """The sentences of a passage in order, headings left out, and what can be looked up in it."""

    lines: tuple[Line, ...]
    source: Source
    stems: frozenset[str]  # of the whole passage, its title and headings
    context: frozenset[str]  # stems of the title and headings

    @classmethod
    def of(cls, passage: Passage) -> PassageLines:
        """Return the lines of a passage; those read last are remembered."""
        return _read_lines(passage.text, passage.context)


@lru_cache(maxsize=256)
def split_plain(text: str, context: str = "") -> tuple[tuple[int, int, str], ...]:
    """Return the spans of the sentences of a passage and their plain text, headings left out.

    ``context`` are its title and headings: the first lines that only say them again are left out
    too, as plain text has no mark for headings, unless nothing comes after them.
    """
    sentences = [(start, end, text[start:end]) for start, end in find_sentences(text)]
    plain = [
        (start, end, plain_text(sentence))
        for start, end, sentence in sentences
        if not HEADING.match(sentence)
    ]
    plain = [sentence for sentence in plain if re.search(r"\w", sentence[2])]
    names = {plain_text(name) for name in context.split(" > ")}
    n_names = next((n for n, (_, _, words) in enumerate(plain) if words not in names), 0)
    return tuple(plain[n_names:])


@lru_cache(maxsize=256)
def _read_lines(text: str, context: str) -> PassageLines:
    return PassageLines(
        tuple(_read_line(text, *sentence) for sentence in split_plain(text, context)),
        Source.of(text, context),
        find_stems(f"{text}\n{context}"),
        find_stems(context),
    )


def find_stems(text: str) -> frozenset[str]:
    """Return the stems of the words of a text, and of the parts of those with a hyphen."""
    return frozenset(read_stems(text)) | frozenset(find_terms(text))


def has_term(stems: frozenset[str], term: Term) -> bool:
    """Return whether a term is among the stems, or all of its parts are."""
    return term.stem in stems or (
        not term.text.isalnum() and stems.issuperset(find_terms(term.text))
    )


def _read_line(text: str, start: int, end: int, plain: str) -> Line:
    sentence = text[start:end]
    terms = tuple(read_terms(sentence))
    negated = frozenset(terms[i].stem for i in find_negated(sentence, terms))
    return Line(start, end, plain, terms, find_stems(sentence), negated)


@dataclass(frozen=True, slots=True)
class PassageVectors:
    """The token rows of a passage in its context, and those of each of its lines."""

    tokens: TokenVectors
    lead: int  # characters of title and headings before the passage's text
    lines: tuple[Vectors, ...]

    def rows_at(self, start: int, end: int) -> Vectors:
        """Return the rows of the characters ``[start, end)`` of the passage's text."""
        vectors, spans = self.tokens
        return vectors[tokens_within(spans, start + self.lead, end + self.lead)]


def embed_passages(
    passages: Sequence[tuple[Passage, PassageLines]], encoder: Encoder
) -> list[PassageVectors]:
    """Return the vectors of each passage, in order.

    A line beyond what the encoder sees of the passage is encoded alone.
    """
    embedded = encoder.embed_tokens([embedded_text(passage) for passage, _ in passages])
    return [
        _split_vectors(passage, read, tokens, encoder)
        for (passage, read), tokens in zip(passages, embedded, strict=True)
    ]


def _split_vectors(
    passage: Passage, read: PassageLines, tokens: TokenVectors, encoder: Encoder
) -> PassageVectors:
    lead = len(embedded_text(passage)) - len(passage.text)
    whole = PassageVectors(tokens, lead, ())
    seen = tokens[1][-1][1] - lead if tokens[1] else 0
    rows = []
    for line in read.lines:
        if line.end > seen + 1:
            ((alone, _),) = encoder.embed_tokens([passage.text[line.start : line.end]])
            rows.append(alone)
        else:
            rows.append(whole.rows_at(line.start, line.end))
    return PassageVectors(tokens, lead, tuple(rows))


def mean_vector(rows: Vectors) -> NDArray[np.float32]:
    """Return the mean of rows, scaled to length 1; zeros for no rows."""
    return unit(rows.mean(axis=0)) if len(rows) else np.zeros(rows.shape[1], np.float32)
