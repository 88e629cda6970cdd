"""The text of a language model, as it streams → its finished sentences, and what each cites."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.generate.citations import plain_text
from rag.generate.model.prompt import clean, leave_out_addresses
from rag.ingest.sentences import HEADING, LIST_ITEM, find_sentences

# [1], [1, 2], [1] and [2], [^1], [passage 1], [1: Trams], 【1†source】; a year in brackets has four
# digits, and what else stands in brackets has words.
_NUMBER = r"(?:\^|(?:passage|source)s? )?\d{1,3}"
_JOIN = r"(?:\s*[,;&]\s*|\s+and\s+)"
_TAIL = r"(?:(?::\d{1,3})?†[^\[\]【】]{0,20}|:[^\[\]【】\d]{0,20}|[a-f.])?"
MARK = re.compile(
    rf"(?<![ \t])[ \t]*[\[【](\[)?({_NUMBER}(?:(?:{_JOIN}|[\]】]{_JOIN}?[\[【]){_NUMBER})*)"
    rf"{_TAIL} ?(?(1)\])[\]】]",
    re.IGNORECASE,
)
UNFINISHED = re.compile(r"(?<!\s)\s*[\[【][^\]】]{0,40}$")  # may become a mark
CLOSING = "\"'`»«’‛“”‟›》」)"  # each closes what sentencex takes for open; one bracket closes all
MAX_OPEN = 400  # characters: longer quotations are rare, and quotation marks for inches never close
ENDS = re.compile(r"[.!?。！？\n\]】]")  # without one of these, a piece finishes nothing
LABEL = re.compile(r"^(?:final )?(?:answer|response)\s*:\s*", re.IGNORECASE)

# How a model speaks of its passages. Articles write of texts, documents and answers, too: a
# sentence that cites is theirs, unless it names the passages as only a model does.
_TELL = (
    r"(?:say|state|mention|contain|provide|include|give|specify|answer|tell|address|discuss"
    r"|describe|indicate|cover)"
)
_NOT = rf"(?:do|does|did)(?:n['’]t| not) (?:\w+ )?{_TELL}\b"
_NONE = r"(?:has|have|contains?|provides?|gives?|offers?) no (?:\w+ )?(?:information|details?)\b"
_GIVEN = r"(?:provided|given|quoted|cited|supplied|retrieved)"
_OURS = (
    rf"(?:(?:passage|article|excerpt)s?(?: {_GIVEN})?(?: above)?"
    rf"|{_GIVEN} (?:texts?|context|documents?|sources?|information)"
    rf"|(?:texts?|context|documents?|sources?|information) (?:{_GIVEN}(?: above)?|above))"
)
_ANY = rf"(?:{_OURS}|texts?|context|documents?|sources?|information)"
REFUSAL = re.compile(
    rf"\bnot in the articles\b(?! of\b)|\b{_OURS} (?:{_NOT}|{_NONE})"
    rf"|\b(?:none of the|no) {_OURS} (?:\w+ )?{_TELL}s?\b"
    rf"|\bnot (?:mentioned|stated|specified|provided|given|discussed)(?: anywhere)? (?:in|by)"
    rf" (?:the|these|this|any|either)(?: of the)? {_OURS}\b(?! of\b)"
    r"|^\s*(?:(?:unfortunately|sorry|i['’]m sorry|i am sorry|i apologi[sz]e"
    r"|(?:based on|according to|from) [^,]{1,60})\W+(?:but )?)?"
    r"I (?:do not|don['’]t|can(?:not|['’]t)|am unable to|['’]m unable to) "
    r"(?:know|answer|find|provide|determine|assist|help)\b",
    re.IGNORECASE,
)
UNCITED_REFUSAL = re.compile(
    rf"\b{_ANY} (?:{_NOT}|{_NONE})|\bthere is no (?:\w+ )?information\b"
    r"|\bno (?:\w+ )?information is (?:provided|given|available)\b"
    r"|\b(?:is|are) not (?:mentioned|stated|specified)\W*$"
    rf"|\b(?:is|are) not (?:mentioned|stated|specified|provided) (?:in|by) the {_ANY}\b(?! of\b)",
    re.IGNORECASE,
)
_SAYS = (
    r" (?:\w+ly )?(?:say|state|mention|describe|discuss|explain|indicate|report|note|show)s?\b"
    r"| (?:is|are) about\b(?! \d)"
)
_POINTED = (
    rf"^\W*(?:(?:all|each|none|both|some|one) of )?(?:the|this|these|those)(?: {_GIVEN}| first"
    r"| second| last| other| two| relevant| above| following)?"
)
ASIDE = re.compile(rf"{_POINTED} (?:passage|quotation|excerpt)s?(?:{_SAYS})", re.IGNORECASE)
UNCITED_ASIDE = re.compile(
    rf"{_POINTED} (?:(?:passage|quotation|excerpt|text)s?(?:{_SAYS}| (?:contain|provide|give)s?\b)"
    r"|answer(?:\W*:| is\b| to\b| lies\b| can be\b))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence that a model wrote: its words, and the numbers that it cites, in their order.

    The words are without marks, Markdown, tags, pictures and addresses: an answer's links are its
    citations. ``is_item`` tells whether it was an item of a list.
    """

    text: str
    numbers: tuple[int, ...]
    is_item: bool = False

    @property
    def refuses(self) -> bool:
        """Whether it says, in whatever words, that the passages do not answer."""
        return bool(
            REFUSAL.search(self.text) or (not self.numbers and UNCITED_REFUSAL.search(self.text))
        )

    @property
    def is_headline(self) -> bool:
        """Whether it has neither a number nor an end, and so says nothing that can be checked."""
        tail = re.split(r"\w", self.text)[-1]
        return not (self.numbers or self.is_item or re.search(r"[.!?。！？…]", tail))

    @property
    def is_aside(self) -> bool:
        """Whether it speaks of the passages and the answer, not of what they are about."""
        return (ASIDE if self.numbers else UNCITED_ASIDE).match(self.text) is not None


