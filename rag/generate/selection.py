"""Evidence → the sentences that answer, and the probability that they do."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from rag.generate.antecedents import add_antecedents
from rag.generate.continuing import find_heard
from rag.generate.evidence import Evidence
from rag.generate.features import FEATURES, READ, Sentence
from rag.generate.lacking import find_strangers
from rag.generate.lists import find_named_lists
from rag.generate.weights import LinearModel, read_weights, sigmoid
from rag.generate.words.rows import find_rivals
from rag.retrieve.kinds import Kind, expected_kind
from rag.retrieve.mentions import SHARE_OF_LIST
from rag.retrieve.terms import is_content, read_terms

KINDS: tuple[Kind, ...] = get_args(Kind)
STRONGEST = (
    "similarity",
    "similarity of passage",
    "match",
    "match unweighted",
    "match of worst term",
    "match of focus",
    "match local",
    "overlap",
    "overlap local",
    "overlap in context",
    "overlap of pairs",
)
SUMMARY = (
    *FEATURES,  # of the best sentence
    *(f"strongest {name}" for name in STRONGEST),  # over all sentences
    "score of best",
    "score of second",
    "match anywhere",
    "match anywhere of worst term",
    "match anywhere unweighted",
    "overlap anywhere",
    "every term overlaps",
    "sentences",
    "terms",
    "weightiest term without overlap",
    "terms neither overlapping nor matching",
    "weightiest term without match",
    "two worst matches",
    "weightiest term missing in best",
    "weightiest term without overlap in best",
    "terms found in best",
    "local match anywhere",
    "local overlap anywhere",
    "local weightiest term without overlap",
    "local weightiest term missing in best",
    "local terms found in best",
    *(f"asks {kind}" for kind in KINDS),
)
"""The names of what `summarize` returns."""

SUMMARY_READ = (*READ, *(f"strongest {name}" for name in READ[:3]))
"""The names of what it returns beyond, where a reader has read."""

COLUMNS = {"sentence": (FEATURES, READ), "answerable": (SUMMARY, SUMMARY_READ)}
"""The columns of each model: without a reader, and what a reader adds. See also `tabulate`."""

FACTS = {"number", "when", "who", "where", "yes/no"}  # one sentence as a rule answers these
MARGIN_OF_FACT, MARGIN = 3.5, 4.5  # log-odds below the best; so that there are two, on the average
MARGIN_ELSEWHERE = 1.5  # log-odds, in another article than the best; 3 cites 5.5 % wrong for 4.5
MARGIN_OF_ITEM = 2.0  # log-odds further below, so that an item of a list is seldom left out
N_OF_FACT, N_SENTENCES, N_OF_LIST = 2, 3, 20
RARE_WORD = 0.95  # weight of a term; drones has 0.94, Borvale and Pakistan 1
CONFIDENCE_OF_ITEM = 0.5  # that a list is answered if a sentence has all its words and a new name
SAID_BEFORE = 4.5  # log-odds; as much as MARGIN, so that it comes last if at all
LIST_QUESTION = re.compile(
    r"^\W*(?:list|name|enumerate|give)\b|\bwhat are (?:the|some|all)\b|\bwhich (?:\w+ )?\w+s are\b"
    r"|\ball (?:the|of)\b",
    re.IGNORECASE,
)


def find_fitted(*, is_read: bool) -> Mapping[str, Any]:
    """Return the fitted models and threshold, with a reader's columns or without them."""
    fitted: Mapping[str, Any] = read_weights()["read" if is_read else "unread"]
    return fitted


def name_columns(model: str, *, is_read: bool) -> tuple[str, ...]:
    """Return the columns of the model ``sentence`` or ``answerable``, in order."""
    columns, of_reader = COLUMNS[model]
    names = (*columns, *of_reader) if is_read else columns
    if model == "answerable":
        return names
    return (*names, *(f"{name}, {way}" for way in ("yes/no", "terse") for name in names))


