"""Who or what somebody or something is, where a sentence says so: "Graça Valdemar, a judge,"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.generate.citations import plain_text
from rag.generate.entities.names import TITLES, fold
from rag.generate.features import Sentence
from rag.retrieve.pointing import JOB
from rag.retrieve.roles import is_role
from rag.retrieve.terms import STOP_WORDS, split_context

CONFIDENCE_OF_DESCRIPTION = 0.94  # of 126 of benchmarks/written/names.jsonl, 119 were right
N_DESCRIPTIONS = 2  # sentences
N_NAME = 6  # words of a name at most
N_QUESTION = 200  # characters; a longer question asks more than that
N_AROUND = 200  # characters on either side of a name that may describe it

_POLITE = (
    r"^\W*(?:(?:and|so|but|then|ok|okay|hi|hello|please|sorry)\W+)*"
    r"(?:(?:(?:can|could|would|will) you (?:please )?)?(?:tell me|remind me|say|explain)"
    r"(?: please)?\W+|do you know\W+|i(?:['’]d| would) (?:like|love) to know\W+|i wonder\W+)?"
)
_END = r"(?:\W+(?:please|exactly|again|anyway|then|now|today|by the way))*\W*$"
ASKED = tuple(
    re.compile(_POLITE + pattern + _END, re.IGNORECASE)
    for pattern in (
        rf"what(?:['’]?s|\s+(?:is|was))\s+(?P<name>.+?)['’]s?\s+{JOB}",
        rf"what(?:['’]?s|\s+(?:is|was))\s+the\s+{JOB}\s+of\s+(?P<name>.+?)",
        rf"(?:what|which)\s+{JOB}\s+(?:does|did|has|had)\s+(?P<name>.+?)"
        r"(?:\s+(?:have|hold|held|play))?",
        rf"(?:what|which)\s+{JOB}\s+(?P<name>.+?)\s+(?:has|had|holds|held|plays|played)",
        r"(?P<asks>who|what)(?:\W+exactly)?(?:['’]?s|\s+(?:is|was|are|were))\s+(?:exactly\s+)?"
        r"(?P<name>.+?)",
        r"(?P<asks>who|what)\s+(?P<name>.+?)\s+(?:is|was|are|were)",
        r"what\s+(?:does|did)\s+(?P<name>.+?)\s+do(?:\s+for\s+a\s+living)?",
        r"(?P<name>[^,:–—?]+?)\s*(?:[,:–—]|\s-)\s*(?P<asks>who|what)(?:['’]?s|\s+(?:is|was|are|were))"
        r"\s+(?:that|this|he|she|it|they)",
    )
)
_WORD = re.compile(r"[^\W_]+(?:[.'’&-][^\W_]+)*")
_ARTICLE = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)

# What a place is called before "of" and its name.
PLACE_OF = re.compile(
    r"((?:\b[\w-]+\s+){0,2}\b(?:towns?|villages?|city|cities|islands?|region|district|province|state"
    r"|county|port|republic|kingdom|valley|river|lake|parish|hamlet|commune|municipality|suburb"
    r"|quarter|canton|peninsula|capital|borough)\s+)of$"
)
# What opens the words before a name that say its kind: "the retired chemist", "Lisbon's mayor".
_WHOSE = r"an?|the|our|its|their|his|her|my|your"
OPENS_KIND = re.compile(rf"(?:{_WHOSE}|one|another|former|current|.+['’]s?)", re.IGNORECASE)
_DETERMINER = rf"(?:{_WHOSE}|one of)"
_ADVERB = (
    r"(?:(?:also|now|then|still|once|already|currently|formerly|at the time|until recently|\w+ly)"
    r"\s+)*"
)
_BE = r"(?:is|was|are|were|has been|had been|became|remains|remained|works as|worked as)"
# The kind that is not the thing's own: "the rest from the university", "the first to".
_NO_KIND = (
    r"(?!(?:the|an?)\s+(?:rest|others?|first|second|last|same|former|latter|few|lot|day|year)\b)"
)
COPULA = re.compile(
    rf"(?:,[^,;:]{{1,80}},)?\s+{_BE}\s+{_ADVERB}{_NO_KIND}(?P<what>(?:{_DETERMINER}\b|[a-z])[^.;:]*)"
)
COPULA_BEFORE = re.compile(
    rf"(?P<what>\b{_DETERMINER}\s+[^,.;:()–—]{{2,60}}?)\s+(?:is|was)\s+$", re.IGNORECASE
)
AFTER = re.compile(
    rf"(?:,|\s[–—-])\s*(?:aged\s+)?(?:\d+,\s*)?{_ADVERB}{_NO_KIND}"
    rf"(?P<what>{_DETERMINER}\s+[^,.;:()–—]+)"
)
BARE_AFTER = re.compile(
    r"(?:,|\s[–—-])\s*(?:\d+,\s*)?(?P<what>(?:[^\W\d_][\w'’-]*\s+){0,4}?(?P<head>[^\W\d_][\w-]+))"
    r"(?=\s+(?:of|for|at|in|to|with|from|on)\b|\s*[,.;:()–—]|\s*$)"
)
BRACKETS = re.compile(r"\s*\((?P<what>[^()\d][^()]{2,})\)")
OPENS_APPOSED = re.compile(
    rf"(?<![\w’'-])(?:{_DETERMINER}\s|[\w-]+['’]s?\s)(?<!one of )", re.IGNORECASE
)
LAST_WORD = re.compile(r"(\w*)\s*$")
CLOSES_APPOSED = re.compile(r",\s*(?:the\s+)?$")
# "In the end, Ana Reis, 58, …" and "Unlike the mayor, Ana Reis, 58, …".
OPENS_OTHER = re.compile(
    r"(?:in|at|on|after|before|during|since|until|for|within|throughout|over|through|about)",
    re.IGNORECASE,
)
COMPARES = re.compile(r"(?:unlike|like|besides|despite|than|towards)", re.IGNORECASE)
RELATIVE = re.compile(
    rf",\s*(?P<what>who\s+(?:{_BE}\s+{_ADVERB}{_DETERMINER}\b|has\b|have\b|had\b|{_ADVERB}[a-z]+s\b"
    r"(?<!\bis)(?<!was)|founded|wrote|led|ran|owned|built|invented|designed|headed|chaired|managed"
    r"|taught|kept|painted|composed|directed)[^,.;:()–—]*)"
)
RELATIVE_OF_ROLE = re.compile(
    rf",\s*(?P<what>who\s+{_BE}\s+{_ADVERB}(?P<head>[a-z][\w-]+)[^,.;:()–—]*)"
)
RELATIVE_OF_THING = re.compile(
    rf",\s*(?P<what>which\s+(?:{_BE}\s+{_ADVERB}{_DETERMINER}\b|{_ADVERB}[a-z]+s\b(?<!\bis)(?<!was)"
    r"(?<!has))[^,.;:()–—]*)"
)
DONE_BY = re.compile(
    r"(?P<what>\b(?:chaired|led|headed|run|founded|owned|edited|written|directed|kept|managed"
    r"|designed|built|invented|painted|composed|coached)\s+by\s+)$"
)
CALLED = re.compile(r"\s(?:named|called|nicknamed|known as)\s*$")
N_BEFORE = 80  # characters before a name that are looked at
N_OF_KIND = 6  # words
_SPACED = re.compile(r"\S+")
_LOWER_WORD = re.compile(r"[a-zà-ÿ][\w-]*")
_IN_PHRASE = re.compile(r"[\w'’-]+")
_FINITE = re.compile(
    r"\b(?:will|is|was|are|were|has|had|can|could|would|may|might|must|did|does)\b"
)
_OPENS_CLAUSE = re.compile(r"\s(?:that|which|who|whose|where|when|as)\b.*$", re.DOTALL)
_HEAD_ENDS = re.compile(r"\s+(?:of|for|at|in|to|with|from|on|who|that|and|\w+ing)\s.*$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whom or what a question asks for, folded; ``is_person`` if it says "who"."""

    words: list[str]
    is_person: bool


