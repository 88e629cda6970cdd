"""The dense and the lexical index on disk: derived from the store, and rebuilt where in doubt.

What a change of the corpus does not touch is taken over from the generation before, where that is
worth it: a large index is brought up to date at the price of the change.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np

from rag.index.clusters import build_clusters, choose_factory, n_training
from rag.index.database import damaged, unwritable
from rag.index.dense import EXACT, FILE, DenseCard, DenseIndex
from rag.index.lexical import LexicalIndex
from rag.index.lock import LockedError, exclusive
from rag.index.sealed import is_intact, sealed_folder
from rag.index.store import PAGE, Store
from rag.index.tables import Ids
from rag.ingest.split import embedded_text
from rag.records import Vectors

Part = TypeVar("Part", DenseIndex, LexicalIndex)

DENSE, LEXICAL = "dense", "lexical"
FEW = 2_000  # passages; building both indexes of so many takes half a second
MAX_SHARE = 0.1  # of the passages put in or taken out; beyond it all are indexed anew
MAX_REMOVED = 0.2  # of the passages since all were indexed; BM25 goes on counting them
IDS, REMOVED = "ids.npy", "removed.npy"
_SEED = 0


@dataclass(frozen=True, slots=True)
class _Change:
    """Row ids to take out of an index and to put in, and those taken out before."""

    removed: Ids
    added: Ids
    removed_before: Ids


@dataclass(frozen=True, slots=True)
class _Recipe(Generic[Part]):
    """How one of the two is made, brought up to date, and found fit for so many passages."""

    part: str
    kind: type[Part]
    make: Callable[[Store, Path | None], Part]
    update: Callable[[Store, Path, _Change], Part]
    fits: Callable[[Path, int], bool]


def derive(store: Store, before: str = "") -> None:
    """Write both indexes of the store's generation, beside those of other generations.

    ``before`` is the edition that came before, if any.

    Raises:
        OSError: if the disk is full or does not let itself be written.
    """
    try:
        ids = store.passage_ids()
        _derive(store, ids, _DENSE, before)
        _derive(store, ids, _LEXICAL, before)
    except OSError as error:
        raise unwritable(store.folder, str(error)) from error


def open_dense(store: Store) -> tuple[DenseIndex, str]:
    """Return the dense index of the store's generation, and a notice if it had to be rebuilt."""
    index, notice = _open_or_make(store, _DENSE)
    _check_number(store, index.n_vectors)
    return index, notice


def open_lexical(store: Store) -> tuple[LexicalIndex, str]:
    """Return the lexical index of the store's generation, and a notice if it had to be rebuilt."""
    index, notice = _open_or_make(store, _LEXICAL)
    _check_number(store, index.n_passages)
    return index, notice


def read_card(store: Store) -> tuple[DenseCard, int] | None:
    """Return which dense index the store's generation has, and its bytes; ``None`` for none."""
    folder = store.folder / DENSE / store.generation.edition
    if not is_intact(folder, DenseIndex.maker()):
        return None
    return DenseCard.read(folder), (folder / FILE).stat().st_size


def drop_editions(folder: Path, *, keep: Collection[str]) -> None:
    """Delete what was derived for other editions, and what killed runs left. Needs the lock."""
    for part in (folder / DENSE, folder / LEXICAL):
        for path in part.iterdir():
            if path.name not in keep:
                shutil.rmtree(path)


def _derive(store: Store, ids: Ids, recipe: _Recipe[Part], before: str) -> None:
    folder, maker = store.folder / recipe.part, recipe.kind.maker()
    base = folder / before
    change = _find_change(base, maker, ids) if before else None
    if change is None or not recipe.fits(base, len(ids)):
        with sealed_folder(folder / store.generation.edition, maker) as work:
            _make_whole(store, recipe, work, ids)
    else:
        with sealed_folder(folder / store.generation.edition, maker, base) as work:
            recipe.update(store, work, change)
            _note_ids(work, ids, np.concatenate([change.removed_before, change.removed]))


def _make_whole(store: Store, recipe: _Recipe[Part], work: Path, ids: Ids) -> None:
    recipe.make(store, work)
    _note_ids(work, ids, np.empty(0, dtype=np.int64))


