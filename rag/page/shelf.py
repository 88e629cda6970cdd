"""Articles that are added and removed on the page: to a private folder, or to the corpus."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rag.index import DocumentRow, IndexReport, Progress, update_index
from rag.index.store import Store
from rag.ingest.article import SkippedFile
from rag.ingest.hashing import hash_file
from rag.page import wording
from rag.page.offered import Offered, find_fault, free_name, safe_name
from rag.page.replacing import replace_file
from rag.records import Encoder

LIST = "added.json"  # beside the index: what was added through the page
MAX_FILES = 50  # on a private shelf: more is a corpus, and has a folder
MAX_TOTAL = 100_000_000  # bytes there


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file that was offered.

    ``relative`` is where it stands on the shelf, empty where it was skipped as a whole;
    ``reason`` is why it was, or what of it was skipped.
    """

    name: str
    relative: str = ""
    n_documents: int = 0
    n_passages: int = 0
    reason: str = ""


class Shelf:
    """A folder of articles with its index, to which the page adds files. May be shared by threads.

    Files go into the folder ``place`` of the corpus. Only those that were added here are ever
    removed, and only while they are as they were added. A ``private`` shelf is wholly the
    page's, and has room for 50 files and 100 MB.
    """

    def __init__(
        self, corpus: Path, folder: Path, encoder: Encoder, *, place: str, private: bool = False
    ) -> None:
        self.corpus = corpus
        self.folder = folder
        self.place = place
        self._encoder = encoder
        self._private = private
        self._lock = threading.Lock()  # one change after the other

    def add(
        self, offered: Sequence[Offered], tell: Callable[[Progress], None] = lambda progress: None
    ) -> list[Outcome]:
        """Add the files and index them; return what became of each, in order.

        A file that is no article, or cannot be read, is skipped with its reason and is not kept;
        where indexing fails, none is. The offered files are gone in any case.

        Raises:
            LockedError: if somebody else is indexing the folder.
            IndexMismatchError, IndexDamagedError, OSError: as `rag.index.update_index`.
        """
        with self._lock:
            try:
                return self._add(offered, tell)
            finally:
                for each in offered:
                    each.path.unlink(missing_ok=True)

    def update(self) -> IndexReport:
        """Bring the index to the state of the folder, whoever has changed it.

        Raises:
            LockedError, IndexMismatchError, IndexDamagedError, OSError: as `add`.
        """
        with self._lock:
            return update_index(self.corpus, self.folder, self._encoder)

    def remove(self, relative: str) -> None:
        """Remove an article that was added here, its file included, from the index as well.

        Raises:
            ValueError: if it was not added here, or has been changed since.
            LockedError, OSError: as `add`.
        """
        with self._lock:
            added = self._read_list()
            path = self.corpus / relative
            if relative not in added:
                raise ValueError(wording.NOT_ADDED_HERE.format(file=relative))
            if path.is_file() and hash_file(path) != added[relative]:
                raise ValueError(wording.CHANGED_SINCE.format(file=relative))
            aside = path.with_name(f".{path.name}.removed")  # hidden: not a file of the corpus
            if path.is_file():
                path.replace(aside)
            try:
                if self._private and self.added() == []:
                    shutil.rmtree(self.folder)  # an index is never of nothing
                else:
                    self._update()
            except BaseException:
                if aside.is_file():
                    aside.replace(path)
                raise
            aside.unlink(missing_ok=True)
            del added[relative]
            if self.folder.is_dir():
                self._write_list(added)

    def added(self) -> list[str]:
        """Return the relative paths of the files that were added here and are still there."""
        return [each for each in self._read_list() if (self.corpus / each).is_file()]

    def _add(self, offered: Sequence[Offered], tell: Callable[[Progress], None]) -> list[Outcome]:
        added = self._read_list()
        outcomes: dict[int, Outcome] = {}
        new: dict[int, str] = {}  # where each file of the offer stands now
        try:
            for number, each in enumerate(offered):
                digest = hash_file(each.path)
                if reason := self._refuse(each, digest, added):
                    outcomes[number] = Outcome(each.name, reason=reason)
                    continue
                new[number] = relative = self._put(each, added)
                added[relative] = digest
            self._write_list(added)
            skipped, rows = self._update(tell) if new else ((), [])
            for number, relative in new.items():
                outcomes[number] = _judge(offered[number].name, relative, skipped, rows)
            useless = [each for number, each in new.items() if not outcomes[number].relative]
            self._drop(useless, added)
        except BaseException:
            self._drop(list(new.values()), added)
            raise
        return [outcomes[number] for number in sorted(outcomes)]

    def _refuse(self, offered: Offered, digest: str, added: dict[str, str]) -> str:
        """Return why the file is not taken, empty if it is."""
        n_bytes = offered.path.stat().st_size
        if fault := find_fault(offered.name, n_bytes):
            return fault
        same = next((path for path, sha256 in added.items() if sha256 == digest), None)
        if same is not None and (self.corpus / same).is_file():
            return wording.SAME_FILE.format(file=Path(same).name)
        if self._private:
            paths = [self.corpus / each for each in added]
            sizes = [path.stat().st_size for path in paths if path.is_file()]
            if len(sizes) >= MAX_FILES or sum(sizes) + n_bytes > MAX_TOTAL:
                return wording.SHELF_FULL.format(files=MAX_FILES, size=MAX_TOTAL / 1e6)
        return ""

    def _put(self, offered: Offered, added: dict[str, str]) -> str:
        """Move the file to where it stands from now on; return that, relative to the corpus."""
        folder = self.corpus / self.place
        folder.mkdir(parents=True, exist_ok=True)
        name = free_name(safe_name(offered.name), [each.name for each in folder.iterdir()])
        part = folder / f".{name}.part"  # hidden until it is whole
        shutil.move(offered.path, part)
        os.replace(part, folder / name)
        return f"{self.place}/{name}"

    def _drop(self, files: Sequence[str], added: dict[str, str]) -> None:
        for relative in files:
            (self.corpus / relative).unlink(missing_ok=True)
            added.pop(relative, None)
        if files:
            self._write_list(added)

    def _update(
        self, tell: Callable[[Progress], None] = lambda progress: None
    ) -> tuple[Sequence[SkippedFile], list[DocumentRow]]:
        report = update_index(self.corpus, self.folder, self._encoder, on_progress=tell)
        with closing(Store.open(self.folder)) as store:
            return report.skipped, store.documents()

    def _read_list(self) -> dict[str, str]:
        """Return the sha256 of every file that was added, by path relative to the corpus."""
        try:
            return dict(json.loads((self.folder / LIST).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return {}

    def _write_list(self, added: dict[str, str]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        content = json.dumps(added, indent=1, ensure_ascii=False)
        replace_file(self.folder / LIST, content.encode())


def _judge(
    name: str, relative: str, skipped: Sequence[SkippedFile], rows: Sequence[DocumentRow]
) -> Outcome:
    """Return what became of a file that is on the shelf and has been indexed."""
    mine = [row for row in rows if belongs_to(row.doc_id, relative)]
    reasons = [each.reason for each in skipped if belongs_to(each.relative, relative)]
    if not mine:
        return Outcome(name, reason=reasons[0] if reasons else wording.NO_ARTICLE)
    n_passages = sum(row.n_passages for row in mine)
    more = wording.PARTS_SKIPPED.format(n=len(reasons), reason=reasons[0]) if reasons else ""
    return Outcome(name, relative, len(mine), n_passages, more)


def belongs_to(doc_id: str, relative: str) -> bool:
    """Return whether a document, or a part that was skipped, is of the file.

    >>> belongs_to("added/a.jsonl#7", "added/a.jsonl"), belongs_to("added/ab.md", "added/a.md")
    (True, False)
    """
    return doc_id == relative or doc_id.startswith((f"{relative}#", f"{relative}:"))
