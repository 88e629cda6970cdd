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

# The statements of this package are right; where SQLite finds a column missing, the schema has
# changed on disk.
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
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
    except UnicodeDecodeError as error:  # not even its message can be read
        raise damaged(folder, "a name in it is not UTF-8") from error
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the kind of error
        # No code at all has what Python finds wrong, a text that is not UTF-8.
        is_undecodable = code == 0 and isinstance(error, sqlite3.OperationalError)
        if code in _DAMAGED or is_undecodable:
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


def has_log(folder: Path) -> bool:
    """Return whether a writer has left a log beside the file, without which it is not the whole."""
    log = folder / f"{FILE}-wal"
    return log.exists() and log.stat().st_size > 0


def connect(folder: Path, *, writing: bool = False, is_frozen: bool = False) -> sqlite3.Connection:
    """Return a connection to the index in the folder; only one for writing creates the file.

    ``is_frozen`` reads the file just as it lies, without the locks that SQLite writes beside it.
    """
    mode = "rwc" if writing else "ro&immutable=1" if is_frozen else "ro"
    connection = sqlite3.connect(
        f"file:{quote(str((folder / FILE).absolute()))}?mode={mode}",
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
