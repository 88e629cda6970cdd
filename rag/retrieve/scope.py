"""Question → whether it asks about the articles as a whole, and what about them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rag.records import Turn
from rag.retrieve.kinds import ASKING
from rag.retrieve.terms import is_content, name_terms, read_terms

Asks = Literal["all", "which", "how many", "without", "list"]

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
NOT = r"(?:(?:do|does|did|is|are) not|(?:do|does|did|is|are)n['’]t|never)"
WITHOUT = rf"(?:(?:that |which )?{NOT} (?:ever )?(?:{MENTION}|about|on)|without) (?P<topic>.+)"
LISTING = r"(?:list|show|find|name|give|tell)(?: me)?(?: all)?"

_EVERY = r"(?:all )?(?:of )?(?:the |these |your |my |our )?"
ALL_OF_THEM = (
    rf"{_EVERY}(?:articles|documents|texts|sources|files)"
    r"|(?:the|this|your|my|our) (?:whole |entire )?(?:folder|collection|corpus|library|archive)"
    r"|everything|all of (?:them|it|this)"
)
SUM_UP = (
    r"summari[sz]e|sum up"
    r"|(?:give(?: me)? )?an? (?:short |quick |brief )?(?:summary|overview) of"
)

FORMS: tuple[tuple[Asks, str], ...] = (
    (
        "all",
        rf"(?:(?:how many|which|what) {ARTICLES} (?:are there|do you (?:have|know)|have you got)"
        rf"(?: in (?:all|total))?|{LISTING}(?: the| your)? {ARTICLES}"
        rf"|what (?:are|is) {ARTICLES} about)",
    ),
    # What people type who do not know yet what is there.
    (
        "all",
        rf"(?:(?:please |can you |could you )*(?:{SUM_UP}) (?:{ALL_OF_THEM})(?:\W+please)?|tl;?dr"
        rf"|what (?:do|does|can) (?:{ALL_OF_THEM}|you) (?:say|cover|discuss|deal with|tell me|know"
        r"|(?:talk|speak|write) about)"
        rf"|what (?:topics|subjects|themes|things) (?:do|does) (?:{ALL_OF_THEM}|you) (?:cover"
        r"|discuss|deal with|know about|(?:talk|speak|write) about)"
        r"|what (?:topics|subjects|themes) are (?:there|covered|discussed)"
        rf"|what(?:['’]?s| is| are) (?:{ALL_OF_THEM}) (?:all )?about"
        rf"|what(?:['’]?s| is) (?:in|here in) (?:{ALL_OF_THEM}|here|there)"
        r"|what (?:can|could|may|should) i ask(?: you| here)?(?: about)?"
        r"|(?:give me )?an? (?:short |quick |brief )?(?:overview|summary))",
    ),
    ("without", rf"(?:which|what|how many|{LISTING}) {ARTICLES} (?:are there )?{WITHOUT}"),
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
# "the company Huaguan", "the village of Saltby", "the year 2026": the name is what is looked for.
KIND_OF_TOPIC = re.compile(
    r"(?:the )?(?:words?|terms?|names?|phrase|topic|subject|compan(?:y|ies)|firms?|village|town"
    r"|city|country|year|person|people) (?:of )?(?=[\d\"“‘']|[A-Z])"
)
ARTICLE_OF_TOPIC = re.compile(r"(?:an?|the|any|some|both|either) ", re.IGNORECASE)
# "And drones?" after a question that counted.
AND_ALSO = re.compile(
    r"\W*(?:and|or|but|what about|how about)\s+(?P<topic>[^?]+)\?*", re.IGNORECASE
)
# What opens a name for something that may have others: "the rest", "her sister", "in winter".
BOUND = re.compile(
    r"(?:the|an?|his|her|its|their|my|our|your|this|that|these|those|others?|another|any|some|no|all"
    r"|both|each|every|in|on|at|for|by|with|from|to|after|before|during|of|since|until|under|over"
    r"|without|among|about|between|per|inside|outside)\b",
    re.IGNORECASE,
)
# "What did he say about electric vehicles?"
ASKS_ABOUT = re.compile(
    r"(?P<asks>.*\b(?:about|regarding|concerning)\s+)(?P<object>[^\s?.!]+(?:\s+[^\s?.!]+){0,4})\W*",
    re.IGNORECASE,
)
N_ALSO = 3  # words; a longer question asks for something else


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked of all articles.

    For ``all`` of them; ``which`` of them mention a topic, ``how many``, which are ``without`` it,
    or to ``list`` it.

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
    found = _find_form(question)
    if found is None:
        return None
    asks, form = found
    if asks == "all":
        return Scope(asks, "")
    if not has_content(form["topic"]):  # "Which articles mention it?"
        return None
    topic = form["topic"].strip(" .?!,;:\"'“”‘’")
    for pattern in (ARTICLE_OF_TOPIC, KIND_OF_TOPIC):
        rest = topic[prefix.end() :] if (prefix := pattern.match(topic)) else topic
        topic = rest if has_content(rest) else topic
    return Scope(asks, topic.strip(" \"'“”‘’"))


def carry_topic(question: str, last: Turn) -> str | None:
    """Return a question that counts articles, with the topic or all the rest from the last turn.

    ``None`` for any other, and where the last question has nothing to take. "Which articles mention
    it?" takes its names, else its content words; "And drones?" takes all but the topic, if the last
    question counted articles.

    >>> carry_topic("Which articles mention it?", Turn("Who met Huaguan?", ""))
    'Which articles mention Huaguan?'
    >>> carry_topic("And drones?", Turn("How many articles mention BYD?", ""))
    'How many articles mention drones?'
    """
    found = _find_form(question)
    if found is not None and found[0] not in ("all", "list"):
        if has_content(found[1]["topic"]):
            return None
        named = name_terms(last.question)
        chosen = named or [term for term in read_terms(last.question) if is_content(term)]
        topic = " ".join(term.text for term in chosen)
        return _with_topic(question, found[1], topic) if topic else None
    topic, counted = _read_also(question), _find_form(last.question)
    if not topic or counted is None or counted[0] in ("all", "list"):
        return None
    return _with_topic(last.question, counted[1], topic)


def resolve_object(question: str, last: Turn) -> str | None:
    """Return the question before with what this one names in the place of what it asked about.

    Only for things named without an article or the like: who else said something about it is asked
    by "And the mayor?" as well. ``None`` for any other question.

    >>> told = Turn("What did he say about cars?", "They are the future. [1]")
    >>> resolve_object("What about drones?", told), resolve_object("And the mayor?", told)
    ('What did he say about drones?', None)
    """
    topic, about = _read_also(question), ASKS_ABOUT.fullmatch(last.question)
    if about is None or not topic.islower() or BOUND.match(topic):
        return None
    return f"{about['asks']}{topic}?"


def has_content(text: str) -> bool:
    """Return whether a text has a word to look for."""
    return any(is_content(term) for term in read_terms(text))


def _read_also(question: str) -> str:
    """Return what a question names that only names something, "And drones?"; empty for others."""
    also = AND_ALSO.fullmatch(question)
    topic = also["topic"].strip() if also is not None else ""
    names_only = len(topic.split()) <= N_ALSO and not re.search(ASKING, topic, re.IGNORECASE)
    return topic if names_only and has_content(topic) else ""


def _find_form(question: str) -> tuple[Asks, re.Match[str]] | None:
    for asks, pattern in PATTERNS:
        if found := pattern.fullmatch(question):
            return asks, found
    return None


def _with_topic(question: str, form: re.Match[str], topic: str) -> str:
    end = form.start("topic") + len(form["topic"].rstrip(" ?.!"))
    return question[: form.start("topic")] + topic + question[end:]
