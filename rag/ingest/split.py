"""Document → passages: along headings, paragraphs and sentences, packed to a size in tokens."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.ingest.sentences import HEADING, Block, find_blocks, find_sentences
from rag.ingest.tokens import count_tokens, most_tokens, token_offsets
from rag.records import Document, Passage

SPLITTER_VERSION = 2  # part of an index's fingerprint: raise it when the same text splits otherwise
SIZE = 160  # tokens; chosen with benchmarks/chunking.py, where 140 loses recall and 180 precision
SMALLEST = 8  # tokens; below this a passage is no longer cut to please an encoder
CONTEXT_LENGTH = 160  # characters; a title of any length leaves the encoder room for the passage
CONTEXT_SIZE = 64  # tokens; some scripts have three word pieces in a character
BEFORE_LENGTH = 240  # characters of what stands before a passage that are read with it
BEFORE_SENTENCES = 2
SHORTEST = 64  # characters; below this a passage is no longer cut to please an encoder
CLOSING = re.compile(r"(?:^|[ \t])#+$")  # hashes at the end of a heading, which are not its words

# What a boundary costs, where an empty passage costs 1. Found with benchmarks/chunking.py, where
# anything from 0.4 to 0.8 does as well: all that counts is that paragraphs are kept whole.
INSIDE_PARAGRAPH = 0.6
EACH_PASSAGE = 0.1


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, or a piece of an overlong one; ``n_tokens`` counts the white space after it."""

    start: int
    end: int
    n_tokens: int
    paragraph: int


