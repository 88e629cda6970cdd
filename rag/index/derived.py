"""The dense and the lexical index on disk: derived from the store, and rebuilt where in doubt."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TypeVar

from rag.index.database import damaged, unwritable
from rag.index.dense import DenseIndex
from rag.index.lexical import LexicalIndex
from rag.index.lock import LockedError, exclusive
from rag.index.sealed import is_intact, sealed_folder
from rag.index.store import Store
from rag.ingest.split import embedded_text

Part = TypeVar("Part", DenseIndex, LexicalIndex)

DENSE, LEXICAL = "dense", "lexical"


def derive(store: Store) -> None:
    """Write both indexes of the store's generation, beside those of other generations.

    Raises:
        OSError: if the disk is full or does not let itself be written.
    """
    edition = store.generation.edition
    try:
        with sealed_folder(store.folder / DENSE / edition, DenseIndex.maker()) as work:
            _make_dense(store, work)
        with sealed_folder(store.folder / LEXICAL / edition, LexicalIndex.maker()) as work:
            _make_lexical(store, work)
    except OSError as error:
        raise unwritable(store.folder, str(error)) from error


def open_dense(store: Store) -> tuple[DenseIndex, str]:
    """Return the dense index of the store's generation, and a notice if it had to be rebuilt."""
    index, notice = _open_or_make(store, DENSE, DenseIndex, _make_dense)
    _check_number(store, index.n_vectors)
    return index, notice


def open_lexical(store: Store) -> tuple[LexicalIndex, str]:
    """Return the lexical index of the store's generation, and a notice if it had to be rebuilt."""
    index, notice = _open_or_make(store, LEXICAL, LexicalIndex, _make_lexical)
    _check_number(store, index.n_passages)
    return index, notice


def drop_editions(folder: Path, *, keep: Collection[str]) -> None:
    """Delete what was derived for other editions, and what killed runs left. Needs the lock."""
    for part in (folder / DENSE, folder / LEXICAL):
        for path in part.iterdir():
            if path.name not in keep:
                shutil.rmtree(path)


def _make_dense(store: Store, work: Path | None) -> DenseIndex:
    index = DenseIndex.build(store.iter_vectors(), store.fingerprint.dimension)
    if work is not None:
        index.save(work)
    return index


def _make_lexical(store: Store, work: Path | None) -> LexicalIndex:
    texts = ((row_id, embedded_text(passage)) for row_id, passage in store.iter_passages())
    return LexicalIndex.build(texts, work)


def _open_or_make(
    store: Store, part: str, kind: type[Part], make: Callable[[Store, Path | None], Part]
) -> tuple[Part, str]:
    path = store.folder / part / store.generation.edition
    try:
        if is_intact(path, kind.maker()):
            return kind.load(path), ""
    except (OSError, RuntimeError, ValueError):
        pass  # what FAISS and tantivy raise where a writer has just deleted this edition's files
    what = f"the {part} index was {'damaged' if path.exists() else 'missing'}"
    try:
        with exclusive(store.folder), sealed_folder(path, kind.maker()) as work:
            make(store, work)
        return kind.load(path), f"{what} and has been rebuilt"
    except (LockedError, OSError) as error:
        # Whoever may not write can still answer, from memory, at the price of doing this again.
        return make(store, None), f"{what} and has been rebuilt in memory only: {error}"


def _check_number(store: Store, n: int) -> None:
    if n != store.generation.n_passages:
        reason = f"it has {n} passages instead of {store.generation.n_passages}"
        raise damaged(store.folder, reason)
