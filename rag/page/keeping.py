"""Conversations as they come and go: kept as they grow, drawn again when they are opened."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from functools import cache

from rag.chatbot import Chatbot
from rag.export import answer_from_json, answer_to_json
from rag.page import wording
from rag.page.answers import draw_answer
from rag.page.cleaning import clean
from rag.page.conversation import View, draw_welcome
from rag.page.conversations import Conversations, SavedExchange
from rag.page.desk import Desk
from rag.page.history import answer_message, question_message
from rag.page.loading import Loading
from rag.page.markup import escape_line, escape_text
from rag.page.seats import Seat, Seats
from rag.page.sources import Exchange, draw_sources
from rag.records import Answer, Document

Place = Loading | Desk
FindDocument = Callable[[str], Document]


class Keeping:
    """Keeps conversations, and says so where they cannot be kept. May be shared by threads.

    ``seats`` are who is at which page. ``trouble`` is why the last attempt to keep or read a
    conversation failed, empty if it did not: the page goes on without.
    """

    def __init__(self, conversations: Conversations) -> None:
        self.trouble = ""
        self.seats = Seats()
        self._conversations = conversations

    def keep(self, place: Place, seat: Seat, views: Iterator[View]) -> Generator[View, None, None]:
        """Yield the views, and keep the conversation as the last of them shows it.

        It is kept however they end: also where a person stops them, or leaves.
        """
        last: View | None = None
        try:
            for last in views:
                yield last
        finally:
            if last is not None:
                self.save(place, seat, last.exchanges)

    def save(self, place: Place, seat: Seat, exchanges: Sequence[Exchange]) -> None:
        """Keep the conversation; none is begun without an answer."""
        if not exchanges:
            return
        try:
            saved = to_saved(exchanges, _bot(place))
            self._conversations.save(seat.owner, seat.conversation_id, saved)
            self.trouble = ""
        except OSError as error:
            self.trouble = str(error)

    def latest(self, owner: str) -> str:
        """Return the id of the conversation that the owner opened last, empty for none."""
        try:
            return self._conversations.latest(owner)
        except OSError as error:
            self.trouble = str(error)
            return ""

    def open(self, place: Place, seat: Seat) -> View:
        """Return the conversation as the page shows it, the sources of its last answer beside it.

        A conversation that the owner does not have is an empty page.
        """
        bot = _bot(place)
        exchanges = self._read(seat, bot)
        if not exchanges:
            return View([], (), draw_welcome(place), "")
        rows = {row.doc_id: row for row in bot.documents()} if bot is not None else {}
        messages = []
        for exchange in exchanges:
            messages.append(question_message(exchange.question))
            messages.append(answer_message(draw_answer(exchange.answer, exchange.turn, rows)))
        last = exchanges[-1]
        return View(messages, exchanges, draw_sources(last, rows), last.answer.query)

    def rename(self, seat: Seat, title: str) -> None:
        """Give the open conversation another title."""
        try:
            self._conversations.rename(seat.owner, seat.conversation_id, title)
        except OSError as error:
            self.trouble = str(error)

    def delete(self, owner: str, conversation_id: str) -> None:
        """Delete a conversation of the owner's."""
        try:
            self._conversations.delete(owner, conversation_id)
        except OSError as error:
            self.trouble = str(error)

    def title(self, seat: Seat) -> str:
        """Return the title of the open conversation, empty where it is not kept."""
        try:
            rows = self._conversations.rows(seat.owner)
        except OSError as error:
            self.trouble = str(error)
            return ""
        found = (row.title for row in rows if row.conversation_id == seat.conversation_id)
        return next(found, "")

    def draw_list(self, seat: Seat) -> str:
        """Return the owner's conversations, the one that is open marked, and what went wrong."""
        try:
            rows = self._conversations.rows(seat.owner)
        except OSError as error:
            self.trouble, rows = str(error), []
        notices = list(self._conversations.notices)
        if self.trouble:
            notices.append(wording.NOT_KEPT.format(reason=self.trouble))
        items = []
        for row in rows:
            name = escape_line(row.title)
            opened = escape_text(wording.OPEN_TITLE.format(title=row.title))
            deleted = escape_text(wording.DELETE_TITLE.format(title=row.title))
            here = " here" if row.conversation_id == seat.conversation_id else ""
            items.append(
                f'<li class="talk{here}">'
                f'<button type="button" class="act open" id="talk-open-{row.conversation_id}" '
                f'title="{opened}">{name}</button>'
                f'<button type="button" class="act sure" id="talk-delete-{row.conversation_id}" '
                f'title="{deleted}">{escape_text(wording.DELETE)}</button></li>'
            )
        notes = "".join(f'<p class="note">{escape_line(notice)}</p>' for notice in notices)
        if not items:
            return clean(f'{notes}<p class="more">{escape_text(wording.NO_CONVERSATIONS)}</p>')
        return clean(f'{notes}<ul class="talks">{"".join(items)}</ul>')

    def exported(
        self, place: Place, seat: Seat, exchanges: Sequence[Exchange]
    ) -> list[SavedExchange]:
        """Return the exchanges as they are to be exported: as they were kept, where they were."""
        try:
            saved = self._conversations.open(seat.owner, seat.conversation_id)
            kept = {each.turn: each for each in saved}
        except OSError as error:
            self.trouble, kept = str(error), {}
        fresh = to_saved([each for each in exchanges if each.turn not in kept], _bot(place))
        by_turn = kept | {each.turn: each for each in fresh}
        return [by_turn[exchange.turn] for exchange in exchanges]

    def _read(self, seat: Seat, bot: Chatbot | None) -> tuple[Exchange, ...]:
        try:
            kept = self._conversations.open(seat.owner, seat.conversation_id)
        except OSError as error:
            self.trouble = str(error)
            return ()
        exchanges = []
        for each in kept:
            try:
                answer = answer_from_json(each.answer)
            except ValueError:
                answer = Answer(wording.ANSWER_DAMAGED, abstained=True)
            if bot is not None and each.edition != bot.index.edition:
                answer = note_changes(answer, find_changed(answer, bot))
            exchanges.append(Exchange(each.turn, each.question, answer))
        return tuple(exchanges)


