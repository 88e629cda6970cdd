"""Text → sentences, as spans: along the lines of Markdown first, then by sentence boundaries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag.ingest.boundaries import find_boundaries

LONGEST_ROW = 500  # characters of a table row; a longer one holds prose, which has sentences
LONGEST_HEADING = 80  # characters of a heading that nothing but its place tells
LONGEST_ENTRY = 60  # characters of a line with a figure; a line of hard-wrapped prose is longer
FEWEST_ENTRIES = 3  # lines; two that look like entries may be one title, wrapped
# One way to match each: a pattern with several takes minutes for a line of blanks or hashes.
HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*)")
LIST_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])[ \t]+\S")
LIST_MARKS = re.compile(r"\s*(?:(?:[-*+•>]|\d{1,3}[.)])[ \t]+)+")
TABLE_ROW = re.compile(r"\s*\|.*\|\s*$|.*\S +\|(?: +\S|[ \t]*$)")
RULE = re.compile(r"(?=[^|]*\|)(?=[^-]*-)[-:| \t]+$")  # between a table's names and its rows
FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})(.*)")
# An amount, an address, a telephone number or "name: value" is what a line says and no title, nor
# is a byline, or what ends with a mark.
NO_TITLE = re.compile(r".*(?:[£$€¥@%:|]|\d{5}|//)|.*[^\w)]$|(?:By|Von|Par|Por)\s")
ENTRY = re.compile(r".*\s[£$€¥]?\d(?:.*[^.!?…:;,-])?$")


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

    The names of a table's columns are one block with the rule below them. In a text without a
    heading in Markdown, a short line without an end mark that stands alone is one, of level 1.

    >>> [text[b.start:b.end] for text in ["# A\nb\nc\n\n- d\n- e"] for b in find_blocks(text)]
    ['# A', 'b\nc', '- d', '- e']
    """
    blocks = [line for block in _cut_paragraphs(text) for line in _cut_entries(text, block)]
    if any(block.level for block in blocks):
        yield from blocks
        return
    alone = [_stands_alone(text, blocks, i) for i in range(len(blocks))]
    for i, block in enumerate(blocks):
        # Several such lines, one after the other, are verses, an address or a list; but the first
        # line of a text is its title all the same.
        beside = alone[max(i - 1, 1) : i] + alone[i + 1 : i + 2]
        is_heading = alone[i] and (i == 0 or not any(beside))
        yield replace(block, level=1) if is_heading else block


def _cut_paragraphs(text: str) -> Iterator[Block]:
    start = end = position = paragraph = 0
    fence = ""  # that the code we are in was opened with
    is_open = False  # whether text[start:end] is a block that the next line may join
    row = ""  # the last line, if it was a table row

    for line in text.splitlines(keepends=True):
        content = position + len(line.rstrip())
        mark = FENCE.match(line.rstrip())
        heading = None if fence else HEADING.match(line.rstrip())
        is_rule = bool(row) and not fence and RULE.match(line.rstrip()) is not None
        is_row = not is_rule and TABLE_ROW.match(line) is not None
        alone = fence or mark or LIST_ITEM.match(line) or is_row
        after_row = row.lstrip().startswith("|") and not is_rule
        if is_open and (not line.strip() or heading or alone or after_row):
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
        fence = follow_fence(line.rstrip(), fence)
        row = line if is_row or is_rule else ""
        position += len(line)
    if is_open:
        yield Block(start, end, 0, paragraph)


def follow_fence(line: str, fence: str) -> str:
    """Return what opened the code that goes on behind a line, empty outside of code.

    ``fence`` is what opened the code that the line stands in.

    >>> follow_fence("```py", ""), follow_fence("~~~", "```"), follow_fence("````", "```")
    ('```', '```', '')
    """
    mark = FENCE.match(line)
    if mark is None:
        return fence
    if not fence:
        return mark[1]
    return "" if mark[1].startswith(fence) and not mark[2].strip() else fence


def _cut_entries(text: str, block: Block) -> Iterator[Block]:
    """Yield the lines of a block where each says a figure, below a title or not; else the block.

    These are prices, hours and the like. The lines are short, begin with a capital and end without
    a mark, and so does the last one, as those of hard-wrapped prose do not.
    """
    lines = text[block.start : block.end].splitlines(keepends=True)
    is_list = len(lines) >= FEWEST_ENTRIES and all(map(_is_entry, lines[1:]))
    if not is_list or block.level or not (_is_entry(lines[0]) or _is_title(lines[0].rstrip())):
        yield block
        return
    start = block.start
    for line in lines:
        yield replace(block, start=start, end=start + len(line.rstrip()))
        start += len(line)


def _stands_alone(text: str, blocks: Sequence[Block], i: int) -> bool:
    """Return whether a block is a line like a title, above a blank line or lines of figures."""
    block, following = blocks[i], blocks[i + 1 : i + 2]
    if not following or (i > 0 and blocks[i - 1].paragraph == block.paragraph):
        return False
    below = following[0]
    is_apart = below.paragraph != block.paragraph or _is_entry(text[below.start : below.end])
    return is_apart and _is_title(text[block.start : block.end])


def _is_title(line: str) -> bool:
    return (
        len(line) <= LONGEST_HEADING
        and "\n" not in line
        and _begins_with_capital(line)
        and not NO_TITLE.match(line)
        and len(list(find_boundaries(line))) == 1
    )


def _is_entry(line: str) -> bool:
    line = line.strip()
    return len(line) <= LONGEST_ENTRY and _begins_with_capital(line) and bool(ENTRY.match(line))


def _begins_with_capital(line: str) -> bool:
    """Return whether a letter begins a line that is none in lower case; some scripts have none."""
    return line[:1].isalpha() and not line[0].islower()


def find_sentences(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    r"""Return the spans ``(start, end)`` of the sentences within ``text[start:end]``, trimmed.

    The boundaries are sentencex's, which knows abbreviations and the scripts of many languages,
    but for those of `rag.ingest.boundaries`. Line ends separate sentences only where a block of
    `find_blocks` begins. A heading and a table row are one sentence, and the mark of a list item
    belongs to its first.

    >>> text = "Dr. Khan came. He left on Sept. 4.\n- one\n- two"
    >>> [text[start:end] for start, end in find_sentences(text)]
    ['Dr. Khan came.', 'He left on Sept. 4.', '- one', '- two']
    """
    end = len(text) if end is None else end
    sentences = []
    for block in find_blocks(text[start:end]):
        block_text = text[start + block.start : start + block.end]
        for first, last in [(0, len(block_text))] if block.level else _cut_block(block_text):
            sentence = block_text[first:last]
            if sentence.strip():
                lead = len(sentence) - len(sentence.lstrip())
                place = start + block.start + first
                sentences.append((place + lead, place + len(sentence.rstrip())))
    return sentences


def _cut_block(text: str) -> Iterator[tuple[int, int]]:
    first, *rest = text.splitlines()
    if len(text) <= LONGEST_ROW and TABLE_ROW.match(first) and all(map(RULE.match, rest)):
        yield 0, len(text)
        return
    marks = LIST_MARKS.match(text)
    begin = marks.end() if marks else 0
    for start, end in find_boundaries(text[begin:]):
        yield (begin + start if start else 0), begin + end
