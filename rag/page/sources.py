"""The panel beside the conversation: the passages behind an answer, as cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.index import DocumentRow
from rag.ingest.split import embedded_text
from rag.page import wording
from rag.page.answers import first_citations
from rag.page.cleaning import clean
from rag.page.markup import Span, draw_text, escape_line, escape_text
from rag.records import Answer, Hit, Passage
from rag.retrieve.terms import matched_words

MAX_LISTED = 100  # articles in the list of the index: more would be a catalogue, not a panel


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question of the conversation and its answer; ``turn`` is its number on the page."""

    turn: int
    question: str
    answer: Answer


def draw_sources(exchange: Exchange, rows: Mapping[str, DocumentRow]) -> str:
    """Return the cards of an answer: its sources by number, then what was found and not cited.

    Where the answer abstains, the nearest passages, under a heading that says what they are.
    ``rows`` are the documents of the index by id.
    """
    answer = exchange.answer
    question = _draw_question(exchange)
    if answer.abstained:
        heading = wording.NEAREST if answer.hits else wording.SOURCES
        cards = [_draw_hit(hit, exchange, rows) for hit in answer.hits]
        return _draw_panel(heading, [question, *cards], "nearest")
    cited = first_citations(answer)
    hits = {hit.passage.passage_id: hit for hit in answer.hits}
    cards = [
        _draw_card(
            cited[number].passage,
            rows,
            name=f'<span class="number">{number}</span>',
            anchor=f"source-{exchange.turn}-{number}",
            target=f"cite-{exchange.turn}-{number}",
            marked=cited_spans(answer, number),
            why=_draw_why(hits.get(cited[number].passage.passage_id), answer.query),
        )
        for number in cited
    ]
    shown = {citation.passage.passage_id for citation in answer.citations}
    others = [hit for hit in answer.hits if hit.passage.passage_id not in shown]
    if others:
        inner = "".join(_draw_hit(hit, exchange, rows) for hit in others)
        summary = f"<summary>{escape_text(wording.ALSO_FOUND)} ({len(others)})</summary>"
        cards.append(f'<details class="fold others">{summary}{inner}</details>')
    return _draw_panel(wording.SOURCES, [question, *cards])


def draw_articles(rows: Sequence[DocumentRow]) -> str:
    """Return the panel before the first answer: the articles that are indexed."""
    items = "".join(
        f'<li><span class="title">{escape_line(row.title or row.doc_id)}</span>'
        f'<span class="about">{_draw_about(row.doc_id, row)}'
        f"<span>{escape_text(wording.count(row.n_passages, 'passage'))}</span></span></li>"
        for row in rows[:MAX_LISTED]
    )
    more = wording.MORE_ARTICLES.format(n=len(rows) - MAX_LISTED) if len(rows) > MAX_LISTED else ""
    inner = [f'<p class="more">{escape_text(wording.SOURCES_EMPTY)}</p>']
    if items:
        inner.append(f"<h3>{escape_text(wording.ARTICLES)}</h3>")
        inner.append(f'<ul class="articles">{items}</ul><p class="more">{escape_text(more)}</p>')
    return _draw_panel(wording.SOURCES, inner)


def cited_spans(answer: Answer, number: int) -> list[Span]:
    """Return the spans of the document that the answer cites under a number."""
    return [(each.start, each.end) for each in answer.citations if each.number == number]


def draw_about(doc_id: str, rows: Mapping[str, DocumentRow]) -> str:
    """Return outlet, date and file of a document, as far as they are known."""
    return _draw_about(doc_id, rows.get(doc_id))


def _draw_question(exchange: Exchange) -> str:
    lead = wording.ASKED if exchange.answer.abstained else wording.ANSWER_TO
    return f'<p class="asked">{escape_text(lead)} <q>{escape_line(exchange.question)}</q></p>'


def _draw_about(doc_id: str, row: DocumentRow | None) -> str:
    facts = [row.source, row.published] if row is not None else []
    facts.append(doc_id)
    return "".join(f"<span>{escape_line(fact)}</span>" for fact in facts if fact)


def _draw_panel(heading: str, parts: Sequence[str], kind: str = "cited-sources") -> str:
    return clean(
        f'<div class="panel {kind}"><h2 tabindex="-1">{escape_text(heading)}</h2>'
        f"{''.join(parts)}</div>"
    )


def _draw_hit(hit: Hit, exchange: Exchange, rows: Mapping[str, DocumentRow]) -> str:
    """Return the card of a passage that is not cited."""
    turn = exchange.turn
    return _draw_card(
        hit.passage,
        rows,
        name="",
        anchor=f"hit-{turn}-{hit.rank}",
        target=f"near-{turn}-{hit.rank}",
        marked=(),
        why=_draw_why(hit, exchange.answer.query),
    )


def _draw_card(
    passage: Passage,
    rows: Mapping[str, DocumentRow],
    *,
    name: str,
    anchor: str,
    target: str,
    marked: Sequence[Span],
    why: str,
) -> str:
    """Return a passage with its title, where it stands, and what it scored."""
    heading = passage.heading.split(" > ")[-1]
    begins_there = passage.text.lstrip("# ").startswith(heading)
    where = (
        f'<p class="where">{escape_line(heading)}</p>'
        if heading != passage.title and not begins_there
        else ""
    )
    title = escape_line(passage.title or passage.doc_id)
    return (
        f'<article class="card" id="{anchor}">'
        f'<h3>{name}<a href="#{target}">{title}</a></h3>'
        f'<p class="about">{draw_about(passage.doc_id, rows)}</p>{where}'
        f'<div class="passage">{_draw_passage(passage, marked)}</div>'
        f'<div class="foot">{why}'
        f'<a class="open" href="#{target}" title="{title}">{escape_text(wording.OPEN_ARTICLE)}</a>'
        "</div></article>"
    )


def _draw_passage(passage: Passage, marked: Sequence[Span]) -> str:
    # The card has a title of level 3.
    return draw_text(passage.text, offset=passage.start, marked=marked, top=4)


def _draw_why(hit: Hit | None, query: str) -> str:
    """Return the ranks and the score of a hit, and what it shares with the query, folded."""
    if hit is None:
        return ""
    words = matched_words(query, embedded_text(hit.passage))
    facts = {
        wording.MATCHED: ", ".join(words) or wording.NO_MATCH,
        wording.DENSE_RANK: _draw_rank(hit.dense_rank),
        wording.LEXICAL_RANK: _draw_rank(hit.lexical_rank),
        wording.SCORE: f"{hit.score:.3f}",
    }
    rows = "".join(
        f"<dt>{escape_text(fact)}</dt><dd>{escape_text(value)}</dd>"
        for fact, value in facts.items()
    )
    summary = f"<summary>{escape_text(wording.WHY)}</summary>"
    return f'<details class="fold">{summary}<dl>{rows}</dl></details>'


def _draw_rank(rank: int | None) -> str:
    return wording.NO_RANK if rank is None else str(rank)
