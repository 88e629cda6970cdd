"""Question and hits → every sentence of the hits, with what speaks for its being the answer."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rag.generate.citations import plain_text
from rag.generate.cues import DANGLING, Cues, read_cues
from rag.ingest.sentences import HEADING, find_sentences
from rag.ingest.split import embedded_text
from rag.records import Encoder, Hit, TokenVectors, Vectors
from rag.retrieve.match import QueryTokens, tokens_within
from rag.retrieve.terms import (
    Kind,
    Term,
    expected_kind,
    is_content,
    read_terms,
    split_context,
)

FEATURES = (
    "similarity",  # cosine of the question and the sentence in its context
    "similarity of passage",
    "similarity of sentence before",
    "similarity of sentence after",
    "similarity below best",
    "match",  # weighted mean over the question's terms of the nearest token (late interaction)
    "match unweighted",
    "match of worst term",
    "match of focus",  # of what "which", "what" or "how many" asks for
    "match of asking",  # of "who", "how many", …
    "match below best",
    "match local",  # the same with weights that fall for terms that most sentences hold
    "overlap",  # weighted share of the question's terms that stand in the sentence
    "overlap local",
    "overlap in context",  # … or in the title, a heading, the sentence before
    "overlap of pairs",  # share of the question's neighbouring terms that are neighbours here
    "names missing",  # weighted share of the question's names that context and sentence lack
    "numbers missing",
    "kind agrees",
    "kind disagrees",
    "negation differs",
    "opposite",  # says public where the question says private
    "is first",
    "length",
    "rank of passage",
)
"""The names of the columns of `Evidence.features`."""

ASKING = re.compile(
    r"\b(?:which|what|whose|how many|how much|how|who|whom|when|where|why)\b", re.IGNORECASE
)
ASKING_FOR = re.compile(r"\b(?:which|what|whose|how many|how much|how)\b", re.IGNORECASE)
N_FOCUS = 2  # words: "which Pakistani banks", "how many electric vehicles"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a hit; ``start`` and ``end`` are characters of the document."""

    hit: Hit
    start: int
    end: int

    @property
    def text(self) -> str:
        """The sentence as it stands in the document."""
        passage = self.hit.passage
        return passage.text[self.start - passage.start : self.end - passage.start]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sentences of the hits, in order of the hits, and the numbers that speak for each.

    ``features`` has a row for each sentence and a column for each of `FEATURES`. ``matches`` has
    a row for each sentence and a column for each of ``terms``, the content terms of the query:
    the cosine of the term and the nearest token of the sentence, both in context. ``overlaps``
    has the same shape: whether the sentence holds the term. ``weights`` and ``local_weights`` of
    the terms add up to 1; the latter fall with the number of sentences that hold the term.
    """

    kind: Kind
    terms: tuple[Term, ...]
    weights: NDArray[np.float64]
    local_weights: NDArray[np.float64]
    sentences: tuple[Sentence, ...]
    features: NDArray[np.float64]
    matches: NDArray[np.float64]
    overlaps: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, read once for all sentences."""

    question: str  # without the context that a query carries
    kind: Kind
    tokens: QueryTokens
    asking: Vectors  # the tokens of "who", "how many", …; of the whole question if there are none
    stems: frozenset[str]  # of all its words
    cues: Cues
    vector: NDArray[np.float32]


def gather_evidence(query: str, hits: Sequence[Hit], encoder: Encoder) -> Evidence:
    """Return every sentence of the hits with its features; headings are not sentences."""
    asked = read_query(query, encoder)
    embedded = encoder.embed_tokens([embedded_text(hit.passage) for hit in hits])
    sentences: list[Sentence] = []
    tables = []
    for hit, tokens in zip(hits, embedded, strict=True):
        found = find_hit_sentences(hit)
        if found:
            sentences += found
            tables.append(read_hit(asked, hit, found, embed_sentences(hit, found, tokens, encoder)))
    n_terms = len(asked.tokens.terms)
    features = np.vstack([np.zeros((0, len(FEATURES))), *(table[0] for table in tables)])
    matches = np.vstack([np.zeros((0, n_terms)), *(table[1] for table in tables)])
    overlaps = np.vstack([np.zeros((0, n_terms)), *(table[2] for table in tables)])
    local = weigh_locally(asked.tokens.weights, overlaps)
    if sentences:
        features[:, FEATURES.index("match local")] = matches @ local
        features[:, FEATURES.index("overlap local")] = overlaps @ local
        for below, name in (("similarity below best", "similarity"), ("match below best", "match")):
            column = features[:, FEATURES.index(name)]
            features[:, FEATURES.index(below)] = column - column.max()
    terms, weights = asked.tokens.terms, asked.tokens.weights
    return Evidence(
        asked.kind, terms, weights, local, tuple(sentences), features, matches, overlaps
    )


