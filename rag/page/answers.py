"""An answer → the HTML of its message in the conversation."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rag.evaluate.report import STRONG
from rag.index import DocumentRow
from rag.ingest.sentences import find_sentences
from rag.page import wording
from rag.page.markup import escape_line, escape_text, shorten
from rag.records import Answer, Citation
from rag.retrieve.terms import matched_words

_MARK = re.compile(r"\[(\d{1,4})\]")
N_NEAREST = 3  # passages named in a refusal; all of them are beside it
EXCERPT_LENGTH = 180  # characters of their sentences
TITLE_LENGTH = 300  # characters of a quote that a tooltip can show
# What holds the words of an answer, and nothing else: `history` reads it back.
TEXT_CLASS = "answer-text"
UNSUPPORTED_CLASS = "unsupported"  # what no passage supports: `history` passes over it
PENDING = "note pending"  # the kind of a note that an answer will replace


def draw_answer(answer: Answer, turn: int, rows: Mapping[str, DocumentRow]) -> str:
    """Return the message of an answer: its text, its sources in a row, and how it was found.

    ``[n]`` becomes a link ``#cite-<turn>-<n>`` where the answer has a source ``n``; ``turn`` is the
    number of the answer in the conversation, so that links and ids stay apart. ``rows`` are the
    documents of the index by id.
    """
    kind = "answer abstained" if answer.abstained else "answer"
    parts = [f'<div class="{kind}" id="answer-{turn}" tabindex="-1">']
    parts.append(f'<div class="{TEXT_CLASS}">{_draw_lines(answer, turn)}</div>')
    parts.extend(f'<p class="note">{escape_line(notice)}</p>' for notice in answer.notices)
    parts.append(_draw_nearest(answer, turn) if answer.abstained else "")
    parts.append(_draw_source_row(answer, turn, rows))
    buttons = f"{_draw_rating(turn)}{_draw_copy(answer, rows)}"
    parts.append(f'<div class="foot">{_draw_found(answer)}{buttons}</div></div>')
    return "".join(parts)


def draw_note(sentence: str, *, kind: str = "note") -> str:
    """Return a message that is no answer, such as that something is being waited for."""
    return f'<p class="{escape_text(kind)}" role="status">{escape_line(sentence)}</p>'


def first_citations(answer: Answer) -> dict[int, Citation]:
    """Return the first citation of each number, by number."""
    first: dict[int, Citation] = {}
    for citation in answer.citations:
        first.setdefault(citation.number, citation)
    return dict(sorted(first.items()))


def without_emphasis(text: str) -> str:
    """Return the text of an answer without the marks around the words that answer.

    >>> without_emphasis("It rose by **2.4 metres**. [1]")
    'It rose by 2.4 metres. [1]'
    """
    return STRONG.sub(r"\1", text)


def plain_text(answer: Answer, rows: Mapping[str, DocumentRow]) -> str:
    """Return an answer as text to copy: its sentences with ``[n]``, then a line for each source."""
    text = without_emphasis(answer.text)
    sources = [
        f"[{number}] {name_source(citation.passage.doc_id, citation.passage.title, rows)}: "
        f"\N{LEFT DOUBLE QUOTATION MARK}{' '.join(citation.quote.split())}"
        f"\N{RIGHT DOUBLE QUOTATION MARK}"
        for number, citation in first_citations(answer).items()
    ]
    return "\n\n".join([text, "\n".join(sources)]) if sources else text


def name_source(doc_id: str, title: str, rows: Mapping[str, DocumentRow]) -> str:
    """Return what a source is called: title, outlet and date, as far as they are known."""
    row = rows.get(doc_id)
    parts = [title or doc_id]
    if row is not None:
        parts += [part for part in (row.source, row.published) if part]
    return ", ".join(parts)


def _draw_lines(answer: Answer, turn: int) -> str:
    """Return the lines of the text as paragraphs, those with ``- `` in front as lists."""
    cited = first_citations(answer)
    seen: set[int] = set()
    html: list[str] = []
    in_list = False
    for line in filter(None, map(str.strip, answer.text.splitlines())):
        is_item = line.startswith("- ")
        if is_item != in_list:
            html.append("<ul>" if is_item else "</ul>")
            in_list = is_item
        content = "".join(
            _draw_unsupported(part, reason, turn, cited, seen)
            if reason is not None
            else _draw_sentence(part, turn, cited, seen)
            for part, reason in _split_unsupported(line.removeprefix("- "), answer)
        )
        html.append(f"<li>{content}</li>" if is_item else f"<p>{content}</p>")
    if in_list:
        html.append("</ul>")
    return "".join(html)


def _split_unsupported(line: str, answer: Answer) -> list[tuple[str, str | None]]:
    """Return the line in parts; one that no passage supports comes with what is wrong with it."""
    parts: list[tuple[str, str | None]] = [(line, None)]
    for sentence in answer.unsupported:
        for place, (part, reason) in enumerate(parts):
            before, found, after = part.partition(sentence.text)
            if reason is None and found:
                pieces = [(before, None), (found, sentence.reason), (after, None)]
                parts[place : place + 1] = [piece for piece in pieces if piece[0]]
                break
    return parts


def _draw_unsupported(
    text: str, reason: str, turn: int, cited: Mapping[int, Citation], seen: set[int]
) -> str:
    """Return a sentence that no passage supports, so that nobody takes it for a fact."""
    title = escape_text(wording.UNSUPPORTED.format(reason=reason)) if reason else ""
    content = _draw_sentence(text, turn, cited, seen)
    return f'<span class="{UNSUPPORTED_CLASS}" title="{title}">{content}</span>'


def _draw_sentence(text: str, turn: int, cited: Mapping[int, Citation], seen: set[int]) -> str:
    """Return a line with its marks as links; the first link to a source has an id to return to."""

    def link(match: re.Match[str]) -> str:
        number = int(match[1])
        if number not in cited:
            return match[0]
        quote = " ".join(cited[number].quote.split())[:TITLE_LENGTH]
        title = escape_text(wording.CITED_TITLE.format(number=number, quote=quote))
        name = "" if number in seen else f' id="mark-{turn}-{number}"'
        seen.add(number)
        return f'<a class="cite"{name} href="#cite-{turn}-{number}" title="{title}">{number}</a>'

    return _MARK.sub(link, STRONG.sub(r"<strong>\1</strong>", escape_text(text)))


def _draw_nearest(answer: Answer, turn: int) -> str:
    """Return what may help where the articles do not say: what comes nearest, and what to do."""
    more = wording.NEAREST_MORE if answer.hits else wording.NOTHING_NEAR
    items = []
    for hit in answer.hits[:N_NEAREST]:
        sentence = nearest_sentence(answer.query, hit.passage.text)
        items.append(
            f'<li><a href="#near-{turn}-{hit.rank}">'
            f"{escape_line(hit.passage.title or hit.passage.doc_id)}</a> "
            f'<span class="about">{escape_line(shorten(sentence, EXCERPT_LENGTH))}</span></li>'
        )
    nearest = f'<ul class="near">{"".join(items)}</ul>' if items else ""
    ways = (
        f'<a class="change" href="#again">{escape_text(wording.OTHER_WORDS)}</a>'
        f'<a class="view" href="#view-articles">{escape_text(wording.ADD_ARTICLE)}</a>'
    )
    return f'<p class="more">{escape_text(more)}</p>{nearest}<p class="help">{ways}</p>'


def nearest_sentence(query: str, text: str) -> str:
    """Return the sentence of a passage that has most of the query's words, the first of several.

    Headings are no sentences.

    >>> nearest_sentence("Do wolves swim?", "The wood is old. Wolves live there.")
    'Wolves live there.'
    """
    sentences = [text[start:end] for start, end in find_sentences(text)]
    sentences = [each for each in sentences if not each.startswith("#")] or [text]
    return max(sentences, key=lambda sentence: len(matched_words(query, sentence)))


def _draw_source_row(answer: Answer, turn: int, rows: Mapping[str, DocumentRow]) -> str:
    """Return the sources of an answer by name, each leading to its passage."""
    links = []
    for number, citation in first_citations(answer).items():
        name = _short_name(citation.passage.doc_id, citation.passage.title, rows)
        links.append(
            f'<li><a class="chip" href="#cite-{turn}-{number}">'
            f'<span class="number">{number}</span>{escape_line(name)}</a></li>'
        )
    if answer.abstained and answer.hits:
        links = [
            f'<li><a class="chip" href="#cards-{turn}">{escape_text(wording.NEAREST_LINK)}</a></li>'
        ]
    return f'<ul class="chips">{"".join(links)}</ul>' if links else ""


def _short_name(doc_id: str, title: str, rows: Mapping[str, DocumentRow]) -> str:
    """Return the outlet, or the title where the outlet is not known."""
    row = rows.get(doc_id)
    return (row.source if row is not None else "") or title or doc_id


def _draw_found(answer: Answer) -> str:
    """Return how sure the answer is, and what was searched with."""
    percent = round(100 * answer.confidence)
    facts = [
        (
            wording.CONFIDENCE,
            f'<span class="meter tenths-{round(10 * answer.confidence)}"></span>{percent} %',
        ),
        (wording.WRITTEN_BY, escape_line(answer.generator)),
        (
            wording.SEARCHED_WITH,
            f'<q>{escape_line(answer.query)}</q> <a class="change" href="#again" '
            f'title="{escape_text(wording.CHANGE_TITLE)}">{escape_text(wording.CHANGE)}</a>',
        ),
    ]
    rows = "".join(
        f"<div><dt>{escape_text(name)}</dt><dd>{value}</dd></div>" for name, value in facts if value
    )
    return f'<dl class="found" title="{escape_text(wording.CONFIDENCE_TITLE)}">{rows}</dl>'


def _draw_rating(turn: int) -> str:
    """Return the buttons that say whether the answer is right."""
    buttons = "".join(
        f'<button class="act {kind}" type="button" id="rate-{kind}-{turn}" '
        f'title="{escape_text(title)}">{escape_text(name)}</button>'
        for kind, name, title in (
            ("up", wording.HELPFUL, wording.HELPFUL_TITLE),
            ("down", wording.NOT_HELPFUL, wording.NOT_HELPFUL_TITLE),
        )
    )
    return (
        f'<span class="rating" role="group" title="{escape_text(wording.RATING)}">{buttons}</span>'
    )


def _draw_copy(answer: Answer, rows: Mapping[str, DocumentRow]) -> str:
    """Return the button that copies the text beside it, which is not shown."""
    text = escape_text(plain_text(answer, rows))
    return (
        f'<button class="copy" type="button" title="{escape_text(wording.COPY_TITLE)}">'
        f'{escape_text(wording.COPY)}</button><pre class="copy-text" hidden>{text}</pre>'
    )
