"""The course of a conversation: a question in, views of the page out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rag.chatbot import Chatbot
from rag.failures import EXPECTED, explain
from rag.page import wording
from rag.page.answers import PENDING, draw_answer, draw_note
from rag.page.article import Target, draw_article, find_reading, parse_target
from rag.page.desk import Desk
from rag.page.history import (
    Message,
    answer_message,
    is_pending,
    last_question,
    question_message,
    read_history,
    read_question,
    read_turns,
)
from rag.page.loading import Loading
from rag.page.sources import Exchange, draw_articles, draw_sources
from rag.page.writer import pick_generator
from rag.retrieve.question import MAX_QUESTION

SHOWN_OF_TOO_LONG = 300  # characters of a question that is too long: enough to know it again
POLL = 0.25  # seconds between two looks whether the articles are read


@dataclass(frozen=True, slots=True)
class View:
    """What the page shows: the messages, the answers behind them, the panel, and the last query.

    ``panel`` and ``query`` are None where they stay as they are.
    """

    messages: list[dict[str, Any]]
    exchanges: tuple[Exchange, ...]
    panel: str | None = None
    query: str | None = None


def converse(
    loading: Loading | Desk,
    question: str,
    messages: Sequence[Message],
    exchanges: Sequence[Exchange],
    query: str | None = None,
    writer: str | None = None,
) -> Iterator[View]:
    """Yield views of the page while a question is answered; the last one is to stay.

    ``messages`` are those before the question, ``exchanges`` the answers behind them; ``query``
    is what to search with, where a person wrote it; ``writer`` who is to write, where a person
    chose (see `rag.page.writer`). What is wrong with a question, and with the
    articles, is said in a message, which is not part of what later questions follow up.
    """
    before = [dict(message) for message in messages]
    kept = keep_exchanges(exchanges, messages)
    if problem := find_problem(question):
        shown = [question_message(question[:SHOWN_OF_TOO_LONG])] if question.strip() else []
        yield View([*before, *shown, _note(problem)], kept)
        return
    asked = [*before, question_message(question)]
    first = wording.THINKING if loading.wait(0) else wording.WAITING
    yield View([*asked, _pending(first)], kept)
    while not loading.wait(POLL):
        yield View([*asked, _pending(wording.WAITING)], kept)
    if loading.failed:
        yield View([*asked, _note(wording.NOT_LOADED.format(reason=loading.failed))], kept)
        return
    taken = {exchange.turn for exchange in exchanges} | read_turns(messages)
    turn = 1 + max(taken, default=0)
    history = read_history(before)
    try:
        bot = loading.chatbot()
        bot.refresh()
        rows = {row.doc_id: row for row in bot.documents()}
        generator = pick_generator(bot, writer)
        for answer in bot.stream(question, history=history, query=query, generator=generator):
            exchange = Exchange(turn, question, answer)
            yield View(
                [*asked, answer_message(draw_answer(answer, turn, rows))],
                (*kept, exchange),
                draw_sources(exchange, rows),
                answer.query,
            )
    except EXPECTED as error:
        yield View([*asked, _note(explain(error))], kept)


def repeat(
    loading: Loading | Desk,
    messages: Sequence[Message],
    exchanges: Sequence[Exchange],
    query: str,
    writer: str | None = None,
) -> Iterator[View]:
    """Yield views while the last question is answered again, searching with the query."""
    place = last_question(messages)
    problem = wording.NOTHING_TO_REPEAT if place is None else find_problem(query)
    if place is None or problem:
        yield View([*map(dict, messages), _note(problem)], keep_exchanges(exchanges, messages))
        return
    yield from ask_at(loading, messages, exchanges, place, query=query, writer=writer)


def ask_at(
    loading: Loading | Desk,
    messages: Sequence[Message],
    exchanges: Sequence[Exchange],
    place: int,
    *,
    question: str | None = None,
    query: str | None = None,
    writer: str | None = None,
) -> Iterator[View]:
    """Yield views while the question at a place among the messages is answered again.

    What came after it is dropped; ``question`` replaces it, where a person edited it.
    """
    if question is None:
        question = read_question(messages[place])
    yield from converse(loading, question, messages[:place], exchanges, query, writer)


def settle(messages: Sequence[Message], exchanges: Sequence[Exchange]) -> View | None:
    """Return the page after an answer was stopped before it began; None where all may stay.

    Where it had begun, what there is stays, and what is shown is not sent again: the page may
    have been cleared in the meantime.
    """
    if not messages or not is_pending(messages[-1]):
        return None
    shown = [*map(dict, messages[:-1]), _note(wording.STOPPED)]
    return View(shown, keep_exchanges(exchanges, messages))


def fail(messages: Sequence[Message], exchanges: Sequence[Exchange]) -> View:
    """Return the page after a bug ended an answer; what there is of it stays."""
    shown = [dict(message) for message in messages]
    if shown and is_pending(shown[-1]):
        shown.pop()
    return View([*shown, _note(wording.UNEXPECTED)], tuple(exchanges))


def open_source(loading: Loading | Desk, target: str, exchanges: Sequence[Exchange]) -> str:
    """Return the panel that a link of the page leads to."""
    parsed = parse_target(target)
    found = [each for each in exchanges if parsed is not None and each.turn == parsed.turn]
    if parsed is None or not found:
        return draw_note(wording.SOURCE_GONE)
    bot = loading.chatbot()
    try:
        return _draw_source(bot, parsed, found[0])
    except OSError as error:  # a server that is away; the conversation stays as it is
        return draw_note(explain(error))


def _draw_source(bot: Chatbot, parsed: Target, exchange: Exchange) -> str:
    rows = {row.doc_id: row for row in bot.documents()}
    if parsed.kind == "cards":
        return draw_sources(exchange, rows)
    reading = find_reading(exchange, parsed)
    if reading is None:
        return draw_note(wording.SOURCE_GONE)
    try:
        document = bot.document(reading.passage.doc_id)
    except KeyError:
        document = None
    return draw_article(reading, parsed, document, rows)


def draw_welcome(loading: Loading | Desk) -> str:
    """Return the panel before the first question; the articles are in it once they are read."""
    if loading.failed or not loading.wait(0):
        return draw_articles([])
    try:
        return draw_articles(loading.chatbot().documents())
    except OSError as error:
        return draw_note(explain(error))


def find_problem(question: str) -> str:
    """Return what is wrong with a question, in one sentence; empty where it can be asked."""
    if not question.strip():
        return wording.BLANK
    if len(question) > MAX_QUESTION:
        return wording.TOO_LONG.format(length=len(question), limit=MAX_QUESTION)
    return ""


def keep_exchanges(
    exchanges: Sequence[Exchange], messages: Sequence[Message]
) -> tuple[Exchange, ...]:
    """Return the exchanges whose answers the messages show."""
    turns = read_turns(messages)
    return tuple(exchange for exchange in exchanges if exchange.turn in turns)


def _pending(sentence: str) -> dict[str, Any]:
    return answer_message(draw_note(sentence, kind=PENDING))


def _note(sentence: str) -> dict[str, Any]:
    return answer_message(draw_note(sentence))
