"""The folder of a page for what is uploaded to it: private, and gone with its process."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from filelock import FileLock, Timeout

PREFIX = "footnote-page-"
LOCK = "in-use"


@cache
def private_folder() -> Path:
    """Return the folder of this process, which is deleted when the process ends.

    Those of processes that were killed are deleted first.
    """
    parent = Path(tempfile.gettempdir()).resolve()
    folder, lock = make_folder(parent)
    delete_stale(folder)
    atexit.register(delete, folder, lock)
    return folder


def make_folder(parent: Path) -> tuple[Path, FileLock]:
    """Make a folder that only its owner can enter, and lock it: it is in use until released."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    lock = FileLock(folder / LOCK, timeout=0)
    lock.acquire()
    return folder, lock


def delete(folder: Path, lock: FileLock) -> None:
    """Delete a folder that is no longer in use, with all that is in it."""
    shutil.rmtree(folder, ignore_errors=True)
    lock.release()


def delete_stale(ours: Path) -> list[Path]:
    """Delete the folders beside ours that no process holds any more, and return them.

    Links, and what belongs to somebody else, are left alone.
    """
    deleted = []
    for folder in sorted(ours.parent.glob(f"{PREFIX}*")):
        if folder.is_symlink() or not (folder / LOCK).is_file():
            continue
        if folder == ours or folder.stat().st_uid != ours.stat().st_uid:
            continue
        lock = FileLock(folder / LOCK, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            continue
        delete(folder, lock)
        deleted.append(folder)
    return deleted
