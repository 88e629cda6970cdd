"""The SQLite file of an index: connecting to it, and saying what its errors mean."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from rag.index.location import STORE, rebuild_command

FILE = STORE

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_UNWRITABLE = (
    *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR),
    *(sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN),
)


class IndexDamagedError(RuntimeError):
    """The index cannot be trusted, and nothing is answered from it."""


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Give SQLite's errors about a damaged file or a full disk a name and a way out."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the kind of error
        if code in _DAMAGED:
            raise damaged(folder, str(error)) from error
        if code in _UNWRITABLE:
            raise unwritable(folder, str(error)) from error
        raise


def damaged(folder: Path, reason: str) -> IndexDamagedError:
    """Return the error for an index that contradicts itself."""
    return IndexDamagedError(
        f"the index in '{folder}' is damaged ({reason}); "
        f"to build it again, run: {rebuild_command(folder)}"
    )


def unwritable(folder: Path, reason: str) -> OSError:
    """Return the error for a disk that does not take or give what it should."""
    return OSError(
        f"the index in '{folder}' could not be read or written ({reason}); free some space or "
        "mend its permissions, then try again. What was published before is untouched"
    )


def connect(folder: Path, *, writing: bool = False) -> sqlite3.Connection:
    """Return a connection to the index in the folder; only one for writing creates the file."""
    uri = f"file:{quote(str((folder / FILE).absolute()))}?mode="
    connection = sqlite3.connect(
        uri + ("rwc" if writing else "ro"),
        uri=True,
        isolation_level=None,  # transactions begin and end where the code says so
        check_same_thread=False,  # whoever shares a connection holds a lock of their own
    )
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def checksum(*values: str | int | bytes) -> bytes:
    """Return eight bytes that any change of the values changes too.

    SQLite notices a torn page, not a flipped bit within a text; every row carries this.
    """
    hashed = hashlib.blake2b(digest_size=8)
    for value in values:
        content = value if isinstance(value, bytes) else str(value).encode()
        hashed.update(len(content).to_bytes(8))  # so that no value runs into the next
        hashed.update(content)
    return hashed.digest()
