"""A follow-up that asks who "he" is, and the last turn → the question with the name."""

from __future__ import annotations

import re

from rag.ingest.tokens import is_usually_capital
from rag.records import Turn
from rag.retrieve.terms import is_content, read_terms, without_possessive

JOB = r"(?:job|role|profession|occupation|position|function|title|post|office)"
ASKS_WHO = re.compile(
    r"\b(?:who|what)(?:['’]s|\s+(?:is|was|are|were))\s+(?P<who>he|she|it|they"
    r"|(?:that|this)(?:\s+(?:place|thing|person|man|woman|company|firm))?)"
    r"(?=(?:\s+(?:again|exactly|then))?\W*$)"
    r"|\bwhat\s+(?:does|did)\s+(?P<doer>he|she)\s+do(?=(?:\s+for\s+a\s+living)?\W*$)"
    rf"|\bwhat(?:['’]s|\s+(?:is|was))\s+(?P<owner>his|her|its)\s+{JOB}(?=(?:\s+now)?\W*$)"
    rf"|\b(?:what|which)\s+{JOB}\s+(?:(?:does|did|has|had)\s+)?(?P<holder>he|she)"
    r"(?=\s+(?:have|has|had|hold|holds|held|play|plays|played)\W*$)",
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
BEFORE_PLACE = re.compile(r"\b(?:in|at|from|of|to|near|on|for|by)\s+(?:the\s+)?$", re.IGNORECASE)


def resolve_name(question: str, last: Turn) -> str | None:
    """Return a question that asks who or what it is that was named, with the name.

    That is the first of the last answer; of a person the first that follows no "in" or the like, if
    there is one, and of a place the first that does. Where the answer says that it cannot tell, it
    is that of the question before. ``None`` for any other question, and where nothing was named.

    >>> resolve_name("And what is her job?", Turn("Who called?", "In Graz, Ana Reis called. [1]"))
    "And what is Ana Reis's job?"
    >>> resolve_name("When did she call?", Turn("Who called?", "Ana Reis called. [1]")) is None
    True
    """
    asked = ASKS_WHO.search(question)
    if asked is None:
        return None
    group = next(name for name, text in asked.groupdict().items() if text)
    said = MARKS.sub("", last.answer[:N_SAID])
    names = _find_names(said)
    if not names and SAYS_NOTHING.search(said):
        said = last.question[:N_SAID]
        names = _find_names(said)
    if not names:
        return None
    pointer = asked[group].lower()
    placed = [name for name in names if BEFORE_PLACE.search(said[: name[0]])]
    if pointer.endswith("place"):
        names = placed or names
    elif asked[0].lower().startswith("who") or pointer not in THINGS:
        names = [name for name in names if name not in placed] or names
    start, end = names[0]
    name = without_possessive(said[start:end])
    return (
        question[: asked.start(group)]
        + (f"{name}'s" if group == "owner" else name)
        + question[asked.end(group) :]
    )


def _find_names(text: str) -> list[tuple[int, int]]:
    """Return where the names of a text stand, each with all its words; a first word may be one."""
    names: list[tuple[int, int]] = []
    for term in read_terms(text):
        if not term.is_name or not is_content(term):
            continue
        opens = re.search(r"(?:^|[.!?:])\W*$", text[: term.start]) is not None
        if opens and is_usually_capital(without_possessive(term.text)) is False:
            continue
        if names and text[names[-1][1] : term.start] == " ":
            names[-1] = names[-1][0], term.end
        else:
            names.append((term.start, term.end))
    return names
