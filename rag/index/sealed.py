"""Folders that are whole or not there, and whose every byte is vouched for by a checksum."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SEAL = "seal.json"


@contextmanager
def sealed_folder(path: Path, maker: str) -> Iterator[Path]:
    """Give an empty folder to write into, which becomes ``path`` when the block ends.

    Until then, and where the block raises, ``path`` stays as it was. ``maker`` says what wrote
    the files and which version of it; whoever reads them asks for the same. One writer at a time.
    """
    work = path.with_name(f"{path.name}.part")
    if work.exists():  # of a run that was killed
        shutil.rmtree(work)
    work.mkdir(parents=True)
    try:
        yield work
        _seal(work, maker)
        if path.exists():
            shutil.rmtree(path)
        work.rename(path)
        _sync(path.parent)
    finally:
        if work.exists():
            shutil.rmtree(work)


def is_intact(path: Path, maker: str) -> bool:
    """Return whether the folder was sealed by this maker and no byte has changed since."""
    try:
        seal = json.loads((path / SEAL).read_bytes())
        if seal["maker"] != maker:
            return False
        return all(_sha256(path / name) == sha256 for name, sha256 in seal["files"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False  # whatever stands there instead of a seal, the folder is made again


def _seal(folder: Path, maker: str) -> None:
    """Write the checksums of all files, and have the disk hold them before anyone relies on it."""
    # Lock files are empty, and come and go with those who read.
    files = sorted(path for path in folder.iterdir() if path.suffix != ".lock")
    seal = {"maker": maker, "files": {path.name: _sha256(path) for path in files}}
    (folder / SEAL).write_text(json.dumps(seal, indent=1), encoding="utf-8")
    for path in (*files, folder / SEAL, folder):
        _sync(path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
