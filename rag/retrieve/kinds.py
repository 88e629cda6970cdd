"""Question → the kind of answer that it expects."""

from __future__ import annotations

import re
from typing import Literal

from rag.ingest.sentences import find_sentences

Kind = Literal["number", "when", "who", "where", "why", "yes/no", "how", "which", "what", "other"]

ACRONYM = re.compile(r"\b[A-Z]{2,}\b")
ASKING = r"\b(?:what|which|who|whom|whose|when|where|why|how)\b"
# "Do you know who …", "Does it say when …" ask who and when; "Do you know if …" asks yes or no.
TELLING = r"know|known|tell|told|say|said|state|mention|explain|clear|remind|sure|wonder"
AUXILIARY = (
    r"(?:am|(?:is|are|was|were|do|does|did|can|could|has|have|had|will|would|should|may|might|must)"
    r"(?:n['’]t)?|can['’]t|won['’]t)\b"
)
# "Could you give me …" asks for what is to be given.
REQUEST = (
    r"\W+you\W+(?:please |kindly |perhaps |maybe )?(?:give|tell|help|list|name|show|provide|share"
    r"|shed|explain|describe|summari[sz]e|outline|elaborate|clarify|remind|say)\b"
)
# "What did he say when they met?" does not ask when.
FIRST_ASKING = rf"^(?:(?!{ASKING}).)*"
# What stands before the question itself: "I live in Lahore: is there a tram?"
BEFORE = re.compile(r"^.*(?:[:;–—]|\s-)\s+(?=\S)", re.DOTALL)
# The first pattern that matches says what kind of answer a question expects, so the order counts.
KINDS: tuple[tuple[Kind, str], ...] = (
    (
        "yes/no",
        rf"^\W*(?:(?:and|so|but|then|or)\W+)?{AUXILIARY}(?!{REQUEST})(?!.*\b(?:{TELLING})\b.*{ASKING})"
        rf"|{FIRST_ASKING}\b(?:{TELLING}|wonders|wondering|curious)\b(?:(?!{ASKING}).)*\b(?:if|whether)\b"
        rf"|^(?:(?!\b(?:what|which|who|whom|whose|why|how)\b|\b(?:when|where),).)*"
        rf",\s(?:(?:and|so|but|then) )?{AUXILIARY}(?!{REQUEST})(?!.*{ASKING})",
    ),
    (
        "number",
        r"\bhow (?:many|much|large|big|high|long|old|far|tall|often|fast|deep|wide|heavy)\b"
        r"|\b(?:what|which)(?: is| was| are| were)?(?: the)? (?:\w+ )?(?:percent\w*|number"
        r"|share|proportion|amount|population|age|size|price|cost|fraction|rate|figure|target|speed"
        r"|length|height|weight|distance|range|fee|dose|limit|capacity|temperature|budget|revenue"
        r"|salary|fare|toll|score|duration)\b|\bnumber of\b|\bprice of\b"
        r"|\bwhat (?:do|does|did|would|will)\b.*\bcost\b",
    ),
    (
        "when",
        rf"{FIRST_ASKING}\bwhen\b|\bby when\b|\bsince when\b|\bhow soon\b|\bdeadline\b"
        r"|\b(?:what|which) (?:\w+ )?(?:year|date|day|month|century|decade|time)\b",
    ),
    (
        "who",
        rf"{FIRST_ASKING}\bwho(?:m|se|'s)?\b|\bname of\b|\b(?:is|was) (?:his|her|their|its) name\b"
        r"|\bwhich (?:\w+ )?(?:persons?|people|compan(?:y|ies)|firms?|banks?|universit(?:y|ies)"
        r"|schools?|organi[sz]ations?|agenc(?:y|ies)|part(?:y|ies)|teams?|clubs?|bands?"
        r"|manufacturers?|authors?|artists?|actors?|leaders?|presidents?|ministers?)\b",
    ),
    (
        "where",
        r"\bwhere\b|\b(?:what|which) (?:\w+ )?(?:country|city|state|place|region|town|location"
        r"|continent|island|river|county|nation)\b",
    ),
    ("why", r"\bwhy\b|\bwhat (?:caused|causes|led)\b|\breasons?\b|\bhow come\b|\bwhat for\b"),
    ("how", r"\bhow\b|\bin what way\b"),
    ("which", r"\bwhich\b"),
    ("what", r"\bwhat\b"),
)


def expected_kind(question: str) -> Kind:
    """Return the kind of answer that a question asks for.

    >>> [expected_kind(question) for question in ("How old is she?", "Who said so?", "drones")]
    ['number', 'who', 'other']
    >>> expected_kind("What I know is that he is old. Could you tell me whether he is ill?")
    'yes/no'
    """
    if not question.isupper():
        question = ACRONYM.sub("X", question)  # the WHO does not ask who
    clause = find_asking_clause(question)
    return _find_kind(clause) or _find_kind(question) or "other"


def find_asking_clause(question: str) -> str:
    """Return the clause that asks, without what is told before and after it.

    >>> find_asking_clause("My brother sells panels: is solar part of it? Thank you.")
    'is solar part of it?'
    """
    sentences = [question[start:end].strip() for start, end in find_sentences(question)]
    asking = [sentence for sentence in sentences if sentence.endswith("?")]
    return BEFORE.sub("", asking[-1]) if asking else question


def _find_kind(text: str) -> Kind | None:
    return next((kind for kind, pattern in KINDS if _search(pattern, text)), None)


def _search(pattern: str, question: str) -> bool:
    return re.search(pattern, question, re.IGNORECASE) is not None