def split_document(
    document: Document, *, size: int = SIZE, fits: Callable[[str], bool] | None = None
) -> list[Passage]:
    """Return the passages of a document in reading order; none for a blank document.

    Every passage is its span, ``text == document.text[start:end]``; passages do not overlap, and
    what lies between them is white space. A passage never crosses a heading, has at most ``size``
    tokens of ``cl100k_base``, and ends with a sentence unless one sentence alone is longer. Among
    all ways to pack a section, the one with well-filled passages and few torn paragraphs is taken.

    ``fits`` says of an `embedded_text` whether the encoder sees all of it; a passage that does not
    fit is split further.

    Raises:
        ValueError: ``size`` is too small.
    """
    if size < SMALLEST:
        raise ValueError(f"size must be at least {SMALLEST} tokens, got {size}")
    passages = []
    for heading, start, end in find_sections(document.text):
        for first, last in split_span(document.text, start, end, size):
            before = find_before(document.text, start, first)
            passage = make_passage(document, first, last, heading, before)
            if fits is None or fits(embedded_text(passage)):
                passages.append(passage)
            else:
                passages += split_further(document, passage, size // 2, fits)
    return passages


def embedded_text(passage: Passage) -> str:
    r"""Return what the encoder and BM25 see of a passage: title and headings, then its text.

    >>> embedded_text(Passage("", "", 0, 4, "Costs > 2025", "Low.", title="Trams"))
    'Trams > Costs > 2025\nLow.'
    """
    context = context_above(passage)
    return f"{context}\n{passage.text}" if context else passage.text


def context_above(passage: Passage) -> str:
    """Return the title and headings that are read with a passage, cut where they are long."""
    context = passage.context[:CONTEXT_LENGTH]
    offsets = token_offsets(context) if most_tokens(context) > CONTEXT_SIZE else ()
    if len(offsets) > CONTEXT_SIZE:
        context = context[: offsets[CONTEXT_SIZE]]
    return context


def read_above(passage: Passage) -> str:
    """Return what a reader sees above a passage: title and headings, then what stands before."""
    return "\n".join(part for part in (context_above(passage), passage.before) if part)


def make_passage(
    document: Document, start: int, end: int, heading: str = "", before: str = ""
) -> Passage:
    """Return the passage of a span; its id depends on the document's id, the span and its text."""
    text = document.text[start:end]
    key = f"{document.doc_id}\0{start}\0{end}\0{heading}\0{text}"
    passage_id = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return Passage(passage_id, document.doc_id, start, end, heading, text, document.title, before)


def find_before(text: str, start: int, end: int) -> str:
    """Return the last whole sentences of a span, few and short enough to be read once more.

    >>> find_before("Ada Byrne left. She was 40. Nobody knew why.", 0, 27)
    'Ada Byrne left. She was 40.'
    """
    start = max(start, end - 2 * BEFORE_LENGTH)  # so that no cut sentence is short enough
    chosen: list[str] = []
    for first, last in reversed(find_sentences(text, start, end)):
        sentence = text[first:last].strip()
        longest = BEFORE_LENGTH - sum(len(each) + 1 for each in chosen)
        is_heading = HEADING.match(sentence) is not None
        if is_heading or len(sentence) > longest or len(chosen) == BEFORE_SENTENCES:
            break
        chosen.append(sentence)
    return " ".join(reversed(chosen))


def split_further(
    document: Document, passage: Passage, size: int, fits: Callable[[str], bool]
) -> list[Passage]:
    """Return the parts of a passage that the encoder cannot see whole."""
    parts = []
    for start, end in split_span(document.text, passage.start, passage.end, max(size, SMALLEST)):
        part = make_passage(document, start, end, passage.heading)
        if fits(embedded_text(part)):
            parts.append(part)
        elif size > SMALLEST:
            parts += split_further(document, part, size // 2, fits)
        else:
            parts += halve(document, part, fits)
    return parts


def halve(document: Document, passage: Passage, fits: Callable[[str], bool]) -> list[Passage]:
    """Return pieces that the encoder sees whole of a passage of few tokens but many marks."""
    if len(passage.text) <= SHORTEST or fits(embedded_text(passage)):
        return [passage]
    middle = (passage.start + passage.end) // 2
    halves = (passage.start, middle), (middle, passage.end)
    pieces = [
        make_passage(document, *span, passage.heading)
        for span in halves
        if document.text[slice(*span)].strip()
    ]
    return [part for piece in pieces for part in halve(document, piece, fits)]


def find_sections(text: str) -> list[tuple[str, int, int]]:
    r"""Return ``(path of headings, start, end)`` of each section; the heading opens its section.

    >>> find_sections("Intro.\n# A\none\n## B\ntwo")
    [('', 0, 6), ('A', 7, 14), ('A > B', 15, 23)]
    """
    sections: list[tuple[str, int, int]] = []
    path: list[tuple[int, str]] = []
    was_heading = False
    for block in find_blocks(text):
        if block.level:
            path = [*(entry for entry in path if entry[0] < block.level), read_heading(text, block)]
        name = " > ".join(title for _, title in path if title)
        # A heading directly under a heading stays with it: no section is only a heading,
        # unless it is the last line.
        if not sections or (block.level and not was_heading):
            sections.append((name, block.start, block.end))
        else:
            sections[-1] = (name, sections[-1][1], block.end)
        was_heading = block.level > 0
    return sections


def read_heading(text: str, block: Block) -> tuple[int, str]:
    """Return the level and the words of a heading."""
    found = HEADING.match(text[block.start : block.end])
    if found is None:  # of plain text, which marks none
        return block.level, text[block.start : block.end].strip()
    return block.level, CLOSING.sub("", found[2].strip())


def split_span(text: str, start: int, end: int, size: int) -> list[tuple[int, int]]:
    """Return spans of at most ``size`` tokens that cover the letters of ``text[start:end]``."""
    units = find_units(text, start, end, size)
    spans = []
    waiting = pack(units, size)[::-1]
    while waiting:
        first, last = waiting.pop()
        span = units[first].start, units[last - 1].end
        if last - first > 1 and count_tokens(text[slice(*span)]) > size:
            # Without a gap between two sentences their bytes may merge otherwise, to one more.
            middle = (first + last) // 2
            waiting += [(middle, last), (first, middle)]
        else:
            spans.append(span)
    return spans


def find_units(text: str, start: int, end: int, size: int) -> list[Unit]:
    """Return the sentences of a span in order, those over ``size`` tokens cut into pieces."""
    spans = []
    for block in find_blocks(text[start:end]):
        for first, last in find_sentences(text, start + block.start, start + block.end):
            spans += [(*span, block.paragraph) for span in cut(text, first, last, size)]
    ends = [first for first, _, _ in spans[1:]] + [end]
    return [
        Unit(first, last, count_tokens(text[first:following]), paragraph)
        for (first, last, paragraph), following in zip(spans, ends, strict=True)
    ]


def cut(text: str, start: int, end: int, size: int) -> list[tuple[int, int]]:
    """Return the span, or pieces of it that have at most ``size`` tokens, cut between words."""
    pieces = []
    while (following := find_limit(text, start, end, size)) is not None:
        limit = following
        space = max(text.rfind(gap, start + 1, limit + 1) for gap in (" ", "\n", "\t"))
        # Half a piece is given up for a space, not more: some scripts and codes have none.
        stop = space if space > start + (limit - start) // 2 else max(limit, start + 1)
        pieces.append((start, stop))
        start = stop + (len(text[stop:end]) - len(text[stop:end].lstrip()))
    return [*pieces, (start, end)]


def find_limit(text: str, start: int, end: int, size: int) -> int | None:
    """Return where the last token that fits begins; None if all of the span fits."""
    # Only as much is read as is needed: reading to the end each time takes the square of it.
    reach = 8 * size
    while start + reach < end and count_tokens(text[start : start + reach]) <= size:
        reach *= 2
    piece = text[start : min(end, start + reach)]
    if count_tokens(piece) <= size:  # nearly always, and offsets take ten times as long
        return None
    return start + token_offsets(piece)[size - 1]


def pack(units: Sequence[Unit], size: int) -> list[tuple[int, int]]:
    """Return index ranges ``[first, last)`` of the best packing of the units into passages.

    The cost of a packing is the sum over its passages of ``(1 - tokens / size) ** 2`` and of
    `EACH_PASSAGE`, and `INSIDE_PARAGRAPH` for each boundary with text of one paragraph on both
    sides. The minimum is exact, by dynamic programming over the last boundary.
    """
    totals = [0]
    for unit in units:
        totals.append(totals[-1] + unit.n_tokens)
    costs, firsts = [0.0], [0]
    for last in range(1, len(units) + 1):
        torn = last < len(units) and units[last].paragraph == units[last - 1].paragraph
        # The passage may begin anywhere that leaves it within the size; a lone unit always may.
        earliest = min(bisect_right(totals, totals[last] - size - 1), last - 1)
        options = [
            (costs[first] + (1 - min(1, (totals[last] - totals[first]) / size)) ** 2, first)
            for first in range(earliest, last)
        ]
        cost, first = min(options)
        costs.append(cost + EACH_PASSAGE + INSIDE_PARAGRAPH * torn)
        firsts.append(first)
    ranges = []
    last = len(units)
    while last:
        ranges.append((firsts[last], last))
        last = firsts[last]
    return ranges[::-1]