@cache
def find_model(model: str, *, is_read: bool) -> LinearModel:
    """Return the fitted model ``sentence`` or ``answerable``."""
    return LinearModel.from_json(
        find_fitted(is_read=is_read)[model], name_columns(model, is_read=is_read)
    )


def score_sentences(evidence: Evidence, said: str = "") -> NDArray[np.float64]:
    """Return for each sentence the log-odds of its belonging to the answer, if there is one.

    ``said`` is the answer before this one. A sentence that was in it, and does not hold what is
    asked for now, counts less: who asks on wants to hear something else.
    """
    scores = find_model("sentence", is_read=evidence.is_read).score(tabulate(evidence))
    return scores - count_less(evidence, said)


def count_less(evidence: Evidence, said: str) -> NDArray[np.float64]:
    """Return by how much less each sentence counts after an answer, in log-odds."""
    if not said:
        return np.zeros(len(evidence.sentences))
    agrees = evidence.features[:, FEATURES.index("kind agrees")]
    heard = find_heard(evidence.sentences, said)
    return np.where(heard & (agrees == 0), SAID_BEFORE, 0.0)


def tabulate(evidence: Evidence) -> NDArray[np.float64]:
    """Return the rows of the model ``sentence``: the features, and again for two ways of asking.

    What settles a question of yes or no need not look like an answer: it may deny what is asked, in
    other words, so that the same signs weigh otherwise. So they do where a few words are typed as
    into a search engine. For any other question the features are 0 the second and third time.
    """
    ways = (True, evidence.kind == "yes/no", evidence.is_terse)
    return np.hstack([evidence.features * way for way in ways])


def estimate_confidence(evidence: Evidence, scores: NDArray[np.float64]) -> float:
    """Return the probability that the sentences answer the question; 0 without any sentence.

    It is calibrated on questions of which half have an answer in their passages.
    """
    if not evidence.sentences or not evidence.terms:
        return 0.0
    model = find_model("answerable", is_read=evidence.is_read)
    return sigmoid(float(model.score(summarize(evidence, scores)[None, :])[0]))


def has_item(evidence: Evidence) -> bool:
    """Return whether a sentence holds all words of what is to be listed and names something new."""
    return bool((is_item(evidence) & (evidence.overlaps.min(axis=1, initial=1) == 1)).any())


