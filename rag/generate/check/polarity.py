"""Text → which of its words are negated, hedged, or the opposite of another text's words."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from rag.generate.cues import OPPOSITE_OF
from rag.retrieve.terms import Term, describe_word, is_content

_NEGATOR = re.compile(
    r"\b(?:not|no|never|none|nor|neither|nobody|nothing|without|cannot|unable|hardly|barely"
    r"|n['’]t|\w+n['’]t|instead of|rather than"
    r"|den(?:y|ies|ied|ying)|refus(?:e|es|ed|ing)|fail(?:s|ed|ing)? to|reject(?:s|ed|ing)?"
    r"|rul(?:e|es|ed|ing) out|far from|lack(?:s|ed|ing)?|no longer|declin(?:e|es|ed|ing) to"
    r"|stopp?(?:s|ed|ing)? being)\b",
    re.IGNORECASE,
)
# These say "no" or "not" and negate nothing.
_NO_NEGATION = re.compile(
    r"\bnot (?:only|just|merely|simply|least|until)\b|\bno (?:doubt|matter)\b"
    r"|\b(?:no|not) (?:more|less|fewer|later|earlier) than\b|\bnone other\b",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[;:!?]|,|\b(?:but|because|although|while|which|who|that is|and)\b")
_HEDGE = re.compile(
    r"\b(?:may|might|could|would|should|can|perhaps|possibly|probably|likely|expect\w*|hop(?:e|es|ed"
    r"|ing)|plan(?:s|ned|ning)?|intend\w*|aim\w*|seek\w*|want\w*|propos\w+|consider\w*|allege\w*"
    r"|reported\w*|believ\w+|think\w*|want|goal|target|looking into|meant to|is to|are to|will)\b",
    re.IGNORECASE,
)
N_NEGATED = 4  # content words that a "not" reaches at most, unless its clause ends before

_MORE_OPPOSITES = """
    accept refuse reject decline
    approve reject veto
    agree disagree refuse
    admit deny
    confirm deny
    allow ban prohibit forbid prevent
    permit ban prohibit forbid
    legal banned illegal
    encourage discourage deter
    attract repel deter
    grow shrink fall decline
    growing shrinking falling declining
    growth decline contraction
    gain lose loss
    profit loss
    raise lower cut
    increase lower cut drop decline
    expand shrink contract
    improve worsen deteriorate
    strengthen weaken
    better worse poorer
    benefit harm suffer
    success failure
    succeed fail
    arrive leave depart
    enter leave exit
    include exclude
    join leave quit
    build demolish destroy
    create destroy eliminate
    open closed close
    cheap expensive costly
    cheaper dearer costlier
    lower higher
    low high
    lowest highest
    slow fast quick rapid
    slower faster
    quickly slowly
    rapidly slowly
    small large big
    smaller larger bigger
    short long
    shorter longer
    old new young
    early late
    ally enemy rival
    friend enemy
    hot cool cold
    warm cool cold
    safe dangerous unsafe
    easy difficult hard
    easier harder
    useful useless
    true false
    right wrong
    upper lower
    inside outside
    domestic foreign
    local foreign
    common rare
    often rarely seldom
    always never
    full empty
    dry wet
    light heavy dark
    deep shallow
    wide narrow
    thick thin
    guilty innocent
    employ dismiss fire
    hire dismiss fire
    necessary unnecessary optional
    mandatory voluntary optional
    optimistic pessimistic
    temporary permanent
    ancient modern
    victory defeat
    attack defend
    advantage disadvantage
    major minor
    import export
    buyer seller
    supply demand
    remain leave change
    begin finish end
    start finish end
    before after
    father mother
    son daughter
    brother sister
    husband wife
    king queen
    actor actress
    man woman
    he she
    his her
""".strip().splitlines()


def _group_opposites() -> dict[str, frozenset[str]]:
    """Return the stems of the opposites of each stem."""
    opposites: dict[str, set[str]] = {}
    for word, others in OPPOSITE_OF.items():
        opposites.setdefault(_stem(word), set()).update(map(_stem, others))
    for line in _MORE_OPPOSITES:
        first, *against = map(_stem, line.split())
        opposites.setdefault(first, set()).update(against)
        for other in against:
            opposites.setdefault(other, set()).add(first)
    return {stem: frozenset(others - {stem}) for stem, others in opposites.items()}


def _stem(word: str) -> str:
    return describe_word(word)[0]


_OPPOSITE_STEMS: dict[str, frozenset[str]] = {}
_PREFIXES = ("un", "in", "im", "ir", "il", "dis", "non", "anti", "de")


def opposites_of(stem: str) -> frozenset[str]:
    """Return the stems that say the opposite of a stem, of those that are listed."""
    if not _OPPOSITE_STEMS:  # made on first use: stemming needs tantivy
        _OPPOSITE_STEMS.update(_group_opposites())
    return _OPPOSITE_STEMS.get(stem, frozenset())


def find_opposites(said: Sequence[Term], found: Collection[str]) -> list[tuple[str, str]]:
    """Return the words said whose opposite the other text has instead, with its stem.

    A text that has both, or neither, says nothing against the word.

    >>> from rag.retrieve.terms import read_terms
    >>> find_opposites(read_terms("Costs rose; it is unsafe."), {"cost", "fell", "safe", "fall"})
    [('unsafe', 'safe')]
    """
    stems = {term.stem for term in said}
    opposites = []
    for term in said:
        if term.stem in found:
            continue
        against = {other for other in opposites_of(term.stem) if other in found}
        against |= {
            other
            for prefix in _PREFIXES
            for other in (term.stem.removeprefix(prefix), prefix + term.stem)
            if other != term.stem and other in found and len(other) > 3
        }
        against -= stems
        if against:
            opposites.append((term.text, min(against)))
    return opposites


def find_negated(text: str, terms: Sequence[Term]) -> set[int]:
    """Return the positions, among the terms, of the content words that are negated.

    A negation reaches the next four content words, or the end of its clause.

    >>> from rag.retrieve.terms import read_terms
    >>> text = "He did not sell the red car, but he not only rents it."
    >>> [read_terms(text)[i].text for i in sorted(find_negated(text, read_terms(text)))]
    ['sell', 'red', 'car']
    """
    passed = [found.span() for found in _NO_NEGATION.finditer(text)]
    reached: dict[int, int] = {}
    for found in _NEGATOR.finditer(text):
        if any(start <= found.start() < end for start, end in passed):
            continue
        clause = _CLAUSE_END.search(text, found.end())
        end = clause.start() if clause else len(text)
        inside = [
            i
            for i, term in enumerate(terms)
            if is_content(term) and found.end() <= term.start < end
        ]
        for i in inside[:N_NEGATED]:
            reached[i] = reached.get(i, 0) + 1
    return {i for i, n in reached.items() if n % 2}  # not without


def is_negated(text: str) -> bool:
    """Return whether anything in the text is negated."""
    passed = [found.span() for found in _NO_NEGATION.finditer(text)]
    return any(
        not any(start <= found.start() < end for start, end in passed)
        for found in _NEGATOR.finditer(text)
    )


def is_hedged(text: str) -> bool:
    """Return whether the text speaks of what may be, is hoped or is to come."""
    return _HEDGE.search(text) is not None