def read_query(query: str, encoder: Encoder) -> Asked:
    """Return the kind, the terms and the vector of a query; the kind is that of its question."""
    question, context = split_context(query)
    vectors = encoder.encode_queries([question, query] if context else [query])
    ((rows, spans),) = encoder.embed_tokens([query])
    asking = ASKING.search(question)
    within = tokens_within(spans, asking.start(), asking.end()) if asking else []
    return Asked(
        question,
        expected_kind(question),
        QueryTokens.of(query, encoder),
        rows[within] if within else rows,
        frozenset(term.stem for term in read_terms(query)),
        read_cues(question),
        unit(vectors.mean(axis=0)),
    )


def weigh_locally(
    weights: NDArray[np.float64], overlaps: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the weights times an inverse frequency of the terms in these sentences, sum 1.

    In articles that are all about one thing its words tell little; what few sentences hold, or
    none, is what is asked.
    """
    n = len(overlaps)
    rarity = np.log((n + 1) / (overlaps.sum(axis=0) + 0.5))
    local: NDArray[np.float64] = weights * np.maximum(rarity, 0.05)  # no term stops counting
    return local / local.sum() if len(local) else local


def find_hit_sentences(hit: Hit) -> list[Sentence]:
    """Return the sentences of a hit in order, without headings and what has no word."""
    passage = hit.passage
    return [
        Sentence(hit, passage.start + start, passage.start + end)
        for start, end in find_sentences(passage.text)
        if not HEADING.match(passage.text[start:end])
        and re.search(r"\w", plain_text(passage.text[start:end]))
    ]


def read_hit(
    asked: Asked,
    hit: Hit,
    sentences: Sequence[Sentence],
    embedded: tuple[list[Vectors], NDArray[np.float32]],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the features, matches and overlaps of a hit's sentences.

    The features that compare with the other hits are left at 0.
    """
    vectors, of_passage = embedded
    tokens = asked.tokens
    words = [read_terms(sentence.text) for sentence in sentences]
    stems = [{term.stem for term in terms} for terms in words]
    context = {term.stem for term in read_terms(hit.passage.context)}
    # A sentence that opens with a pronoun is read together with the one before it.
    first = [i - (i > 0 and DANGLING.match(s.text) is not None) for i, s in enumerate(sentences)]
    merged = [np.vstack(vectors[first[i] : i + 1]) for i in range(len(sentences))]
    alone = np.array([cosine(asked.vector, rows.mean(axis=0)) for rows in vectors])
    similarities = np.array([cosine(asked.vector, rows.mean(axis=0)) for rows in merged])
    focus = find_focus(tokens.terms, asked.question)
    matches, overlaps, features = [], [], []
    for i, sentence in enumerate(sentences):
        known = context | stems[i] | (stems[i - 1] if i else set())
        match = tokens.match(merged[i])
        overlap = holds(tokens.terms, set().union(*stems[first[i] : i + 1]))
        in_context = holds(tokens.terms, known)
        cues = read_cues(sentence.text, asked.stems)
        agrees = cues.agrees(asked.kind)
        named = {
            "similarity": similarities[i],
            "similarity of passage": of_passage @ asked.vector,
            "similarity of sentence before": alone[max(first[i] - 1, 0)],
            "similarity of sentence after": alone[min(i + 1, len(alone) - 1)],
            "match": match @ tokens.weights,
            "match unweighted": match.mean() if len(match) else 0.0,
            "match of worst term": match.min() if len(match) else 0.0,
            "match of asking": (
                float((asked.asking @ vectors[i].T).max(axis=1).mean())
                if len(asked.asking)
                else 0.0
            ),
            "match of focus": match @ focus if focus.any() else match @ tokens.weights,
            "overlap": overlap @ tokens.weights,
            "overlap in context": in_context @ tokens.weights,
            "overlap of pairs": pair_overlap(tokens.terms, words[i]),
            "names missing": share_missing(tokens, in_context, "is_name"),
            "numbers missing": share_missing(tokens, in_context, "is_number"),
            "kind agrees": agrees is True,
            "kind disagrees": agrees is False,
            "negation differs": cues.is_negated != asked.cues.is_negated,
            "opposite": cues.opposes(asked.cues),
            "is first": i == 0,
            "length": np.log1p(len(words[i])),
            "rank of passage": 1 / hit.rank,
        }
        matches.append(match)
        overlaps.append(overlap)
        features.append([float(named.get(name, 0.0)) for name in FEATURES])
    return np.array(features), np.array(matches), np.array(overlaps)


def embed_sentences(
    hit: Hit, sentences: Sequence[Sentence], tokens: TokenVectors, encoder: Encoder
) -> tuple[list[Vectors], NDArray[np.float32]]:
    """Return the token vectors of each sentence in its context, and the passage's unit vector.

    A sentence that lies beyond what the encoder sees of the passage is encoded again without what
    stands before it; a passage from an index is always seen whole.
    """
    passage = hit.passage
    lead = len(embedded_text(passage)) - len(passage.text)  # of title and headings
    vectors, spans = tokens
    of_passage = unit(vectors.mean(axis=0)) if len(vectors) else encoder.encode_passages([""])[0]
    origin = passage.start
    found: list[Vectors] = []
    for sentence in sentences:
        start, end = (sentence.start - origin + lead, sentence.end - origin + lead)
        if origin < sentence.start and (not spans or end > spans[-1][1] + 1):
            origin, lead = sentence.start, 0
            ((vectors, spans),) = encoder.embed_tokens([passage.text[origin - passage.start :]])
            start, end = 0, sentence.end - origin
        within = tokens_within(spans, start, end)
        # A sentence without any token of its own, such as a lone symbol, is as its passage.
        found.append(vectors[within] if within else of_passage[None, :])
    return found, of_passage


def find_focus(terms: Sequence[Term], question: str) -> NDArray[np.float64]:
    """Return weights, sum 1, of the terms that name what is asked for; all 0 if none does.

    >>> terms = read_terms("Which banks will attend?")
    >>> find_focus(terms, "Which banks will attend?").tolist()
    [0.0, 1.0, 0.0, 0.0]
    """
    asking = ASKING_FOR.search(question)
    starts = set()
    for word in read_terms(question[asking.end() :])[:N_FOCUS] if asking else []:
        if not is_content(word):
            break
        starts.add(word.start + (asking.end() if asking else 0))
    chosen = np.array([float(term.start in starts) for term in terms])
    return chosen / max(float(chosen.sum()), 1.0)


def holds(terms: Sequence[Term], stems: Collection[str]) -> NDArray[np.float64]:
    """Return for each term 1 if its stem is among the stems, else 0."""
    return np.array([float(term.stem in stems) for term in terms])


def pair_overlap(terms: Sequence[Term], words: Sequence[Term]) -> float:
    """Return the share of neighbouring terms of the question that are neighbours in a sentence."""
    wanted = [(first.stem, second.stem) for first, second in zip(terms, terms[1:], strict=False)]
    if not wanted:
        return 0.0
    content = [term.stem for term in words if is_content(term)]
    present = {frozenset(pair) for pair in zip(content, content[1:], strict=False)}
    return sum(frozenset(pair) in present for pair in wanted) / len(wanted)


def share_missing(
    tokens: QueryTokens, present: NDArray[np.float64], which: Literal["is_name", "is_number"]
) -> float:
    """Return the weighted share of the names or numbers not present; 0 if none is asked with."""
    chosen = np.array([float(getattr(term, which)) for term in tokens.terms])
    weights = tokens.weights * chosen
    total = float(weights.sum())
    return float(weights @ (1 - present)) / total if total else 0.0


def cosine(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Return the cosine of two vectors of any length; 0 for a vector of zeros."""
    return float(unit(first) @ unit(second))


def unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the vector scaled to length 1; a vector of zeros stays as it is."""
    length = float(np.linalg.norm(vector))
    return vector / np.float32(length) if length else vector
