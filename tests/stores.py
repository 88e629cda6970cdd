"""The stores that an index can be kept in, for tests that hold for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from rag.index import IndexStore, find_store
from rag.index.milvus.address import Address
from rag.index.milvus.runs import Shard
from rag.index.milvus.store import MilvusStore

NEEDS_MILVUS = pytest.mark.skipif(
    not (find_spec("pymilvus") and find_spec("milvus_lite")),
    reason="milvus-lite is not installed: pip install 'footnote-rag[milvus]'",
)
KINDS = ["local", pytest.param("milvus", marks=NEEDS_MILVUS)]

MakeStore = Callable[[], IndexStore]
"""Returns a store over the same index at every call."""


@contextmanager
def opened(kind: str, folder: Path) -> Iterator[MakeStore]:
    """Give stores of a kind that keep the index of ``folder/corpus`` under the folder."""
    corpus, path = folder / "corpus", folder / "index.db"
    if kind == "local":
        yield lambda: find_store(None, corpus, folder / "index")
        return
    made: list[MilvusStore] = []

    def make() -> IndexStore:
        store = find_store(f"milvus:{path}", corpus, folder / "local")
        made.append(store)  # type: ignore[arg-type]
        return store

    yield make
    for store in made:
        store.close()
    release(path)


def release(path: Path) -> None:
    """Let go of a file of milvus-lite, which otherwise this process would hold until its end."""
    from milvus_lite.server_manager import server_manager_instance

    server_manager_instance.release_server(str(path.absolute()))


@contextmanager
def serving(folder: Path) -> Iterator[int]:
    """Give the port of a milvus-lite that serves the folder, as a Milvus server would."""
    from milvus_lite.adapter.grpc.server import start_server_in_thread

    server, database, port = start_server_in_thread(str(folder))
    yield port
    server.stop(grace=None).wait()
    database.close()


def on_port(port: int, folder: Path, shard: str = "1/1", *, rebuild: bool = False) -> MilvusStore:
    """Return the store of an index named ``articles`` at a port of this machine."""
    address = Address("articles", host="127.0.0.1", port=port)
    return MilvusStore(address, folder, shard=Shard.parse(shard), rebuild=rebuild, connecting=2)
