"""A Milvus file or server: each call has a deadline, and its errors say what to do."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rag.index.milvus.address import TLS, Address, Credentials
from rag.index.milvus.faults import explained

CONNECT = 5.0  # seconds; a server in the same network answers in milliseconds
READ = 10.0  # seconds; a person waits for the answer
WRITE = 60.0  # seconds; a busy server holds writers back, and nobody is waiting
LOAD = 60.0  # seconds; some gigabytes come into memory in that time
OLDEST = (2, 5)  # the first Milvus that computes BM25 itself
PAGE = 1000  # rows of a page: some megabytes, whatever they hold
# A server that is back is found in two seconds; left alone, gRPC comes to wait for two minutes.
RECONNECT = {"grpc.initial_reconnect_backoff_ms": 200, "grpc.max_reconnect_backoff_ms": 2000}
LARGEST = 16_384  # hits that Milvus returns at most
INSTALL = "pip install 'footnote-rag[milvus]'"

Row = dict[str, Any]

# While milvus-lite, which runs in this process, moves rows to disk, a search does not see them.
_TURN = threading.Lock()


class Server:
    """A connection to the file or server at an address. May be shared by threads."""

    def __init__(self, client: Any, address: Address, *, deadline: float = READ) -> None:
        self.address = address
        self._client = client
        self._deadline = deadline
        self._turn: AbstractContextManager[Any] = nullcontext() if address.path is None else _TURN

    @classmethod
    def connect(
        cls,
        address: Address,
        credentials: Credentials = Credentials(),  # noqa: B008  frozen
        *,
        connecting: float = CONNECT,
        deadline: float = READ,
    ) -> Server:
        """Return a connection to the address, where a Milvus that is new enough answers.

        ``connecting`` and ``deadline`` are seconds for that, and for each later reading call.

        Raises:
            OSError: if there is none, or its client is not installed.
        """
        missing = "pymilvus" if not find_spec("pymilvus") else ""
        if address.path and not find_spec("milvus_lite"):
            missing = "milvus-lite"
        if missing:
            raise OSError(
                f"{missing}, which --store milvus needs, is not installed; run: {INSTALL}"
            )
        from pymilvus import MilvusClient

        for name in ("pymilvus", "milvus_lite"):
            # Errors are raised, and told once: their loggers tell them too, each with a traceback.
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        options: dict[str, Any] = {"token": credentials.token}
        if credentials.tls not in ("", "on"):
            if not Path(credentials.tls).is_file():
                raise ValueError(f"{TLS} must be 'on' or a file, got '{credentials.tls}'")
            options["server_pem_path"] = credentials.tls
        if address.path is not None and not address.path.absolute().parent.is_dir():
            raise FileNotFoundError(
                f"store must be in a folder that exists, got '{address.path}'; make the folder"
            )
        with explained(address, "a connection"):
            client = MilvusClient(
                address.uri(secure=bool(credentials.tls)),
                timeout=connecting,
                dedicated=True,  # so that closing one reader does not close the others
                grpc_options=dict(RECONNECT),
                **options,
            )
            version = str(client.get_server_version(timeout=connecting))
        check_version(address, version)
        return cls(client, address, deadline=deadline)

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    # Collections, and the alias that says which of them is read.

    def has(self, collection: str) -> bool:
        """Return whether there is such a collection."""
        with explained(self.address, "a look at its collections"):
            return bool(self._client.has_collection(collection, timeout=self._deadline))

    def create(self, collection: str, schema: Any, indexes: Any) -> None:
        """Make the collection and its indexes, where they are not there already."""
        with explained(self.address, "making a collection"):
            if not self._client.has_collection(collection, timeout=self._deadline):
                self._client.create_collection(collection, schema=schema, timeout=WRITE)
            there = self._client.list_indexes(collection, timeout=self._deadline)
            if len(there) < len(indexes):
                # Not waited for here: loading does that, and looks more often.
                self._client.create_index(collection, indexes, sync=False, timeout=WRITE)

    def drop(self, collection: str) -> None:
        """Delete the collection, if it is there."""
        with explained(self.address, "dropping a collection"):
            self._client.drop_collection(collection, timeout=WRITE)

    def alias_target(self, alias: str) -> str:
        """Return the collection behind an alias; empty where there is no such alias."""
        with explained(self.address, "a look at its collections"):
            if not self._client.has_collection(alias, timeout=self._deadline):
                return ""
            found = self._client.describe_alias(alias, timeout=self._deadline)
            return str(found["collection_name"])

    def point(self, alias: str, collection: str) -> None:
        """Have the alias stand for the collection from now on."""
        if not self.alias_target(alias):
            try:
                with explained(self.address, "switching readers"):
                    self._client.create_alias(collection, alias, timeout=WRITE)
            except OSError:
                if not self.alias_target(alias):  # else another indexer was first, by a moment
                    raise
        if self.alias_target(alias) != collection:
            with explained(self.address, "switching readers"):
                self._client.alter_alias(collection, alias, timeout=WRITE)

    def load(self, collection: str) -> None:
        """Have the collection in memory, whole, before it is searched.

        Raises:
            TimeoutError: if that takes too long; nothing is answered from a half of it.
        """
        from pymilvus.client.types import LoadState

        doing = "loading the index into memory"
        with explained(self.address, doing):
            state = self._client.get_load_state(collection, timeout=self._deadline)
            if state["state"] == LoadState.Loaded:
                return
            if state["state"] == LoadState.Loading:
                raise TimeoutError(
                    f"the Milvus store at {self.address.place} is still {doing} "
                    f"({state.get('progress', 0)} %); try again in a minute"
                )
            self._client.load_collection(collection, timeout=LOAD)

    # Rows.

    def upsert(self, collection: str, rows: Sequence[Row]) -> None:
        """Write rows, each over the one with its id."""
        with explained(self.address, "writing"):
            for first in range(0, len(rows), PAGE):
                self._client.upsert(collection, rows[first : first + PAGE], timeout=WRITE)

    def delete(self, collection: str, condition: str) -> None:
        """Delete the rows that meet the condition."""
        with explained(self.address, "deleting"):
            self._client.delete(collection, filter=condition, timeout=WRITE)

    def remove(self, collection: str, ids: Sequence[str]) -> None:
        """Delete the rows with these ids."""
        for first in range(0, len(ids), PAGE):
            self.delete(collection, f"id in {list(ids[first : first + PAGE])}")

    def get(self, collection: str, ids: Sequence[str], fields: Sequence[str]) -> list[Row]:
        """Return the rows with these ids that are there, in any order."""
        found: list[Row] = []
        for first in range(0, len(ids), PAGE):
            condition = f"id in {list(ids[first : first + PAGE])}"
            with explained(self.address, "reading"):
                found += self._client.query(
                    collection,
                    condition,
                    output_fields=list(fields),
                    consistency_level="Strong",
                    timeout=self._deadline,
                )
        return found

    def iterate(self, collection: str, condition: str, fields: Sequence[str]) -> Iterator[Row]:
        """Yield the rows that meet the condition, by ascending id."""
        with explained(self.address, "reading"):
            pages = self._client.query_iterator(
                collection,
                batch_size=PAGE,
                filter=condition,
                output_fields=list(fields),
                consistency_level="Strong",
                timeout=self._deadline,
            )
            while page := pages.next():
                yield from page
            pages.close()

    def search(
        self, collection: str, field: str, query: object, k: int, condition: str, metric: str
    ) -> list[tuple[str, float]]:
        """Return id and score of the ``k`` best rows that meet the condition, best first."""
        with explained(self.address, "a search"), self._turn:
            (hits,) = self._client.search(
                collection,
                [query],
                anns_field=field,
                limit=min(k, LARGEST),
                filter=condition,
                output_fields=["id"],
                search_params={"metric_type": metric},
                timeout=self._deadline,
            )
            return [(str(hit["id"]), float(hit["distance"])) for hit in hits]

    def settle(self, collection: str) -> None:
        """Return once what searches has everything written so far, in the form that it searches."""
        if self.address.path is not None:
            # milvus-lite indexes what it has on disk once, and what it has in memory every time.
            with explained(self.address, "writing to disk"), self._turn:
                self._client.flush(collection, timeout=WRITE)
        self.get(collection, ["0"], ["id"])


def check_version(address: Address, version: str) -> None:
    """Refuse a Milvus that cannot do what is asked of it.

    >>> check_version(Address("a", host="h"), "v2.6.1-dev")

    Raises:
        OSError: saying which version is needed.
    """
    numbers = re.search(r"(\d+)\.(\d+)", version)
    if numbers is None or (int(numbers[1]), int(numbers[2])) < OLDEST:
        raise OSError(
            f"the Milvus store at {address.place} must have version "
            f"{'.'.join(map(str, OLDEST))} or newer, got {version or 'none'}; upgrade it"
        )
