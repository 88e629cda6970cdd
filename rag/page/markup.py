"""Text → HTML: escaped, in paragraphs and headings, with spans marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

Span = tuple[int, int]

_HEADING = re.compile(r"(#{1,6})[ \t]+")
_HEADINGS = re.compile(_HEADING.pattern, re.MULTILINE)
_SURROGATES = re.compile("[\ud800-\udfff]")  # cannot be sent to a browser
TOP_LEVEL = 3  # h1 is the page, h2 the title of the article


def escape_text(text: str) -> str:
    """Return the text escaped, for between tags and for attributes, its spaces as they are.

    >>> escape_text('<b> "R&D"')
    '&lt;b&gt; &quot;R&amp;D&quot;'
    """
    return escape(_SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text))


def escape_line(text: str) -> str:
    r"""Return the text escaped and on one line.

    >>> escape_line("one\n\n two ")
    'one two'
    """
    return escape_text(" ".join(text.split()))


def shorten(text: str, length: int) -> str:
    """Return the text on one line, cut to so many characters, between words where it can be.

    >>> shorten("one two  three", 10), shorten("one", 10)
    ('one two…', 'one')
    """
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut) + "…"


def draw_text(
    text: str, *, offset: int = 0, marked: Sequence[Span] = (), top: int = TOP_LEVEL
) -> str:
    r"""Return the text as paragraphs, with the marked spans in ``<mark class="cited">``.

    ``offset`` is where the text starts in its document; spans count from the start of the
    document, and what of them lies outside of the text is left out. Lines with ``#`` in front
    become headings, the highest of them of the level ``top``; a blank line ends a paragraph; all
    else is shown as it stands. The HTML is one line, since a blank line would end a block of HTML
    in Markdown.

    >>> draw_text("# A\n\nb < c\nd", marked=[(5, 6)])
    '<h3>A</h3><p><mark class="cited">b</mark> &lt; c<br>d</p>'
    """
    spans = _merge([(start - offset, end - offset) for start, end in marked])
    highest = min((len(each[1]) for each in _HEADINGS.finditer(text)), default=1)
    blocks: list[str] = []
    paragraph: list[str] = []

    def finish() -> None:
        if paragraph:
            blocks.append(f"<p>{'<br>'.join(paragraph)}</p>")
            paragraph.clear()

    for start, line in _lines(text):
        heading = _HEADING.match(line)
        if heading:
            finish()
            level = min(top + len(heading[1]) - highest, 6)
            content = _mark(line[heading.end() :], start + heading.end(), spans)
            blocks.append(f"<h{level}>{content}</h{level}>")
        elif line.strip():
            paragraph.append(_mark(line, start, spans))
        else:
            finish()
    finish()
    return "".join(blocks)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield where each line starts, and the line without its end."""
    start = 0
    for line in text.splitlines(keepends=True):
        yield start, line.rstrip("\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029")
        start += len(line)


def _merge(spans: Sequence[Span]) -> list[Span]:
    """Return the spans in order, those that touch or overlap as one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return merged


def _mark(line: str, offset: int, spans: Sequence[Span]) -> str:
    """Return the line escaped, with what the spans have of it marked."""
    pieces: list[str] = []
    done = 0
    for start, end in spans:
        start, end = max(start - offset, 0), min(end - offset, len(line))
        if start < end:
            pieces.append(escape_text(line[done:start]))
            pieces.append(f'<mark class="cited">{escape_text(line[start:end])}</mark>')
            done = end
    return "".join(pieces) + escape_text(line[done:])
