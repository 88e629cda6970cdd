"""The lock that makes sure that an index has one writer at a time."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from rag.index.database import unwritable


class LockedError(RuntimeError):
    """Somebody else is writing the index."""


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold the lock of the index in the folder, which is made where it is missing.

    The operating system frees the lock of a process that dies. The lock file stays: deleting it
    would let two processes lock two files of one name.

    Raises:
        LockedError: if it is held, at once and saying by whom.
        OSError: if the folder does not let itself be written.
    """
    from filelock import FileLock, Timeout  # which a question needs not, and takes 10 ms

    lock = FileLock(folder / "LOCK", timeout=0)
    holder = folder / "LOCK.holder"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise LockedError(
            f"the index in '{folder}' is being written by {_read_holder(holder)}; "
            "wait until that ends, then try again"
        ) from None
    except OSError as error:
        raise unwritable(folder, str(error)) from error
    try:
        with suppress(OSError):  # on a full disk nobody is told who holds the lock; it is held
            since = datetime.now(UTC).isoformat(timespec="seconds")
            facts = {"pid": os.getpid(), "host": socket.gethostname(), "since": since}
            holder.write_text(json.dumps(facts), encoding="utf-8")
        yield
    finally:
        with suppress(OSError):  # what is left there is only read while the lock is held
            holder.unlink(missing_ok=True)
        lock.release()


@contextmanager
def waiting(path: Path, timeout: float) -> Iterator[None]:
    """Hold the lock file, after waiting for it for at most so many seconds; it stays.

    Raises:
        LockedError: if somebody else holds it for longer.
    """
    from filelock import FileLock, Timeout

    try:
        with FileLock(path, timeout=timeout):
            yield
    except Timeout:
        raise LockedError(
            f"'{path}' is held by another process; wait until that ends, then try again"
        ) from None


def _read_holder(path: Path) -> str:
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        return f"process {facts['pid']} on {facts['host']} since {facts['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"  # which is between locking and saying who it is