def summarize(evidence: Evidence, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what the sentences together say about the question.

    A number for each of `SUMMARY` and, where a reader has read, of `SUMMARY_READ`.
    """
    features, matches = evidence.features, evidence.matches
    overlaps = evidence.overlaps
    order = np.argsort(-scores, kind="stable")
    best = int(order[0])
    weights, local = evidence.weights, evidence.local_weights
    match, overlap = matches.max(axis=0), overlaps.max(axis=0)
    found_in_best = np.maximum(matches[best], overlaps[best])
    columns = [FEATURES.index(name) for name in STRONGEST]
    read = features[:, len(FEATURES) :]
    return np.array(
        [
            *features[best, : len(FEATURES)],
            *features[:, columns].max(axis=0),
            scores[best],
            scores[order[1]] if len(order) > 1 else scores[best] - 2,
            match @ weights,
            match.min(),
            match.mean(),
            overlap @ weights,
            overlap.min(),
            np.log(len(scores)),
            np.log(len(weights)),
            ((1 - overlap) * weights).max(),
            ((1 - overlap) * weights * (1 - match)).sum(),
            ((1 - match) * weights).max(),
            np.sort(match)[:2].mean(),
            ((1 - found_in_best) * weights).max(),
            ((1 - overlaps[best]) * weights).max(),
            found_in_best @ weights,
            match @ local,
            overlap @ local,
            ((1 - overlap) * local).max(),
            ((1 - found_in_best) * local).max(),
            found_in_best @ local,
            *(float(evidence.kind == kind) for kind in KINDS),
            *read[best],
            *read[:, :3].max(axis=0),
        ]
    )


def select_sentences(
    question: str, evidence: Evidence, scores: NDArray[np.float64]
) -> list[Sentence]:
    """Return the sentences of the answer in reading order: passages by rank, then as they stand.

    The best sentence, and those little below it, even less in another article: two at most for a
    question about one fact, three for others. A list takes up to twenty, among them any that names
    something new and holds most words of what is listed; where a heading names what is listed, such
    and those below it alone. A sentence that repeats a chosen one is left out, and so are a row of
    a table beside one of which the question says more, and what other articles say that do not name
    what the question names. A sentence that opens with a pronoun brings the one before it, which
    says who or what is meant.
    """
    if not evidence.sentences:
        return []
    rivals = list(find_rivals(evidence.sentences, evidence.terms, question))
    scores = np.where(np.isin(np.arange(len(scores)), rivals), -np.inf, scores)
    is_list = asks_for_list(question)
    if is_list:
        named = find_named_lists(evidence, scores)
        is_left_out = named.any() & ~named & ~is_item(evidence)
    else:
        strangers = list(find_strangers(question, evidence, scores, MARGIN))
        is_left_out = np.isin(np.arange(len(scores)), strangers)
    scores = np.where(is_left_out, -np.inf, scores)
    is_fact = evidence.kind in FACTS and not is_list
    limit = N_OF_LIST if is_list else N_OF_FACT if is_fact else N_SENTENCES
    margin = MARGIN_OF_FACT if is_fact else MARGIN
    lowest = np.full(len(scores), scores.max() - margin, dtype=float)
    if is_list:
        lowest -= MARGIN_OF_ITEM * is_item(evidence)
    else:
        best = evidence.sentences[int(scores.argmax())].hit.passage.doc_id
        elsewhere = [sentence.hit.passage.doc_id != best for sentence in evidence.sentences]
        lowest[elsewhere] = scores.max() - MARGIN_ELSEWHERE
    order = np.argsort(-scores, kind="stable")
    chosen: list[int] = []
    for number in order[(scores >= lowest)[order]]:
        if len(chosen) == limit:
            break
        if not any(repeats(evidence.sentences[number], evidence.sentences[i]) for i in chosen):
            chosen.append(int(number))
    return [evidence.sentences[i] for i in sorted(add_antecedents(chosen, evidence.sentences))]


def asks_for_list(question: str) -> bool:
    """Return whether a question asks for several things.

    >>> asks_for_list("List all of the banks."), asks_for_list("Did all of the banks attend?")
    (True, False)
    """
    return LIST_QUESTION.search(question) is not None and expected_kind(question) != "yes/no"


def is_item(evidence: Evidence) -> NDArray[np.bool_]:
    """Return for each sentence whether it names something new and holds most of what is listed."""
    held = evidence.overlaps @ evidence.weights >= SHARE_OF_LIST
    known = {term.stem for term in evidence.terms}
    named = [names_something(sentence.text, known) for sentence in evidence.sentences]
    return np.array(held & np.array(named, dtype=bool), dtype=bool)


def names_something(text: str, known: Collection[str]) -> bool:
    """Return whether a sentence has a name whose stem is not known.

    The capital letter of the first word tells nothing; that is a name if it is hardly ever a word.

    >>> names_something("Borvale makes bicycles.", set()), names_something("They do.", set())
    (True, False)
    """
    return any(
        term.is_name
        and is_content(term)
        and term.stem not in known
        and (term.start > 0 or term.weight >= RARE_WORD)
        for term in read_terms(text)
    )


def repeats(first: Sentence, second: Sentence) -> bool:
    """Return whether nearly all words of the shorter sentence, and its numbers, are the other's."""
    one, two = (set(re.findall(r"\w+", sentence.text.casefold())) for sentence in (first, second))
    shorter, longer = sorted((one, two), key=len)
    missing = shorter - longer
    return len(missing) <= 0.1 * len(shorter) and not any(word.isdecimal() for word in missing)
