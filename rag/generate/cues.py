"""Sentence → the signs that it answers a kind of question, or says the opposite."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import permutations

from rag.ingest.boundaries import MONTHS
from rag.retrieve.kinds import Kind
from rag.retrieve.terms import is_content, read_terms

# When the article was written is what these are relative to, so they need no number.
OF_NOW = r"(?:week|month|year|spring|summer|autumn|fall|winter|\w+day)"
RELATIVE_DATE = re.compile(
    rf"\b(?:this|last|next|coming) {OF_NOW}\b"
    r"|\b(?:today|yesterday|tomorrow|tonight)\b",
    re.IGNORECASE,
)
MONTH = re.compile(rf"\b(?:{MONTHS})\b")
DAY = re.compile(r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?")
DATE = re.compile(
    rf"\b(?:1\d{{3}}|20\d{{2}})\b|\b(?:{MONTHS})\b|\b\w+day\b|\bcentur(?:y|ies)\b"
    r"|\bdecades?\b|\bago\b|\byears?\b|\bmonths?\b|\bweeks?\b"
)
# Numbers that count nothing: days of a month and years.
CALENDAR = re.compile(
    rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)? )?(?:{MONTHS})\b(?: \d{{1,2}}(?:st|nd|rd|th)?\b)?"
    r"(?:,? \d{4})?"
    r"|\b(?:in|by|since|until|from|of|to|before|after|during)\s+(?:1\d{3}|20\d{2})\b"
    r"|\b(?:1\d{3}|20\d{2})[–-]\d{2,4}\b"
)
N_ROOT = 4  # characters that a name shares with what is made from it
NUMBER_WORD = re.compile(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?"
    r"|thousands?|millions?|billions?|half|third|quarter|twice|percent|several|many|few)\b",
    re.IGNORECASE,
)
# What is in front of a place: its name is the next word.
IN_PLACE = re.compile(
    r"\b(?:in|at|near|from|to|of|on|across|around|towards?|into|through|within|along|outside)"
    r"\s+(?:the\s+)?(?:\w+ern\s+)?$",
    re.IGNORECASE,
)
REASON = re.compile(
    r"\b(?:because|due to|since|so that|so as to|in order to|as a result|therefore|causes?|caused"
    r"|reasons?|leads? to|led to|owing|thanks to|thus|hence|to \w+)\b",
    re.IGNORECASE,
)
# A sentence that opens so is understood only with the one before it.
DANGLING = re.compile(
    rf"(?!this {OF_NOW}\b)(?:and |but |so |or )?"
    r"(?:he|she|it|they|his|her|its|their|this|that|these|those|such|both"
    r"|the latter|the former|here|there)\b(?! (?:is|are|was|were) (?:a|an|no|some|many)\b)",
    re.IGNORECASE,
)
NEGATION = re.compile(
    r"\b(?:not|no|never|none|nor|neither|nobody|nothing|without|cannot|except|other than|unable"
    r"|\w+n['’]t)\b",
    re.IGNORECASE,
)

# Words of which a question with one is not answered by a sentence with another of its line.
OPPOSITES = tuple(
    line.split()
    for line in """
    public private
    tallest shortest
    largest smallest
    biggest smallest
    highest lowest
    longest shortest
    oldest youngest newest
    best worst
    most least
    first last final
    before after
    earlier later
    more less fewer
    increase decrease reduce
    increased decreased reduced
    rise fall
    north south east west
    northern southern eastern western
    win lose
    won lost
    begin end
    began ended
    start stop
    open close
    import export
    imports exports
    male female
    men women
    maximum minimum
    majority minority
    positive negative
    allow prohibit
    support oppose
    strong weak
    high low
    hot cold
    rich poor
    urban rural
    legal illegal
    possible impossible
    odd even
    buy sell
    bought sold
    above below
    indoor outdoor
    past future
    """.strip().splitlines()
)
OPPOSITE_OF: dict[str, set[str]] = {}
for _line in OPPOSITES:
    for _word, _other in permutations(_line, 2):
        OPPOSITE_OF.setdefault(_word, set()).add(_other)


@dataclass(frozen=True, slots=True)
class Cues:
    """What a sentence holds besides the words of the question."""

    has_number: bool
    has_date: bool
    has_name: bool
    has_place: bool
    has_reason: bool
    is_negated: bool
    words: frozenset[str]

    def agrees(self, kind: Kind) -> bool | None:
        """Return whether the sentence holds what the kind asks for; None where any may do."""
        return {
            "number": self.has_number,
            "when": self.has_date,
            "who": self.has_name,
            "where": self.has_place,
            "why": self.has_reason,
        }.get(kind)

    def opposes(self, question: Cues) -> bool:
        """Return whether the sentence has an opposite of a word that only the question has."""
        only_asked = question.words - self.words
        return any(OPPOSITE_OF.get(word, set()) & self.words for word in only_asked)


def read_cues(text: str, known: Collection[str] = ()) -> Cues:
    """Return the cues of a sentence; terms whose stem is in ``known`` are nothing new.

    >>> read_cues("In 1990 Khan came to Lahore.", known={"khan"}).agrees("when")
    True
    >>> read_cues("Khan came.", known={"khan"}).agrees("who")
    False
    >>> read_cues("Khan came to Lahore in May.", known={"lahor"}).agrees("where")
    False
    """
    terms = read_terms(text)
    # Pakistan is nothing new to a question about Pakistani banks.
    roots = {stem[:N_ROOT] for stem in known if len(stem) >= N_ROOT}
    fresh = [term for term in terms if term.stem not in known and term.stem[:N_ROOT] not in roots]
    # The first word has a capital letter in any case; as a name it counts only before another.
    names = [
        term
        for term in fresh
        if term.is_name
        and is_content(term)
        and (term.start > 0 or (len(terms) > 1 and terms[1].is_name))
        and not (MONTH.fullmatch(term.text) or DAY.fullmatch(term.text))
    ]
    dates = [found.span() for found in CALENDAR.finditer(text)]
    numbers = [term for term in fresh if term.is_number or NUMBER_WORD.fullmatch(term.text)]
    return Cues(
        has_number=any(
            not any(start <= term.start < end for start, end in dates) for term in numbers
        ),
        has_date=bool(RELATIVE_DATE.search(text))
        or bool(DATE.search(text))
        and (bool(numbers) or any(MONTH.fullmatch(term.text) for term in fresh)),
        has_name=bool(names),
        has_place=any(IN_PLACE.search(text, 0, name.start) for name in names),
        has_reason=bool(REASON.search(text)),
        is_negated=bool(NEGATION.search(text)),
        words=frozenset(term.text.lower() for term in terms),
    )
