"""Question → whether it asks about the articles as a whole, and what about them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rag.retrieve.terms import is_content, read_terms

Asks = Literal["which", "how many", "list"]

ARTICLES = r"(?:of )?(?:the |these |your |my |our )?(?:articles?|documents?|texts?|sources|files?)"
# What an article does with a topic, and what is done with a topic in an article.
MENTION = (
    r"(?:mention|name|discuss|cover|cite|describe|address|include|contain|deal with"
    r"|(?:speak|talk|write|tell) (?:of|about)|refer to|report on|touch on"
    r"|say (?:something|anything) about)s?"
)
MENTIONED = r"(?:mentioned|named|discussed|covered|cited|described|addressed|referred to|spoken of)"
ABOUT = rf"(?:(?:that |which )?(?:{MENTION}|is about|are about)|about|on|mentioning) (?P<topic>.+)"
WITHIN = rf"(?:is|are|was|were|does|do) (?P<topic>.+?) (?:{MENTIONED}|appears?|occurs?|comes? up)"
LISTING = r"(?:list|show|find|name|give|tell)(?: me)?(?: all)?"

FORMS: tuple[tuple[Asks, str], ...] = (
    ("how many", rf"how many {ARTICLES} (?:are there )?{ABOUT}"),
    ("how many", rf"in how many {ARTICLES} {WITHIN}"),
    ("which", rf"(?:which|what) {ARTICLES} {ABOUT}"),
    ("which", rf"in (?:which|what) {ARTICLES} {WITHIN}"),
    ("which", rf"{LISTING} {ARTICLES} {ABOUT}"),
    ("list", rf"(?:which|what) (?P<topic>.+?) (?:is|are) {MENTIONED}(?: (?:in|by) {ARTICLES})?"),
    (
        "list",
        r"(?:please )?(?:list|enumerate|name(?= (?:all|every|each) )|(?:give|show|tell) me"
        r"(?= (?:all|every|a list) ))(?: me)?"
        r"(?: (?:all|every|each|a list))?(?: of)?(?: the)? (?P<topic>.+)",
    ),
)
PATTERNS = tuple(
    (asks, re.compile(rf"\W*(?:and |so |but )?{form}\W*", re.IGNORECASE)) for asks, form in FORMS
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked of all articles: ``which`` mention a topic, ``how many``, or to ``list`` it.

    ``topic`` is the part of the question that says what is looked for, as it was typed.
    """

    asks: Asks
    topic: str


def read_scope(question: str) -> Scope | None:
    """Return what a question asks of all articles; ``None`` for one about what they say.

    >>> read_scope("Which articles mention sodium-ion batteries?")
    Scope(asks='which', topic='sodium-ion batteries')
    >>> read_scope("In how many of the articles is BYD mentioned?")
    Scope(asks='how many', topic='BYD')
    >>> read_scope("List the companies that make drones.")
    Scope(asks='list', topic='companies that make drones')
    >>> read_scope("What do the articles say about drones?") is None
    True
    """
    for asks, pattern in PATTERNS:
        found = pattern.fullmatch(question)
        # "Which articles mention it?" has no word to look for.
        if found and any(is_content(term) for term in read_terms(found["topic"])):
            topic = found["topic"].strip(" .?!,;:\"'“”‘’")
            return Scope(asks, re.sub(r"^(?:an?|the|any|some) ", "", topic, flags=re.IGNORECASE))
    return None
