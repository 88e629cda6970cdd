"""The SQLite file of the kept conversations: opening it, and what becomes of a damaged one."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from rag.page import wording

VERSION = 1
BUSY = 5.0  # seconds to wait for another server that writes to the same file

_SCHEMA = """
CREATE TABLE IF NOT EXISTS conversation (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL,
    changed REAL NOT NULL, opened REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS of_owner ON conversation (owner, opened);
CREATE TABLE IF NOT EXISTS exchange (
    conversation TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    turn INTEGER NOT NULL, question TEXT NOT NULL, answer TEXT NOT NULL, edition TEXT NOT NULL,
    PRIMARY KEY (conversation, turn)
) WITHOUT ROWID;
"""
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class ConversationFile:
    """The file, made when it is first written to. May be shared by threads and processes.

    One that is damaged is set aside under another name, and a new one begun; ``notices`` say so.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notices: tuple[str, ...] = ()
        self._checked = False
        self._lock = threading.Lock()

    def note(self, notice: str) -> None:
        """Add a sentence to the notices, once."""
        self.notices = tuple(dict.fromkeys((*self.notices, notice)))

    @contextmanager
    def connect(self) -> Iterator[sqlite3.Connection]:
        """Hold a connection within one transaction, to a file that has been found whole.

        Raises:
            OSError: if the file cannot be read or written, or is damaged; the next use of one that
                was found damaged begins a new one.
        """
        try:
            with self._lock:
                if not self._checked or not self.path.exists():
                    self._check()
                    self._checked = True
            with closing(_open(self.path)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            way_out = "free some space or mend its permissions, then try again"
            if _is_damage(error):
                self._checked = False  # so that the next use finds it, and sets it aside
                way_out = "try again, with a new file"
            raise OSError(
                f"the conversations in '{self.path}' could not be read or written ({error}); "
                f"{way_out}"
            ) from error

    def _check(self) -> None:
        """Make the file if it is missing, and set it aside if it is damaged."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not self.path.exists():  # what people asked is for the account of the server alone
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        try:
            _prepare(self.path)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            self._set_aside()
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            _prepare(self.path)

    def _set_aside(self) -> None:
        moment = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
        aside = self.path.with_name(f"{self.path.name}.damaged-{moment}")
        for ending in ("", "-wal", "-shm"):  # SQLite knows its companions by their names
            companion = self.path.with_name(self.path.name + ending)
            if companion.exists():
                companion.replace(aside.with_name(aside.name + ending))
        self.note(wording.CONVERSATIONS_DAMAGED.format(name=aside.name))


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")  # an answer that is kept survives a power cut
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def _prepare(path: Path) -> None:
    """Make the tables where they are missing; raise unless the file is whole and of this format."""
    with closing(_open(path)) as connection:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            error = sqlite3.DatabaseError(found)
            error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise error
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version not in (0, VERSION):
            raise OSError(
                f"the conversations in '{path}' must be of format {VERSION}, got {version}; "
                "move the file away, or use the newer program that wrote it"
            )
        _write_ahead(connection)
        connection.executescript(_SCHEMA)
        connection.execute(f"PRAGMA user_version = {VERSION}")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Have writes go to a log first, which takes the file for itself; wait for it as others do.

    SQLite waits for other locks, but not for this one while another connection is about to write,
    as one of two servers that start at once may be.
    """
    end = time.monotonic() + BUSY
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(BUSY / 500)
        else:
            return


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF in _DAMAGED  # the low byte is the kind of error