def to_saved(exchanges: Sequence[Exchange], bot: Chatbot | None) -> list[SavedExchange]:
    """Return the exchanges as they are kept; an article that is gone is told by its title."""
    edition = bot.index.edition if bot is not None else ""
    saved = []
    for each in exchanges:
        row = answer_to_json(each.question, each.answer, _find_or_make(each.answer, bot))
        saved.append(SavedExchange(each.turn, each.question, row, edition))
    return saved


def list_changed(place: Place, exchanges: Sequence[Exchange]) -> dict[int, list[int]]:
    """Return turn → the numbers of its citations that have changed, as `find_changed`."""
    bot = _bot(place)
    if bot is None:
        return {}
    return {each.turn: find_changed(each.answer, bot) for each in exchanges}


def find_changed(answer: Answer, bot: Chatbot) -> list[int]:
    """Return the numbers of the citations whose words no longer stand where they did, ascending."""

    @cache
    def read(doc_id: str) -> str:
        try:
            return bot.document(doc_id).text
        except KeyError:
            return ""

    return sorted(
        {
            each.number
            for each in answer.citations
            if read(each.passage.doc_id)[each.start : each.end] != each.quote
        }
    )


def note_changes(answer: Answer, numbers: Sequence[int]) -> Answer:
    """Return the answer with a notice that says which of its citations have changed, if any."""
    if not numbers:
        return answer
    named = ", ".join(f"[{number}]" for number in numbers)
    notice = wording.CITED_CHANGED.format(numbers=named)
    return replace(answer, notices=(*answer.notices, notice))


def _find_or_make(answer: Answer, bot: Chatbot | None) -> FindDocument:
    """Return what finds a cited article, or makes one from what the citation knows of it."""
    titles = {each.passage.doc_id: each.passage.title for each in answer.citations}

    def find(doc_id: str) -> Document:
        if bot is not None:
            try:
                return bot.document(doc_id)
            except KeyError:
                pass
        return Document(doc_id, titles[doc_id], "")

    return find


def _bot(place: Place) -> Chatbot | None:
    """Return the chatbot if it is there already: what is kept can be read without."""
    if place.failed or not place.wait(0):
        return None
    return place.chatbot()
