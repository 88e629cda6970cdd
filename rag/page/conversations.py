"""The conversations that people had on the page, kept in one SQLite file beside the index."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.page import wording
from rag.page.conversation_file import ConversationFile

FILE = "conversations.sqlite"
MAX_AGE = 180 * 86_400.0  # seconds unopened: half a year is longer than anyone looks back
MAX_OF_OWNER = 100  # conversations: more is a list that nobody reads
MAX_OF_ALL = 1_000  # conversations: ten answers of 8 kB in each are 80 MB
MAX_EXCHANGES = 100  # of a conversation: the page sends them all with each question, 5 kB each
TITLE_LENGTH = 80  # characters that fit on two lines of the list

_KEEP_EXCHANGE = """
INSERT INTO exchange VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
SET question = excluded.question, answer = excluded.answer, edition = excluded.edition
WHERE question != excluded.question
OR json_extract(answer, '$.answer') != json_extract(excluded.answer, '$.answer')
"""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{40,100}")


@dataclass(frozen=True, slots=True)
class SavedExchange:
    """A question and its answer as they are kept.

    ``answer`` is what `rag.export.answer_to_json` returned, ``edition`` the edition of the index
    that it was given from.
    """

    turn: int
    question: str
    answer: Mapping[str, Any]
    edition: str


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """A line of the list: ``changed`` is when the last answer was kept, in seconds since 1970."""

    conversation_id: str
    title: str
    changed: float


def make_token() -> str:
    """Return a new secret for a browser: 256 random bits."""
    return secrets.token_urlsafe(32)


def make_id() -> str:
    """Return a new id for a conversation, hexadecimal."""
    return secrets.token_hex(12)


def name_owner(token: object, user: str | None) -> str:
    """Return the owner that a browser's token and, where there is a login, its user stand for.

    It is a hash: who reads the file cannot pose as the owner. Empty, which owns nothing, for
    anything but a token; so whoever shares a login, or a browser, shares no conversation.

    >>> name_owner("guess", None)
    ''
    """
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        return ""
    return hashlib.sha256(f"{token}\n{user or ''}".encode()).hexdigest()


class Conversations:
    """The conversations of all owners, each of which sees only its own. May be shared by threads.

    A conversation is kept until its owner deletes it, or 180 days after it was last opened; of an
    owner the newest 100. What is saved is on disk when `save` returns, and whoever is killed on
    the way leaves what was there before. A file that is damaged is set aside under another name,
    which ``notices`` tell, and a new one begun.

    All methods raise an ``OSError`` that says why, where the file cannot be read or written.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._file = ConversationFile(folder / FILE)
        self._clock = clock

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences for the person about what happened to the file."""
        return self._file.notices

    def rows(self, owner: str) -> list[ConversationRow]:
        """Return the owner's conversations, the one that changed last first."""
        if not owner or not self._file.path.exists():
            return []
        with self._file.connect() as connection:
            found = connection.execute(
                "SELECT id, title, changed FROM conversation WHERE owner = ? "
                "ORDER BY changed DESC, id",
                (owner,),
            ).fetchall()
        return [ConversationRow(*row) for row in found]

    def latest(self, owner: str) -> str:
        """Return the id of the conversation that the owner opened last, empty for none."""
        if not owner or not self._file.path.exists():
            return ""
        with self._file.connect() as connection:
            found = connection.execute(
                "SELECT id FROM conversation WHERE owner = ? ORDER BY opened DESC, id LIMIT 1",
                (owner,),
            ).fetchone()
        return str(found[0]) if found else ""

    def open(self, owner: str, conversation_id: str) -> list[SavedExchange]:
        """Return the exchanges in order; none where the owner has no such conversation.

        An exchange that cannot be read is left out, and ``notices`` say so.
        """
        if not owner or not self._file.path.exists():
            return []
        with self._file.connect() as connection:
            connection.execute(
                "UPDATE conversation SET opened = ? WHERE id = ? AND owner = ?",
                (self._clock(), conversation_id, owner),
            )
            found = connection.execute(
                "SELECT turn, question, answer, exchange.edition FROM exchange "
                "JOIN conversation ON conversation.id = exchange.conversation "
                "WHERE conversation.id = ? AND owner = ? ORDER BY turn",
                (conversation_id, owner),
            ).fetchall()
        exchanges = []
        for turn, question, text, edition in found:
            try:
                exchanges.append(SavedExchange(turn, question, json.loads(text), edition))
            except ValueError:
                self._file.note(wording.ANSWER_DAMAGED)
        return exchanges

    def save(self, owner: str, conversation_id: str, exchanges: Sequence[SavedExchange]) -> None:
        """Make these the exchanges of the conversation, which begins here if it is new.

        One that is kept already, of the same turn with the same text, stays as it is. The title of
        a new conversation is its first question. Nothing is saved for no owner, or where the
        conversation is another's.
        """
        if not owner or not exchanges:
            return
        kept = exchanges[-MAX_EXCHANGES:]
        now = self._clock()
        title = shorten(exchanges[0].question)
        with self._file.connect() as connection:
            connection.execute(
                "INSERT INTO conversation VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) "
                "DO UPDATE SET changed = ?, opened = ? WHERE owner = ?",
                (conversation_id, owner, title, now, now, now, now, owner),
            )
            if not _is_owner(connection, owner, conversation_id):
                return
            turns = ", ".join(str(int(exchange.turn)) for exchange in kept)
            connection.execute(
                f"DELETE FROM exchange WHERE conversation = ? AND turn NOT IN ({turns})",
                (conversation_id,),
            )
            connection.executemany(
                _KEEP_EXCHANGE,
                [
                    # ASCII, since a lone surrogate of a question is none of SQLite's text
                    (conversation_id, each.turn, _clean(each.question), json.dumps(each.answer))
                    + (each.edition,)
                    for each in kept
                ],
            )
            _prune(connection, owner, now)

    def rename(self, owner: str, conversation_id: str, title: str) -> None:
        """Give the owner's conversation another title; a blank one leaves it as it is."""
        if not title.strip() or not self._file.path.exists():
            return
        with self._file.connect() as connection:
            connection.execute(
                "UPDATE conversation SET title = ? WHERE id = ? AND owner = ?",
                (shorten(title), conversation_id, owner),
            )

    def delete(self, owner: str, conversation_id: str) -> None:
        """Delete the owner's conversation; what it held is overwritten in the file."""
        if not self._file.path.exists():
            return
        with self._file.connect() as connection:
            connection.execute(
                "DELETE FROM conversation WHERE id = ? AND owner = ?", (conversation_id, owner)
            )


