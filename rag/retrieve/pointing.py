"""A follow-up that asks who "he" is, and the last turn → the question with the name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.records import Turn
from rag.retrieve.whole_names import WholeName, find_whole_names

JOB = r"(?:job|role|profession|occupation|position|function|title|post|office)"
_END = r"(?:\s+(?:again|exactly|then|now|anyway|actually|please))*\W*$"
_THAT = (
    r"(?:that|this)(?:\s+(?:place|thing|person|man|woman|lady|gentleman|guy|company|firm|body))?"
)
ASKS_WHO = re.compile(
    rf"\b(?:who|what)(?:['’]?s|['’]re|\s+(?:is|was|are|were))\s+(?P<who>he|she|it|they|{_THAT})"
    rf"(?={_END})"
    rf"|\bwhat\s+(?:does|did)\s+(?P<doer>he|she)\s+do(?=(?:\s+for\s+a\s+living)?{_END})"
    rf"|\bwhat(?:['’]?s|\s+(?:is|was))\s+(?P<owner>his|her|its)\s+{JOB}(?={_END})"
    rf"|\b(?:what|which)\s+{JOB}\s+(?:(?:does|did|has|had)\s+)?(?P<holder>he|she)"
    rf"(?=\s+(?:have|has|had|hold|holds|held|play|plays|played){_END})",
    re.IGNORECASE,
)
THINGS = ("it", "its", "that", "this", "that thing", "this thing")
N_SAID = 2000  # characters of an answer that are looked through
MARKS = re.compile(r"\[\d+\]|\*\*")  # of an answer
# An answer that says nothing: it has no name, and nothing to carry.
SAYS_NOTHING = re.compile(
    r"\b(?:do|does|did)(?:n['’]t| not) (?:have|know|say|mention|answer)\b"
    r"|\bno (?:specific )?information|\bI(?: am|['’]m) sorry\b",
    re.IGNORECASE,
)
HIS_TITLE = re.compile(r"(?:Mr|Sir|Lord)\b")
HER_TITLE = re.compile(r"(?:Mrs|Ms|Miss|Lady|Dame)\b")
OTHER_TITLE = {"he": HER_TITLE, "his": HER_TITLE, "she": HIS_TITLE, "her": HIS_TITLE}
OF_PERSON = re.compile(r"\b(?:he|she|his|her)\b", re.IGNORECASE)
LEAST_PERSON = -1.0  # of `WholeName.person`: a name that may be somebody's
SURELY_PERSON = 2.0  # one that is somebody's, so that "it" is another
NEAR_PERSON = 0.5  # below the most likely: of two so near, the first is meant


def resolve_name(question: str, last: Turn) -> str | None:
    """Return a question that asks who or what it is that was named, with the name.

    That is a name of the last answer: of a person the one that looks most like one, of a place the
    first that follows "in" or the like, of a thing the first that is no person's. Where there is
    none, where the answer says "he" or "she" before it, or that it cannot tell, it is one of the
    question before. ``None`` for any other question, and where nothing was named.

    >>> resolve_name("And what is her job?", Turn("Who called?", "In Graz, Ana Reis called. [1]"))
    "And what is Ana Reis's job?"
    >>> resolve_name("When did she call?", Turn("Who called?", "Ana Reis called. [1]")) is None
    True
    """
    asked = ASKS_WHO.search(question)
    if asked is None:
        return None
    group, pointer = _read_pointer(asked)
    if _is_person(asked):
        name = _find_person(last, pointer)
    else:
        name = _find_thing(last, is_place=pointer.endswith("place"))
    if name is None:
        return None
    return (
        question[: asked.start(group)]
        + (f"{name}'s" if group == "owner" else name)
        + question[asked.end(group) :]
    )


def asks_for_thing(question: str) -> bool:
    """Return whether a question asks what a thing or a place is that was named.

    >>> asks_for_thing("What's that place?"), asks_for_thing("Who is that?")
    (True, False)
    """
    asked = ASKS_WHO.search(question)
    return asked is not None and not _is_person(asked)


def _read_pointer(asked: re.Match[str]) -> tuple[str, str]:
    """Return the group that points, and its words."""
    return next((group, text.lower()) for group, text in asked.groupdict().items() if text)


def _is_person(asked: re.Match[str]) -> bool:
    pointer = _read_pointer(asked)[1]
    is_who = asked[0].lower().startswith("who")
    return not pointer.endswith("place") and (is_who or pointer not in THINGS)


def _find_person(last: Turn, pointer: str) -> str | None:
    """Return whom the last turn most likely speaks of; of several, or a firm, what it says."""
    said = MARKS.sub("", last.answer[:N_SAID])
    told = _choose_person(find_whole_names(said), pointer)
    if pointer == "they" and not SAYS_NOTHING.search(said):
        return told
    asked = _choose_person(find_whole_names(last.question[:N_SAID]), pointer)
    if told is None or asked is None:
        return told or asked
    return asked if OF_PERSON.search(said[: said.index(told)]) else told


def _choose_person(names: Sequence[WholeName], pointer: str) -> str | None:
    other = OTHER_TITLE.get(pointer)
    if other is not None:
        names = [name for name in names if not other.match(name.text)]
    most = max((name.person for name in names), default=LEAST_PERSON - 1)
    if most < LEAST_PERSON:
        return None
    return next(name.text for name in names if name.person >= most - NEAR_PERSON)


def _find_thing(last: Turn, *, is_place: bool) -> str | None:
    """Return the first thing, or place, that the last turn names."""
    said = MARKS.sub("", last.answer[:N_SAID])
    names = find_whole_names(said)
    if not names and SAYS_NOTHING.search(said):
        names = find_whole_names(last.question[:N_SAID])
    things = [name for name in names if name.person < SURELY_PERSON]
    placed = [name for name in things if name.is_placed and is_place]
    return next((name.text for name in placed or things), None)