def _find_change(base: Path, maker: str, ids: Ids) -> _Change | None:
    """Return what leads from the index in the folder to these passages.

    ``None`` where building the index whole is as good, or the only way.
    """
    if len(ids) < FEW or not is_intact(base, maker):
        return None
    held, removed_before = np.load(base / IDS), np.load(base / REMOVED)
    removed, added = np.setdiff1d(held, ids), np.setdiff1d(ids, held)
    if len(removed) + len(added) > MAX_SHARE * len(ids):
        return None
    if len(removed) + len(removed_before) > MAX_REMOVED * len(ids):
        return None
    return _Change(removed, added, removed_before)


def _note_ids(work: Path, ids: Ids, removed: Ids) -> None:
    """Write down which passages the index holds, and which it held since it was built whole."""
    for name, content in ((IDS, ids), (REMOVED, removed)):
        (work / name).unlink(missing_ok=True)  # a link to that of the edition before
        np.save(work / name, content)


def _make_dense(store: Store, work: Path | None) -> DenseIndex:
    factory = choose_factory(store.generation.n_passages)
    if factory == EXACT:
        index = DenseIndex.build(store.iter_vectors(), store.fingerprint.dimension)
    else:
        drawn = np.random.default_rng(_SEED).permutation(store.passage_ids())
        sample = _read_sample(store, drawn[: n_training(factory)])
        index = build_clusters(factory, sample, store.iter_vectors())
    if work is not None:
        index.save(work)
    return index


def _update_dense(store: Store, work: Path, change: _Change) -> DenseIndex:
    return DenseIndex.update(work, change.removed, _read_vectors(store, change.added))


def _has_factory(base: Path, n: int) -> bool:
    return DenseCard.read(base).factory == choose_factory(n)


def _make_lexical(store: Store, work: Path | None) -> LexicalIndex:
    texts = ((row_id, embedded_text(passage)) for row_id, passage in store.iter_passages())
    return LexicalIndex.build(texts, work)


def _update_lexical(store: Store, work: Path, change: _Change) -> LexicalIndex:
    return LexicalIndex.update(work, change.removed.tolist(), _read_texts(store, change.added))


_DENSE = _Recipe(DENSE, DenseIndex, _make_dense, _update_dense, _has_factory)
_LEXICAL = _Recipe(LEXICAL, LexicalIndex, _make_lexical, _update_lexical, lambda base, n: True)


def _read_sample(store: Store, drawn: Ids) -> Vectors:
    """Return the unit rows of the passages drawn, in the order drawn."""
    parts = list(_read_vectors(store, drawn))
    ids, vectors = np.concatenate([i for i, _ in parts]), np.concatenate([v for _, v in parts])
    order = np.argsort(ids)
    sample: Vectors = vectors[order[np.searchsorted(ids, drawn, sorter=order)]]
    return sample


def _read_vectors(store: Store, ids: Ids) -> Iterator[tuple[Ids, Vectors]]:
    for first in range(0, len(ids), PAGE):
        yield store.vectors(ids[first : first + PAGE].tolist())


def _read_texts(store: Store, ids: Ids) -> Iterator[tuple[int, str]]:
    for first in range(0, len(ids), PAGE):
        page = ids[first : first + PAGE].tolist()
        for row_id, passage in zip(page, store.passages(page), strict=True):
            yield row_id, embedded_text(passage)


def _open_or_make(store: Store, recipe: _Recipe[Part]) -> tuple[Part, str]:
    part, kind = recipe.part, recipe.kind
    path = store.folder / part / store.generation.edition
    try:
        if is_intact(path, kind.maker()):
            return kind.load(path), ""
    except (OSError, RuntimeError, ValueError):
        pass  # what FAISS and tantivy raise where a writer has just deleted this edition's files
    what = f"the {part} index was {'damaged' if path.exists() else 'missing'}"
    try:
        with exclusive(store.folder), sealed_folder(path, kind.maker()) as work:
            _make_whole(store, recipe, work, store.passage_ids())
        return kind.load(path), f"{what} and has been rebuilt"
    except (LockedError, OSError) as error:
        # Whoever may not write can still answer, from memory, at the price of doing this again.
        return recipe.make(store, None), f"{what} and has been rebuilt in memory only: {error}"


def _check_number(store: Store, n: int) -> None:
    if n != store.generation.n_passages:
        reason = f"it has {n} passages instead of {store.generation.n_passages}"
        raise damaged(store.folder, reason)