def shorten(text: str) -> str:
    r"""Return the text on one line and short enough for a title.

    >>> shorten("When\ndoes it rise? ")
    'When does it rise?'
    """
    line = " ".join(_clean(text).split())
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rstrip() + "…"


def _prune(connection: sqlite3.Connection, owner: str, now: float) -> None:
    """Delete what is too old, and the oldest of what is too many."""
    connection.execute("DELETE FROM conversation WHERE opened < ?", (now - MAX_AGE,))
    connection.execute(
        "DELETE FROM conversation WHERE id IN (SELECT id FROM conversation WHERE owner = ? "
        "ORDER BY opened DESC, id LIMIT -1 OFFSET ?)",
        (owner, MAX_OF_OWNER),
    )
    connection.execute(
        "DELETE FROM conversation WHERE id IN (SELECT id FROM conversation "
        "ORDER BY opened DESC, id LIMIT -1 OFFSET ?)",
        (MAX_OF_ALL,),
    )


def _is_owner(connection: sqlite3.Connection, owner: str, conversation_id: str) -> bool:
    found = connection.execute("SELECT owner FROM conversation WHERE id = ?", (conversation_id,))
    return bool(found.fetchone() == (owner,))


def _clean(text: str) -> str:
    """Return the text without lone surrogates, which no file holds."""
    return text.encode("utf-8", "replace").decode("utf-8")