def find_descriptions(query: str, sentences: Sequence[Sentence]) -> dict[Sentence, str]:
    """Return the sentences that say who or what it is that the query names, and the words for it.

    What is said outright comes before what stands beside the name; two sentences at most. Empty
    where the query does not ask who or what a name is, or no sentence says it.

    Source: Hildebrandt, Katz and Lin, Answering definition questions with multiple knowledge
    sources, HLT-NAACL 2004: few patterns (the copula, appositions, occupations before a name,
    relative clauses) find what describes a name. The patterns here are our own.
    """
    asked = _read_question(split_context(query)[0])
    if asked is None:
        return {}
    found: list[tuple[int, int, Sentence, str]] = []
    for number, sentence in enumerate(sentences):
        described = describe(plain_text(sentence.text), asked.words, is_person=asked.is_person)
        if described is not None:
            found.append((described[0], number, sentence, described[1]))
    chosen: dict[Sentence, str] = {}
    for _, _, sentence, words in sorted(found, key=lambda one: one[:2]):
        if len(chosen) < N_DESCRIPTIONS and words.casefold() not in map(
            str.casefold, chosen.values()
        ):
            chosen[sentence] = words
    return chosen


def asks_for_description(query: str) -> bool:
    """Return whether a query asks who or what a name is.

    >>> asks_for_description("Who is Ana Reis?"), asks_for_description("Who called?")
    (True, False)
    """
    return _read_question(split_context(query)[0]) is not None


