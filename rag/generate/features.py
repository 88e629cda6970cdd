"""A sentence of a hit and a query → the numbers that speak for its being the answer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rag.generate.asked import Asked, cosine, unit
from rag.generate.cues import DANGLING, read_cues
from rag.ingest.split import embedded_text
from rag.records import Encoder, Hit, TokenVectors, Vectors
from rag.retrieve.match import QueryTokens, tokens_within
from rag.retrieve.terms import Term, is_content, read_stems, read_terms

Span = tuple[int, int]

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
    "from what was said on",  # in the same article, where a question follows up on an answer
    "in the article spoken of",
)
"""The names of the columns of `Evidence.features`."""

READ = (
    "read support",  # log-odds that the sentence supports an answer
    "read span",  # of the best short answer within the sentence, against none
    "read answerable",  # of the passage's answering the question
    "read support below best",
    "read span below best",
    "read answerable below best",
)
"""The names of the columns that a reader adds."""

SURE = 12.0  # log-odds; what a reader says beyond tells no more


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a hit; ``start`` and ``end`` are characters of the document."""

    hit: Hit
    start: int
    end: int

    @property
    def text(self) -> str:
        """The sentence as it stands in the document."""
        return self.hit.passage.cut(self.start, self.end)


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
    context, lead = read_stems(hit.passage.context), read_stems(hit.passage.before)
    # A sentence that opens with a pronoun is read together with the one before it.
    first = [i - (i > 0 and DANGLING.match(s.text) is not None) for i, s in enumerate(sentences)]
    merged = [np.vstack(vectors[first[i] : i + 1]) for i in range(len(sentences))]
    alone = np.array([cosine(asked.vector, rows.mean(axis=0)) for rows in vectors])
    similarities = np.array([cosine(asked.vector, rows.mean(axis=0)) for rows in merged])
    matches, overlaps, features = [], [], []
    for i, sentence in enumerate(sentences):
        known = context | stems[i] | (stems[i - 1] if i else lead)
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
            "match of focus": match @ asked.focus if asked.focus.any() else match @ tokens.weights,
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
