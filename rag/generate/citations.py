"""Sentences and what supports them → an answer's text with ``[n]``, and its citations, checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.ingest.sentences import RULE, TABLE_ROW
from rag.records import Answer, Citation, Document, Passage, Unsupported

ABSTENTION = "The articles do not say."
"""The text of an answer that abstains."""

MARKER = re.compile(r"\[\d{1,3}\]")  # an answer has no more; four digits in brackets are a year
OWN_MARKER = re.compile(rf" ?{MARKER.pattern}(?=[.,;:!?])|{MARKER.pattern}")  # an article's
HEADS = re.compile(r"^\s*(?:[-*+•]\s+|\d{1,3}[.)]\s+|>\s*|#{1,6}\s+)+")
LINKS = re.compile(
    r"!?\[((?:[^\[\]\n]|\[[^\[\]\n]*\])*)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+\"[^\"]*\")?\)"
)
EMPHASIS = re.compile(r"(\*\*\*|\*\*|\*|__|(?<!\w)_|~~)(?=\S)(.+?)(?<=\S)\1(?!\w)")
CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
UNSEEN = re.compile(r"<!--.*?(?:-->|\Z)|\[\^[^\]\s]+\]:?", re.DOTALL)  # comments, footnote marks
# Emphasis that another sentence of the article ends, or has begun.
HALF_EMPHASIS = re.compile(r"^\s*\*{1,3}(?=\w)|(?<=[\w.!?])\*{2,3}\s*$")
CELL_BORDER = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Support:
    """The characters ``[start, end)`` of a document that support a sentence, in a passage."""

    passage: Passage
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an answer, without markers, and the spans that support it.

    Where nothing does, ``cited`` are the passages that its writer named, and ``reason`` tells why
    they are none.
    """

    text: str
    supports: tuple[Support, ...]
    cited: tuple[Passage, ...] = ()
    reason: str = ""


def cite(statements: Sequence[Statement], *, as_list: bool = False, lead: str = "") -> Answer:
    """Return an answer of these sentences: each with its ``[n]``, numbered by first use.

    A passage has one number; spans of it that support several sentences are citations of their
    own under that number. A sentence without support says so, and by which source where its
    writer named one that others rest on. ``as_list`` puts each sentence on a line of its own,
    after ``- ``. A ``lead`` opens such a list; what it says rests on all of it, so it carries all
    the numbers.
    """
    sources = {s.passage.passage_id for statement in statements for s in statement.supports}
    numbers: dict[str, int] = {}
    citations: dict[tuple[int, int, int], Citation] = {}
    sentences = []
    unsupported = []
    for statement in statements:
        passages = [support.passage for support in statement.supports] or statement.cited
        known = [p.passage_id for p in passages if p.passage_id in sources]
        marks = dict.fromkeys(numbers.setdefault(name, len(numbers) + 1) for name in known)
        markers = "".join(f"[{number}]" for number in marks)
        for support in statement.supports:
            key = (numbers[support.passage.passage_id], support.start, support.end)
            citations[key] = Citation(key[0], support.passage, support.start, support.end)
        if statement.supports:
            sentences.append(f"{statement.text} {markers}")
        else:
            sentences.append(f"{statement.text} (not supported by {markers or 'the articles'})")
            unsupported.append(Unsupported(sentences[-1], statement.reason))
    if as_list or lead:
        sentences = [f"- {sentence}" for sentence in sentences]
    if lead:
        everything = "".join(f"[{number}]" for number in numbers.values())
        sentences = [f"{lead}: {everything}", *sentences]
    text = ("\n" if as_list or lead else " ").join(sentences)
    ordered = tuple(citations[key] for key in sorted(citations))
    return Answer(text, ordered, unsupported=tuple(unsupported))


