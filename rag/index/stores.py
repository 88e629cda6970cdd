"""Where an index is kept: on this disk, the default, or in Milvus. Both look the same from here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Protocol

from rag.index.builder import IndexReport, Progress, update_index
from rag.index.index import Index
from rag.index.location import default_folder
from rag.index.milvus.address import Address, Credentials
from rag.index.milvus.runs import Shard
from rag.index.milvus.store import MilvusStore
from rag.index.opened import StoredIndex
from rag.index.plan import IndexPlan, plan_index
from rag.index.texts import LocalTexts, TextRanker
from rag.records import Encoder


class IndexStore(Protocol):
    """Where the index of a corpus is kept. ``folder`` is on this machine."""

    @property
    def folder(self) -> Path: ...  # noqa: D102

    def check(self) -> None:
        """Raise where the store cannot be used at all, such as when a server is away."""
        ...

    def expects_update(self) -> bool:
        """Return whether the index is to be brought up to date before it is read."""
        ...

    def open(self, encoder: Encoder) -> StoredIndex:
        """Return what is published; raises ``FileNotFoundError`` where nothing is."""
        ...

    def plan(self, corpus: Path) -> IndexPlan:
        """Return what `update` would change, without reading or writing any article."""
        ...

    def update(
        self,
        corpus: Path,
        encoder: Encoder,
        *,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> IndexReport:
        """Bring the index to the state of the corpus, and return what that took."""
        ...

    def rank_texts(self) -> AbstractContextManager[TextRanker]:
        """Give what ranks whole texts as passages are ranked here; they are gone afterwards."""
        ...


class LocalStore:
    """An index in a folder: SQLite, FAISS and tantivy."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def check(self) -> None:
        """Do nothing: a disk that cannot be used says so by itself."""

    def expects_update(self) -> bool:
        """Return True: nobody else keeps it up to date."""
        return True

    def open(self, encoder: Encoder) -> Index:
        """Return what is published; raises as `Index.open`."""
        return Index.open(self.folder, encoder)

    def plan(self, corpus: Path) -> IndexPlan:
        """Return what `update` would change; raises as `plan_index`."""
        return plan_index(corpus, self.folder)

    def update(
        self,
        corpus: Path,
        encoder: Encoder,
        *,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> IndexReport:
        """Bring the index to the state of the corpus; raises as `update_index`."""
        return update_index(corpus, self.folder, encoder, on_progress=on_progress)

    def rank_texts(self) -> AbstractContextManager[LocalTexts]:
        """Give what ranks whole texts, in memory."""
        return nullcontext(LocalTexts())


def find_store(  # noqa: PLR0913  where, and how
    store: str | None,
    corpus: Path,
    folder: Path | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    shard: Shard | None = None,
    rebuild: bool = False,
) -> LocalStore | MilvusStore:
    """Return the store of a corpus: ``milvus:PATH.db`` or ``milvus://HOST:PORT``; None is a folder.

    The token and TLS of a server are in the ``environment``, as `Credentials` reads them.

    Raises:
        ValueError: if it is none of these, or a folder is to be written in shards.
    """
    folder = default_folder(corpus) if folder is None else folder
    if store is None:
        if shard or rebuild:
            option = "--shard" if shard else "--rebuild"
            raise ValueError(f"{option} must come with --store milvus:…; or remove '{folder}'")
        return LocalStore(folder)
    return MilvusStore(
        Address.parse(store, corpus),
        folder,
        credentials=Credentials.read(environment or {}),
        shard=shard or Shard(),
        rebuild=rebuild,
    )
