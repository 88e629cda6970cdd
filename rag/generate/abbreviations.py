"""What a short form stands for, where a sentence says so: "Chief Executive Officer (CEO)"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.generate.citations import plain_text
from rag.generate.features import Sentence
from rag.retrieve.terms import STOP_WORDS

CONFIDENCE_OF_DEFINITION = 0.96  # the precision that the algorithm's authors measured
SHORT = r"[\"'“‘]?([^\W_](?:[\w.&/-]{0,8}\w)?\.?)[\"'”’]?"
ASKED = re.compile(
    r"\bwhat(?:\s+(?:does|do|did))?\s+(?:the\s+)?(?:(?:abbreviation|acronym|initials|letters)\s+)?"
    + SHORT
    + r"\s+stands?\s+for(?=\W*$)"
    r"|\b(?:what\s+(?:is|are)|what's)\s+"
    + SHORT
    + r"\s+(?:short|(?:the|an)\s+(?:abbreviation|acronym))\s+(?:for|of)\b"
    r"|\b(?:full|long)\s+(?:form|name)\s+(?:of|for)\s+(?:the\s+)?" + SHORT + r"(?=\W*$)",
    re.IGNORECASE,
)
BRACKETS = re.compile(r"\(([^()]+)\)")
WORD = re.compile(r"\S+")


def find_definitions(question: str, sentences: Sequence[Sentence]) -> dict[Sentence, str]:
    """Return the sentences that say what the question's short form stands for, and the long form.

    Of those that say the same, the first. Empty where the question does not ask for that.
    """
    asked = ASKED.search(question)
    short = next((form for form in asked.groups() if form), "") if asked else ""
    if not short or short in STOP_WORDS:  # "What does it stand for?", but not "IT"
        return {}
    found: dict[str, tuple[Sentence, str]] = {}
    for sentence in sentences:
        for long in long_forms(plain_text(sentence.text), short):
            found.setdefault(long.casefold(), (sentence, long))
    return dict(found.values())


def long_forms(text: str, short: str) -> Iterator[str]:
    """Yield the long forms that a text gives for a short form, as written, in order.

    Either stands before the other, which stands in brackets. Plural and case do not count.

    Source: Schwartz and Hearst, A simple algorithm for identifying abbreviation definitions in
    biomedical text, PSB 2003 (precision 96 %, recall 82 %).

    >>> list(long_forms("Sales of electric vehicles (EVs) rose.", "EV"))
    ['electric vehicles']
    >>> list(long_forms("UNESCO (the UN Educational, Scientific …) met.", "WHO"))
    []
    """
    wanted = _letters(short)
    for bracket in BRACKETS.finditer(text):
        inside, before = re.split("[,;]", bracket[1])[0], text[: bracket.start()]
        words = [found.start() for found in WORD.finditer(before)]
        long = ""
        if _letters(inside) == wanted:
            most = min(len(wanted) + 5, 2 * len(wanted))
            start = words[-most] if len(words) > most else 0
            long = _cut_long_form(before[start:].rstrip(), wanted)
        elif words and _letters(before[words[-1] :]) == wanted:
            long = bracket[1] if _cut_long_form(bracket[1], wanted) == bracket[1] else ""
        if long:
            yield long


def _letters(form: str) -> str:
    """Return the letters and digits of a short form in lower case, without the "s" of a plural."""
    form = form.strip(" \"'“”‘’.,")
    if len(form) > 2 and form.endswith("s") and form[:-1].isupper():
        form = form[:-1]
    return "".join(character for character in form.lower() if character.isalnum())


def _cut_long_form(text: str, letters: str) -> str:
    """Return the shortest end of a text that has the letters in order, the first opening a word.

    Empty if there is none that is longer than the letters.
    """
    place = len(text)
    for number in range(len(letters) - 1, -1, -1):
        place -= 1
        while place >= 0 and not (
            text[place].lower() == letters[number]
            and (number > 0 or place == 0 or not text[place - 1].isalnum())
        ):
            place -= 1
        if place < 0:
            return ""
    return text[place:] if len(text) - place > len(letters) else ""