def check_citations(answer: Answer, find_document: Callable[[str], Document]) -> Answer:
    """Return the answer if every cited span stands in its document, character for character.

    A citation that does not stand is dropped with the sentences that rest on its number alone;
    if no sentence is left, the answer abstains. ``notices`` says that this happened. It does not
    happen while index and articles agree: this is the last guard before a person reads.
    """
    failed = {c.number for c in answer.citations if not stands(c, find_document)}
    if not failed:
        return answer
    kept = []
    for sentence in split_cited(answer.text):
        if not {int(marker[1:-1]) for marker in MARKER.findall(sentence)} <= failed:
            kept.append(
                MARKER.sub(
                    lambda found: "" if int(found[0][1:-1]) in failed else found[0], sentence
                )
            )
    used = {int(marker[1:-1]) for sentence in kept for marker in MARKER.findall(sentence)}
    gap = "\n" if re.search(r"^- ", answer.text, re.MULTILINE) else " "
    notice = "A citation did not stand in its article and was left out; index the articles again."
    return replace(
        answer,
        text=gap.join(kept) or ABSTENTION,
        citations=tuple(c for c in answer.citations if c.number in used),
        abstained=not kept,
        notices=(*answer.notices, notice),
    )


def stands(citation: Citation, find_document: Callable[[str], Document]) -> bool:
    """Return whether the quote of a citation stands in its document, character for character."""
    try:
        text = find_document(citation.passage.doc_id).text
    except KeyError:
        return False
    return text[citation.start : citation.end] == citation.quote


def split_cited(text: str) -> list[str]:
    """Return the sentences of an answer, each up to and with its last marker.

    >>> split_cited("It rose [1]. It fell. [2][3] And so on")
    ['It rose [1].', 'It fell. [2][3]', 'And so on']
    """
    pieces = re.findall(r"\s*.+?(?:(?:\s*\[\d{1,3}\])+[.!?)]?|$)", text, re.DOTALL)
    return [piece.strip() for piece in pieces if piece.strip()]


def plain_text(sentence: str) -> str:
    """Return a sentence of an article without Markdown and without markers of its own.

    Code keeps its letters; a number in brackets in it stands behind a space, as no marker does. A
    row of a table is its first cell and what is said of that; the names of the columns alone say
    nothing, and give an empty text.

    >>> plain_text("- The **tram** [line](http://x.y) opened [3] in *May*.")
    'The tram line opened in May.'
    >>> plain_text("| Lahore | **2020** | 27 km |"), plain_text("Call `__init__(x[0])`.")
    ('Lahore – 2020; 27 km', 'Call __init__(x[ 0]).')
    """
    codes: list[str] = []

    def take(found: re.Match[str]) -> str:
        codes.append(found[2])
        return f"\0{len(codes) - 1}\0"

    text = UNSEEN.sub("", CODE.sub(take, sentence.replace("\0", "")))
    text = read_row(LINKS.sub(r"\1", HEADS.sub("", text)))
    before = ""
    while text != before:  # one within another
        before, text = text, OWN_MARKER.sub("", EMPHASIS.sub(r"\2", text))
    # What a stop begins, such as .NET or .5, is a word.
    text = re.sub(r"\s+([.,;:!?])(?!\w)", r"\1", HALF_EMPHASIS.sub("", text))
    text = re.sub("\0(\\d+)\0", lambda found: codes[int(found[1])], text)
    text = MARKER.sub(lambda found: f"[ {found[0][1:]}", text)
    return " ".join(text.split())


def read_row(text: str) -> str:
    r"""Return a row of a table in words, nothing for the names of its columns, else the text.

    >>> read_row("Lahore | | 2020"), read_row("| City | Year |\n|---|---|"), read_row("P(A | B)")
    ('Lahore – 2020', '', 'P(A | B)')
    >>> read_row("City: Lahore | Metro: since 2020")  # the columns are named already
    'City: Lahore; Metro: since 2020'
    """
    row, *rest = text.splitlines() or [""]
    if not TABLE_ROW.match(row) or not all(map(RULE.match, rest)):
        return text
    cells = [cell.strip() for cell in CELL_BORDER.split(row)]
    if any(cell.count("(") != cell.count(")") for cell in cells):
        return text
    first, *others = [cell.replace("\\|", "|") for cell in cells if cell] or [""]
    if rest or RULE.match(row):
        return ""
    if ": " in first and any(": " in cell for cell in others):
        return "; ".join((first, *others))
    return f"{first} – {'; '.join(others)}" if others else first