def _read_question(question: str) -> _Asked | None:
    for pattern in ASKED if len(question) <= N_QUESTION else ():
        asked = pattern.search(question)
        if asked is None:
            continue
        name = asked["name"].strip(" \"'“”‘’")
        is_person = (asked.groupdict().get("asks") or "who").lower() == "who"
        if is_person and _ARTICLE.match(name):  # who is the mayor of Lyon
            return None
        words = [fold(word) for word in _WORD.findall(_ARTICLE.sub("", name))]
        words = [word for word in words if word not in TITLES]
        if not words or len(words) > N_NAME or all(word in STOP_WORDS for word in words):
            return None
        return _Asked(words, is_person)
    return None


def describe(text: str, name: Sequence[str], *, is_person: bool) -> tuple[int, str] | None:
    """Return how plainly a text says who or what a name is, from 0 down, and the words for it.

    >>> describe("Judge Ana Reis, 58, a former nurse, was late.", ["ana", "reis"], is_person=True)
    (1, 'a former nurse')
    >>> describe("The chemist Ana Reis was late.", ["reis"], is_person=True)
    (2, 'The chemist')
    >>> describe("Ana Reis was late.", ["ana", "reis"], is_person=True)
    """
    places = _find_mentions(text, name)
    found = [_describe_at(text, start, end, is_person=is_person) for start, end in places]
    return min(filter(None, found), key=lambda one: one[0], default=None)


def _find_mentions(text: str, name: Sequence[str]) -> list[tuple[int, int]]:
    """Return where a name stands, written as one, with the words of the same name before it."""
    words = list(_WORD.finditer(text))
    folded = [fold(word[0]) for word in words]
    wanted, places = list(name), []
    for first in range(len(words) - len(wanted) + 1):
        last = first + len(wanted)
        if folded[first:last] != wanted or not all(
            word[0][0].isupper() or word[0][0].isdigit() or word[0] in STOP_WORDS
            for word in words[first:last]
        ):
            continue
        begin = first
        while begin and _is_one_name(words[begin - 1], words[begin], text):
            begin -= 1
        places.append((words[begin].start(), words[last - 1].end()))
    return places


def _is_one_name(word: re.Match[str], following: re.Match[str], text: str) -> bool:
    gap = text[word.end() : following.start()]
    return gap in (" ", ". ") and word[0][0].isupper() and fold(word[0]) not in STOP_WORDS


def _describe_at(text: str, start: int, end: int, *, is_person: bool) -> tuple[int, str] | None:
    """Return what `describe` does of one mention, by the plainest pattern that fits."""
    before, after = text[max(0, start - N_AROUND) : start], text[end : end + N_AROUND]
    name = text[start:end]
    for strength, words in (
        (0, _read_copula(after, is_person=is_person)),
        (1, _read_after(after)),
        (1, _read_apposed(before, after)),
        (2, _read_before(before, is_person=is_person)),
        (2, _read_title(name)),
        (3, _read_relative(after, is_person=is_person)),
        (4, found["what"] if (found := DONE_BY.search(before)) else ""),
        (5, "" if is_person else _read_kind(before, after)),
    ):
        if words:
            return strength, words.strip(" ,;:–—-")
    return None


