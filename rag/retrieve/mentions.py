"""Topic → every article that mentions it: an exhaustive pass by words, not the nearest few."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Protocol

from rag.ingest.sentences import find_sentences
from rag.records import Hit, Passage
from rag.retrieve.terms import Term, content_terms, read_terms

N_LISTED = 30  # passages that a list is gathered from: about half a second to read
PAGE = 500  # passages in memory at a time
SHARE_OF_LIST = 0.75  # of the weight of what is to be listed that a passage must hold


class Countable(Protocol):
    """What an exhaustive pass needs of an index; passages are numbered."""

    def search_lexical(self, query: str, k: int) -> list[tuple[int, float]]: ...  # noqa: D102
    def passages(self, ids: Sequence[int]) -> list[Passage]: ...  # noqa: D102
    def document_frequency(self, words: Sequence[str]) -> dict[str, int]: ...  # noqa: D102


def find_mentions(index: Countable, topic: str) -> list[Hit]:
    """Return one hit for each document with a passage that holds all content words of the topic.

    Words count in any of their forms; those of a passage's title and headings count as its own.
    The document with most such passages comes first, ties by ``doc_id``. Its hit is the first
    passage with a sentence that holds most of the words; the hit's score is their share.
    ``lexical_rank`` is the hit's rank.
    """
    terms = content_terms(topic)
    stems = {term.stem for term in terms}
    found: dict[str, list[Passage]] = defaultdict(list)
    for passage in _candidates(index, terms):
        if stems <= _stems_of(f"{passage.context}\n{passage.text}"):
            found[passage.doc_id].append(passage)
    hits: list[Hit] = []
    for doc_id in sorted(found, key=lambda doc_id: (-len(found[doc_id]), doc_id)):
        passages = sorted(found[doc_id], key=lambda passage: passage.start)
        shares = [best_share(passage, stems) for passage in passages]
        best = passages[shares.index(max(shares))]
        rank = len(hits) + 1
        hits.append(Hit(best, max(shares), rank, lexical_rank=rank))
    return hits


def add_listed(hits: Sequence[Hit], index: Countable, topic: str) -> list[Hit]:
    """Return the hits and, behind them, every other passage that holds most of the topic's words.

    They are at most `N_LISTED` in all; those added come in the order of BM25, with score 0.
    """
    terms = content_terms(topic)
    total = sum(term.weight for term in terms)
    known = {hit.passage.passage_id for hit in hits}
    listed = list(hits)
    for passage in _candidates(index, terms):
        stems = _stems_of(f"{passage.context}\n{passage.text}")
        held = sum(term.weight for term in terms if term.stem in stems)
        if passage.passage_id not in known and held >= SHARE_OF_LIST * total:
            listed.append(Hit(passage, 0.0, len(listed) + 1))
        if len(listed) >= N_LISTED:
            break
    return listed


def best_share(passage: Passage, stems: Collection[str]) -> float:
    """Return the largest share of the stems that one sentence of the passage holds."""
    return max(
        (
            len(_stems_of(passage.text[start:end]) & set(stems)) / len(stems)
            for start, end in find_sentences(passage.text)
        ),
        default=0.0,
    )


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

    >>> [split_word(term) for term in read_terms("sodium-ion 3.5%")]
    [['sodium', 'ion'], ['3.5%']]
    """
    return [term.text] if term.is_number else re.findall(r"[^\W_]+", term.text)


def _stems_of(text: str) -> set[str]:
    return {term.stem for term in read_terms(text)}
