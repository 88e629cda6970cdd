"""Topic → every article that mentions it: an exhaustive pass by words, not the nearest few."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Protocol

from rag.index import DocumentRow
from rag.index.lexical import find_terms
from rag.ingest.sentences import find_sentences
from rag.ingest.split import make_passage
from rag.records import Document, Hit, Passage
from rag.retrieve.scope import has_content
from rag.retrieve.terms import Term, content_terms, read_terms, without_possessive

N_LISTED = 30  # passages that a list is gathered from: about half a second to read
PAGE = 500  # passages in memory at a time
N_BEGINNING = 1_000  # characters of a document, among which its first sentence is
OR = re.compile(r"\s*,?\s+or\s+|\s*/\s*", re.IGNORECASE)
AND = re.compile(r"\s*,?\s+(?:and|as well as)\s+", re.IGNORECASE)
BUT_NOT = re.compile(r"\s*,?\s+(?:but|and) not\s+|\s+(?:but )?without\s+", re.IGNORECASE)
SHARE_OF_LIST = 0.75  # of the weight of what is to be listed that a passage must hold


class Countable(Protocol):
    """What an exhaustive pass needs of an index; passages are numbered."""

    def search_lexical(self, query: str, k: int) -> list[tuple[int, float]]: ...  # noqa: D102
    def passages(self, ids: Sequence[int]) -> list[Passage]: ...  # noqa: D102
    def document_frequency(self, words: Sequence[str]) -> dict[str, int]: ...  # noqa: D102


class Listable(Protocol):
    """What a list of the documents needs of an index."""

    def documents(self) -> list[DocumentRow]: ...  # noqa: D102
    def document(self, doc_id: str) -> Document: ...  # noqa: D102


def find_mentions(index: Countable, topic: str) -> list[Hit]:
    """Return one hit for each document that mentions the topic.

    It does with a passage that holds all content words. Words count in any of their forms; those
    of a passage's title and headings count as its own. Of what "or" joins one is enough; what "and"
    joins may stand in several passages; what follows "but not" must not be there.
    The document with most such passages comes first, ties by ``doc_id``. Its hit is the first
    passage with a sentence that holds most of the words; the hit's score is their share.
    ``lexical_rank`` is the hit's rank.
    """
    wanted, *unwanted = BUT_NOT.split(topic)
    found = _find_any(index, wanted)
    for other in filter(has_content, unwanted):
        for doc_id in _find_any(index, other):
            found.pop(doc_id, None)
    terms = content_terms(wanted)
    hits: list[Hit] = []
    for doc_id in sorted(found, key=lambda doc_id: (-len(found[doc_id]), doc_id)):
        in_order = sorted(found[doc_id], key=lambda passage: passage.start)
        shares = [best_share(passage, terms) for passage in in_order]
        best = in_order[shares.index(max(shares))]
        rank = len(hits) + 1
        hits.append(Hit(best, max(shares), rank, lexical_rank=rank))
    return hits


def find_first(index: Listable, n: int) -> list[Hit]:
    """Return the beginning of each of the first ``n`` documents as a hit, by ``doc_id``."""
    documents = [index.document(row.doc_id) for row in index.documents()[:n]]
    return [
        Hit(make_passage(document, 0, min(len(document.text), N_BEGINNING)), 1.0, rank)
        for rank, document in enumerate(documents, start=1)
    ]


def split_alternatives(topic: str) -> list[str]:
    """Return what "or" joins in a topic, and then commas; a topic without "or" is one.

    >>> split_alternatives("BYD, Chery or Huaguan"), split_alternatives("Lahore, Pakistan")
    (['BYD', 'Chery', 'Huaguan'], ['Lahore, Pakistan'])
    """
    parts = OR.split(topic)
    if len(parts) == 1:
        return parts
    items = [item for part in parts for item in re.split(r"\s*,\s*", part)]
    return [item for item in items if has_content(item)] or [topic]


def _find_any(index: Countable, topic: str) -> dict[str, set[Passage]]:
    """Return the passages of each document that has one of the topic's alternatives."""
    found: dict[str, set[Passage]] = defaultdict(set)
    for alternative in split_alternatives(topic):
        parts = [part for part in AND.split(alternative) if has_content(part)] or [alternative]
        for doc_id, passages in _find_all(index, parts).items():
            found[doc_id] |= passages
    return found