def _read_copula(after: str, *, is_person: bool) -> str:
    """Return the kind behind a form of to be, not a state: "a nurse", but not "late"."""
    found = COPULA.match(after)
    if found is None:
        return ""
    if re.match(rf"{_DETERMINER}\b", found["what"]):
        return found["what"]
    head = _HEAD_ENDS.sub("", found["what"]).split(",")[0].split()
    return found["what"] if is_person and head and is_role(head[-1]) else ""


def _read_after(after: str) -> str:
    """Return the apposition behind a name: ", a nurse from Lisbon," or "(the river)"."""
    found = AFTER.match(after)
    if found and not _FINITE.search(_OPENS_CLAUSE.sub("", found["what"])):
        return found["what"]
    if found := BRACKETS.match(after):
        return found["what"]
    found = BARE_AFTER.match(after)
    return found["what"] if found and is_role(found["head"]) else ""


def _read_apposed(before: str, after: str) -> str:
    """Return what a name stands behind: "the mayor, Ana Reis," or "the mayor is Ana Reis"."""
    if not re.match(r"\s*(?:[,;:.)–—]|$)", after):
        return ""
    if found := COPULA_BEFORE.search(before):
        return found["what"]
    closing = CLOSES_APPOSED.search(before)
    if closing is None:
        return ""
    said = before[max(0, closing.start() - N_BEFORE) : closing.start()]
    said = said[max(map(said.rfind, ",;:()–—.")) + 1 :]
    for opening in OPENS_APPOSED.finditer(said):
        words, word = said[opening.start() :], LAST_WORD.findall(said[: opening.start()])[0]
        if COMPARES.fullmatch(word) or _FINITE.search(_OPENS_CLAUSE.sub("", words)):
            continue
        if not OPENS_OTHER.fullmatch(word) or is_role(_HEAD_ENDS.sub("", words).split()[-1]):
            return words
    return ""


def _read_before(before: str, *, is_person: bool) -> str:
    """Return the words right before a name that say its kind: "the retired chemist"."""
    said = CALLED.sub("", before[-N_BEFORE:]).rstrip(" \"“‘'")
    words = list(_SPACED.finditer(said))
    head = words[-1][0] if words else ""
    if not _LOWER_WORD.fullmatch(head) or head in STOP_WORDS:
        place = None if is_person else PLACE_OF.search(said)
        return place[1] if place else ""
    first, is_opened = len(words) - 1, False
    while first > max(0, len(words) - N_OF_KIND) and not is_opened:
        word = words[first - 1][0]
        is_opened = OPENS_KIND.fullmatch(word) is not None
        if not is_opened and (word.casefold() in STOP_WORDS or not _IN_PHRASE.fullmatch(word)):
            break
        first -= 1
    is_kind = is_role(head) or (is_opened and not is_person)
    return said[words[first].start() :] if is_kind else ""


def _read_title(name: str) -> str:
    """Return the title that a name begins with: "Judge"."""
    first, *others = name.split()
    return first if others and is_role(fold(first)) else ""


def _read_kind(before: str, after: str) -> str:
    """Return the common noun that a name stands before: "the Yasmin sluice"."""
    found = re.match(r"\s([a-z][a-z-]+)(?=[\s,.;:)]|$)", after)
    if found is None or not re.search(r"\b(?:the|an?|this|that|its)\s+$", before, re.IGNORECASE):
        return ""
    word = found[1]
    is_verb = (
        re.search(r"(?:ed|ing|ly|est)$", word) or word in STOP_WORDS or _FINITE.fullmatch(word)
    )
    return "" if is_verb else word


def _read_relative(after: str, *, is_person: bool) -> str:
    if found := (RELATIVE if is_person else RELATIVE_OF_THING).match(after):
        return found["what"]
    found = RELATIVE_OF_ROLE.match(after)
    return found["what"] if found and is_role(found["head"]) else ""
