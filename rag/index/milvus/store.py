"""The Milvus store of a corpus, as the rest of the project sees it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from rag.index.builder import IndexReport, Progress
from rag.index.milvus.address import Address, Credentials
from rag.index.milvus.faults import missing
from rag.index.milvus.reader import MilvusIndex
from rag.index.milvus.records import Version
from rag.index.milvus.runs import Edition, Shard
from rag.index.milvus.server import CONNECT, READ, Server
from rag.index.milvus.texts import MilvusTexts
from rag.index.milvus.writer import plan_milvus, update_milvus
from rag.index.plan import IndexPlan
from rag.records import Encoder


class MilvusStore:
    """Where an index is kept in Milvus. May be shared by threads; connects on first use.

    ``folder`` is on this machine, for what is not in Milvus: the compiled encoder and the lock of
    a shard that is being indexed. An indexer writes its ``shard`` of the corpus; ``rebuild`` has
    it write a new version instead of the one that is served. ``connecting`` and ``deadline`` are
    seconds for a connection and for each reading call.
    """

    def __init__(  # noqa: PLR0913  each with its default
        self,
        address: Address,
        folder: Path,
        *,
        credentials: Credentials = Credentials(),  # noqa: B008  frozen
        shard: Shard = Shard(),  # noqa: B008  frozen
        rebuild: bool = False,
        connecting: float = CONNECT,
        deadline: float = READ,
    ) -> None:
        self.address = address
        self.folder = folder
        self.shard = shard
        self.rebuild = rebuild
        self._credentials = credentials
        self._deadlines = connecting, deadline
        self._server: Server | None = None
        self._lock = threading.Lock()

    def connect(self) -> Server:
        """Return the connection.

        Raises:
            OSError: if there is no Milvus at the address that can be used.
        """
        with self._lock:
            if self._server is None:
                connecting, deadline = self._deadlines
                self._server = Server.connect(
                    self.address, self._credentials, connecting=connecting, deadline=deadline
                )
            return self._server

    def check(self) -> None:
        """Raise where the store cannot be used, before an encoder is loaded for it."""
        self.connect()

    def expects_update(self) -> bool:
        """Return False once something is published: many read it, and indexers keep it."""
        return Version.served(self.connect()) is None

    def published(self) -> tuple[Version, Edition]:
        """Return the version that is served, and what is published of it.

        Raises:
            FileNotFoundError: if nothing is.
            OSError: if there is no Milvus at the address that can be used.
        """
        server = self.connect()
        version = Version.served(server)
        edition = version.edition() if version else None
        if version is None or edition is None:
            raise missing(self.address)
        return version, edition

    def open(self, encoder: Encoder) -> MilvusIndex:
        """Return what is published; raises as `MilvusIndex.open`."""
        return MilvusIndex.open(self.connect(), encoder)

    def plan(self, corpus: Path) -> IndexPlan:
        """Return what `update` would change; raises as `plan_milvus`."""
        return plan_milvus(corpus, self.connect(), shard=self.shard)

    def update(
        self,
        corpus: Path,
        encoder: Encoder,
        *,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> IndexReport:
        """Bring the shard to the state of the corpus; raises as `update_milvus`."""
        return update_milvus(
            corpus,
            self.connect(),
            encoder,
            folder=self.folder,
            shard=self.shard,
            rebuild=self.rebuild,
            on_progress=on_progress,
        )

    def rank_texts(self) -> AbstractContextManager[MilvusTexts]:
        """Give what ranks whole texts; they are gone afterwards."""
        return MilvusTexts.open(self.connect())

    def close(self) -> None:
        """End the connection; the next use makes another."""
        with self._lock:
            if self._server is not None:
                self._server.close()
                self._server = None