class Draft:
    """The text so far. ``n_characters`` counts what came, ``n_blanks`` the blanks at its end."""

    def __init__(self) -> None:
        self.n_characters = 0
        self.n_blanks = 0
        self._text = ""
        self._told = 0  # characters of the text without marks

    def add(self, piece: str) -> list[Written]:
        """Return the sentences that are finished now: something follows them.

        Sentences within quotation marks or brackets are one with what they stand in. So nothing is
        told of what may yet prove to stand in some, until ``MAX_OPEN`` characters have followed.
        """
        is_blank = not piece.strip()
        finishes = self.n_blanks == 0 if is_blank else ENDS.search(piece)
        self.n_blanks = self.n_blanks + len(piece) if is_blank else 0
        self.n_characters += len(piece)
        self._text += piece
        return self._tell(UNFINISHED.sub("", self._text), is_whole=False) if finishes else []

    def finish(self) -> list[Written]:
        """Return the sentences that the end of the text finishes."""
        return self._tell(self._text, is_whole=True)

    def _tell(self, text: str, *, is_whole: bool) -> list[Written]:
        bare, marks = take_out_marks(text)
        spans = list(find_spans(bare, self._told))
        numbers = assign(marks, spans, leads=bool(marks) and not bare[: marks[0][0]].strip())
        n_finished = len(spans) if is_whole else count_finished(bare, spans, self._told)
        fresh = []
        for i, (start, end) in enumerate(spans[:n_finished]):
            if start < self._told:
                continue
            self._told = end
            written = read_sentence(bare[start:end], tuple(numbers[i]))
            # The last one may still get its full stop; a line before it without one is a headline.
            if written and not (written.is_headline and i < len(spans) - 1):
                fresh.append(written)
        return fresh


def read_sentences(text: str) -> list[Written]:
    r"""Return the sentences of a text in order, without those that claim nothing.

    A mark belongs to the sentence that it follows or stands in; where the text begins with one, to
    the sentence that it precedes.

    >>> [(one.text, one.numbers) for one in read_sentences("It rose. [1] It fell [2][3].")]
    [('It rose.', (1,)), ('It fell.', (2, 3))]
    >>> [(one.text, one.numbers) for one in read_sentences("[1] It rose. [2] It fell.")]
    [('It rose.', (1,)), ('It fell.', (2,))]
    """
    draft = Draft()
    return draft.add(text) + draft.finish()


def take_out_marks(text: str) -> tuple[str, list[tuple[int, list[int]]]]:
    """Return the text without its marks, and where each stood in it, with its numbers.

    >>> take_out_marks("It rose [1, 2].")
    ('It rose.', [(7, [1, 2])])
    """
    marks: list[tuple[int, list[int]]] = []
    pieces: list[str] = []
    done = length = 0
    for found in MARK.finditer(text):
        pieces.append(text[done : found.start()])
        length += len(pieces[-1])
        marks.append((length, [int(digits) for digits in re.findall(r"\d+", found[2])]))
        done = found.end()
    return "".join([*pieces, text[done:]]), marks


def find_spans(bare: str, told: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of the sentences; one that was told in part is cut there.

    >>> list(find_spans("(It rose. It fell.)", 9))
    [(0, 9), (10, 19)]
    """
    for start, end in find_sentences(bare):
        if start < told < end:
            yield start, told
            yield end - len(bare[told:end].lstrip()), end
        else:
            yield start, end


def count_finished(bare: str, spans: Sequence[tuple[int, int]], told: int) -> int:
    """Return how many sentences more text will leave as they are.

    The last one may go on, and its mark may still come. One before it may be in a quotation or
    bracket that is open; whether it is, shows when all that can be open is closed.
    """
    sure = {end for _, end in find_spans(bare + CLOSING, told)}
    finished = spans[:-1]
    unsure = (
        i for i, (_, end) in enumerate(finished) if end not in sure and len(bare) - end <= MAX_OPEN
    )
    return next(unsure, len(finished))


def assign(
    marks: Sequence[tuple[int, Sequence[int]]], spans: Sequence[tuple[int, int]], *, leads: bool
) -> list[list[int]]:
    """Return the numbers of each sentence; those of a mark that ``leads`` are of the next one."""
    numbers: list[list[int]] = [[] for _ in spans]
    starts, ends = [start for start, _ in spans], [end for _, end in spans]
    for place, cited in marks:
        i = bisect_right(ends, place) if leads else bisect_left(starts, place) - 1
        if 0 <= i < len(spans):
            numbers[i] += [number for number in cited if number not in numbers[i]]
    return numbers


def read_sentence(text: str, numbers: tuple[int, ...]) -> Written | None:
    """Return a sentence cleaned; None for a heading, an introduction to a list, and no letters."""
    words = LABEL.sub("", plain_text(leave_out_addresses(clean(text))))
    if HEADING.match(text) or words.endswith(":") or not re.search(r"[^\W\d_]", words):
        return None
    return Written(words, numbers, LIST_ITEM.match(text) is not None)