def _find_all(index: Countable, parts: Sequence[str]) -> dict[str, set[Passage]]:
    """Return the passages that hold one of the parts, of each document that has them all."""
    found = [_find_part(index, content_terms(part)) for part in parts]
    documents = set(found[0]).intersection(*found[1:])
    return {doc_id: set().union(*(part[doc_id] for part in found)) for doc_id in documents}


def _find_part(index: Countable, terms: Sequence[Term]) -> dict[str, set[Passage]]:
    found: dict[str, set[Passage]] = defaultdict(set)
    for passage in _candidates(index, terms):
        if all(find_held(terms, f"{passage.context}\n{passage.text}")):
            found[passage.doc_id].add(passage)
    return found


def add_listed(hits: Sequence[Hit], index: Countable, topic: str) -> list[Hit]:
    """Return the hits and, behind them, every other passage that holds most of the topic's words.

    They are at most `N_LISTED` in all; those added come in the order of BM25, with score 0.
    """
    terms = content_terms(topic)
    total = sum(term.weight for term in terms)
    known = {hit.passage.passage_id for hit in hits}
    listed = list(hits)
    for passage in _candidates(index, terms):
        holds = find_held(terms, f"{passage.context}\n{passage.text}")
        held = sum(term.weight for term, is_held in zip(terms, holds, strict=True) if is_held)
        if passage.passage_id not in known and held >= SHARE_OF_LIST * total:
            listed.append(Hit(passage, 0.0, len(listed) + 1))
        if len(listed) >= N_LISTED:
            break
    return listed


def best_share(passage: Passage, terms: Sequence[Term]) -> float:
    """Return the largest share of the terms that one sentence of the passage holds."""
    return max(
        (
            sum(find_held(terms, passage.text[start:end])) / len(terms)
            for start, end in find_sentences(passage.text)
        ),
        default=0.0,
    )


def find_held(terms: Sequence[Term], text: str) -> list[bool]:
    """Return for each term whether the text has it, in any form and with or without hyphens.

    >>> find_held(read_terms("sodium-ion batteries China"), "The China-built sodium ion battery")
    [True, True, True]
    >>> find_held(read_terms("sodium-ion"), "Any ion of sodium")
    [False]
    """
    stems = {term.stem for term in read_terms(text)}
    parts = f" {' '.join(find_terms(text))} "
    return [
        term.stem in stems or f" {_stem_parts(without_possessive(term.text))} " in parts
        for term in terms
    ]


@lru_cache(maxsize=1_000)
def _stem_parts(word: str) -> str:
    """Return the parts of a word as the lexical index has them; asked for with every passage."""
    return " ".join(find_terms(word))


def _candidates(index: Countable, terms: Sequence[Term]) -> Iterator[Passage]:
    """Yield every passage with the rarest of the words, best by BM25 first."""
    words = [word for term in terms for word in split_word(term)]
    frequency = index.document_frequency(words)
    rarest = min(words, key=lambda word: frequency[word])
    if not frequency[rarest]:
        return
    ids = [number for number, _ in index.search_lexical(rarest, frequency[rarest])]
    for first in range(0, len(ids), PAGE):
        yield from index.passages(ids[first : first + PAGE])


def split_word(term: Term) -> list[str]:
    """Return the parts that the lexical index has of a term, so that each can be counted.

    >>> [split_word(term) for term in read_terms("Khan's sodium-ion 3.5%")]
    [['Khan'], ['sodium', 'ion'], ['3.5%']]
    """
    if term.is_number:
        return [term.text]
    return re.findall(r"[^\W_]+", without_possessive(term.text))
