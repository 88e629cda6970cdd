"""Text → sentences, as spans: along the lines of Markdown first, then by sentence boundaries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.ingest.boundaries import find_boundaries

# One way to match each: a pattern with several takes minutes for a line of blanks or hashes.
HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*)")
LIST_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])[ \t]+\S")
TABLE_ROW = re.compile(r"\s*\|.*\|\s*$|.*\S +\| +\S")
FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})(.*)")


@dataclass(frozen=True, slots=True)
class Block:
    """A span of lines that belong together: a heading, a paragraph, a list item, a table row.

    ``level`` is 1 to 6 for a heading, 0 otherwise. ``paragraph`` counts blank-line-separated
    groups of blocks, so that the items of one list share a number.
    """

    start: int
    end: int
    level: int
    paragraph: int


def find_blocks(text: str) -> Iterator[Block]:
    r"""Yield the blocks of Markdown or plain text in order; together they hold all its letters.

    >>> [text[b.start:b.end] for text in ["# A\nb\nc\n\n- d\n- e"] for b in find_blocks(text)]
    ['# A', 'b\nc', '- d', '- e']
    """
    start = end = position = paragraph = 0
    fence = ""  # that the code we are in was opened with
    is_open = False  # whether text[start:end] is a block that the next line may join

    for line in text.splitlines(keepends=True):
        content = position + len(line.rstrip())
        mark = FENCE.match(line.rstrip())
        heading = None if fence else HEADING.match(line.rstrip())
        alone = fence or mark or LIST_ITEM.match(line) or TABLE_ROW.match(line)
        if is_open and (not line.strip() or heading or alone):
            yield Block(start, end, 0, paragraph)
            is_open = False
        if not line.strip():
            paragraph += 1
        elif heading:
            paragraph += 1
            yield Block(position, content, len(heading[1]), paragraph)
            paragraph += 1
        else:
            if not is_open:
                start, is_open = position, True
            end = content
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence) and not mark[2].strip():
            fence = ""
        position += len(line)
    if is_open:
        yield Block(start, end, 0, paragraph)


def find_sentences(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    r"""Return the spans ``(start, end)`` of the sentences within ``text[start:end]``, trimmed.

    The boundaries are sentencex's, which knows abbreviations and the scripts of many languages.
    Line ends separate sentences only where a heading, a list item or a table row begins.

    >>> text = "Dr. Khan came. He left on Sept. 4.\n- one\n- two"
    >>> [text[start:end] for start, end in find_sentences(text)]
    ['Dr. Khan came.', 'He left on Sept. 4.', '- one', '- two']
    """
    end = len(text) if end is None else end
    sentences = []
    for block in find_blocks(text[start:end]):
        block_text = text[start + block.start : start + block.end]
        if block.level:
            sentences.append((start + block.start, start + block.end))
            continue
        for first, last in find_boundaries(block_text):
            sentence = block_text[first:last]
            if sentence.strip():
                lead = len(sentence) - len(sentence.lstrip())
                place = start + block.start + first
                sentences.append((place + lead, place + len(sentence.rstrip())))
    return sentences
