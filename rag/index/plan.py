"""What indexing a corpus would change, found by comparing hashes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rag.index.store import Store
from rag.ingest.files import (
    DEFAULT_LIMITS,
    Limits,
    SkippedFile,
    SourceFile,
    describe_readers,
    find_files,
)
from rag.ingest.split import SIZE


@dataclass(frozen=True, slots=True)
class IndexPlan:
    """The files of a corpus by what indexing does to them; paths are relative to the corpus.

    ``moved`` has pairs of old and new path: these are read again under their new name, and keep
    their vectors. ``skipped`` cannot be read, or an earlier run could read nothing from just this
    content; what was indexed of them before stays as it is.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    moved: tuple[tuple[str, str], ...] = ()
    n_unchanged: int = 0
    skipped: tuple[SkippedFile, ...] = ()

    @property
    def to_read(self) -> frozenset[str]:
        """The files that have to be read."""
        return frozenset((*self.added, *self.changed, *(new for _, new in self.moved)))

    @property
    def to_remove(self) -> frozenset[str]:
        """The files that are indexed, and are there no more."""
        return frozenset((*self.removed, *(old for old, _ in self.moved)))


def plan_index(
    corpus: Path, folder: Path, *, size: int = SIZE, limits: Limits = DEFAULT_LIMITS
) -> IndexPlan:
    """Return what `update_index` would do, without reading or writing any article.

    Raises:
        FileNotFoundError, NotADirectoryError: as `find_files`.
        IndexMismatchError: if the index has a format that this version does not know.
        IndexDamagedError: if the index cannot be trusted.
    """
    files, skipped = find_files(corpus)
    try:
        store = Store.open(folder)
    except FileNotFoundError:
        return compare(files, skipped, {})
    with closing(store):
        return compare_with(store, files, skipped, size, limits)


def compare_with(
    store: Store,
    files: Sequence[SourceFile],
    skipped: Sequence[SkippedFile],
    size: int,
    limits: Limits,
) -> IndexPlan:
    """Return the plan that brings an index, cut to this size, to the state of the files."""
    unread = store.unread(describe_readers(limits))
    known = [file for file in files if (file.sha256, file.suffix) in unread]
    known_skipped = [
        SkippedFile(file.relative, reason)
        for file in known
        for reason in unread[file.sha256, file.suffix]
    ]
    readable = [file for file in files if (file.sha256, file.suffix) not in unread]
    skipped = sorted([*skipped, *known_skipped], key=lambda part: part.relative)
    if not store.generation.number:
        return compare(readable, skipped, {})
    is_outdated = store.fingerprint.is_outdated(size)
    return compare(readable, skipped, store.files(), all_changed=is_outdated)


def compare(
    files: Sequence[SourceFile],
    skipped: Sequence[SkippedFile],
    indexed: Mapping[str, str],
    *,
    all_changed: bool = False,
) -> IndexPlan:
    """Return the plan that brings what is ``indexed``, sha256 by path, to the state of the files.

    >>> new = SourceFile(Path("b.md"), "b.md", sha256="1", n_bytes=9)
    >>> compare([new], [], {"a.md": "1", "c.md": "2"})
    IndexPlan(added=(), changed=(), removed=('c.md',), moved=(('a.md', 'b.md'),), \
n_unchanged=0, skipped=())
    """
    found = {file.relative: file.sha256 for file in files}
    unread = [part.relative for part in skipped]
    lost = [path for path in indexed if path not in found]
    kept = [path for path in lost if any(_is_at(path, place) for place in unread)]
    new = [path for path in found if path not in indexed]
    moved = _find_moved(set(lost) - set(kept), new, {**indexed, **found})
    changed = [
        path for path in found if path in indexed and (all_changed or found[path] != indexed[path])
    ]
    return IndexPlan(
        added=tuple(sorted(set(new) - set(moved.values()))),
        changed=tuple(sorted(changed)),
        removed=tuple(sorted(set(lost) - set(kept) - set(moved))),
        moved=tuple(sorted(moved.items())),
        n_unchanged=len(found) - len(new) - len(changed),
        skipped=tuple(
            note_kept(part) if any(_is_at(path, part.relative) for path in kept) else part
            for part in skipped
        ),
    )


def note_kept(part: SkippedFile) -> SkippedFile:
    """Return the skipped file with the note that the index goes on with its last version."""
    return SkippedFile(part.relative, f"{part.reason}; the version indexed before is kept")


def _is_at(path: str, place: str) -> bool:
    """Return whether the place is the file, or a folder around it that could not be searched."""
    return path == place or path.startswith(f"{place}/")


def _find_moved(
    gone: Collection[str], new: Collection[str], sha256: Mapping[str, str]
) -> dict[str, str]:
    """Return the new path of each gone file whose content stands elsewhere now."""
    places: dict[str, list[str]] = {}
    for path in sorted(new, reverse=True):
        places.setdefault(sha256[path], []).append(path)
    return {path: places[sha256[path]].pop() for path in sorted(gone) if places.get(sha256[path])}
