"""A Milvus that is away, silent, slow, refusing, too old or half loaded: each on a real socket."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rag.chatbot import Chatbot
from rag.cli import app
from rag.failures import BROKEN, exit_code, explain
from rag.index import find_store
from rag.index.milvus.address import Address, Credentials
from rag.index.milvus.server import check_version
from rag.index.milvus.store import MilvusStore
from rag.page.conversation import View, converse, draw_welcome, open_source
from rag.page.history import read_history
from rag.page.loading import Loading
from rag.records import Turn
from tests.fakes import WordEncoder, write_files
from tests.fakes_page import RIVER, WOOD, Quoting
from tests.stores import NEEDS_MILVUS, release

pytestmark = [NEEDS_MILVUS, pytest.mark.slow]

DEADLINE = 2.0  # seconds; what answers does so in milliseconds, on a busy machine in more
ENOUGH = 20.0  # seconds: a call that has no deadline takes for ever, and one with one far less
TEXTS = {"river.md": RIVER, "wood.md": WOOD}


def store_at(port: int, folder: Path, token: str = "", tls: str = "") -> MilvusStore:
    return MilvusStore(
        Address("articles", host="127.0.0.1", port=port),
        folder,
        credentials=Credentials(token, tls),
        connecting=DEADLINE,
        deadline=DEADLINE,
    )


@contextmanager
def listening(answer: Callable[[socket.socket], object]) -> Iterator[int]:
    """Give a port on which every connection is dealt with like that."""
    kept: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            kept.append(connection)
            try:
                answer(connection)
            except OSError:
                continue  # the other side has gone

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()
    for connection in kept:
        connection.close()


def say_nothing(connection: socket.socket) -> None:
    """Accept, and leave it at that."""


def speak_http(connection: socket.socket) -> None:
    connection.recv(100)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno")


def talk_garbage(connection: socket.socket) -> None:
    connection.sendall(bytes(range(256)) * 8)


ANSWERS = [say_nothing, socket.socket.close, speak_http, talk_garbage]


@contextmanager
def milvus(folder: Path, port: int = 0, **broken: Any) -> Iterator[int]:
    """Give the port of a milvus-lite, some of whose methods are replaced."""
    import grpc
    from milvus_lite.adapter.grpc.servicer import MilvusServicer
    from milvus_lite.db import MilvusLite
    from pymilvus.grpc_gen import milvus_pb2_grpc

    database = MilvusLite(str(folder))
    servicer = type("Broken", (MilvusServicer,), broken)(database)
    server = grpc.server(futures.ThreadPoolExecutor(4))
    milvus_pb2_grpc.add_MilvusServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    try:
        yield port
    finally:
        server.stop(grace=None).wait()
        database.close()


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def error_of(call: Callable[[], object]) -> OSError:
    """The error that a call ends with, in time, and as one line with an exit code of its own."""
    start = time.monotonic()
    with pytest.raises(OSError, match=r"\w+") as raised:
        call()
    assert time.monotonic() - start < ENOUGH
    assert "\n" not in explain(raised.value)
    assert exit_code(raised.value) == BROKEN
    return raised.value


@pytest.mark.parametrize("answer", ANSWERS, ids=["silent", "closing", "http", "garbage"])
def test_what_is_no_milvus_is_told_in_time(
    answer: Callable[[socket.socket], object], tmp_path: Path
) -> None:
    with listening(answer) as port:
        error = error_of(store_at(port, tmp_path).check)
    assert isinstance(error, (ConnectionError, TimeoutError))
    assert f"the Milvus store at 127.0.0.1:{port}" in str(error)


def test_nobody_listening_is_told_in_time(tmp_path: Path) -> None:
    error = error_of(store_at(closed_port(), tmp_path).check)
    assert isinstance(error, ConnectionError)
    assert "cannot be reached for a connection; see that it runs" in str(error)


def test_a_command_says_so_in_one_line_before_it_loads_an_encoder(tmp_path: Path) -> None:
    write_files(tmp_path / "corpus", TEXTS)
    store = f"milvus://127.0.0.1:{closed_port()}"
    for command in (
        ["index", str(tmp_path / "corpus")],
        ["ask", "Why?", "--corpus", str(tmp_path)],
    ):
        result = CliRunner().invoke(app, [*command, "--store", store])
        assert result.exit_code == BROKEN
        assert result.stdout == ""
        (line,) = result.stderr.strip().splitlines()
        assert "cannot be reached" in line.replace("\n", "")
    assert not list(tmp_path.rglob("encoder"))


def test_a_grpc_server_that_is_no_milvus(tmp_path: Path) -> None:
    import grpc

    server = grpc.server(futures.ThreadPoolExecutor(1))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        error = error_of(store_at(port, tmp_path).check)
    finally:
        server.stop(grace=None).wait()
    assert isinstance(error, ConnectionError)


def test_a_server_that_asks_for_tls_is_no_riddle(tmp_path: Path) -> None:
    with milvus(tmp_path / "server.db") as port:  # the other way round: it has none
        error = error_of(store_at(port, tmp_path, tls="on").check)
    assert "RAG_MILVUS_TLS" in str(error)


def test_a_server_that_refuses_names_the_token(tmp_path: Path) -> None:
    import grpc

    def refuse(self: Any, request: Any, context: Any) -> Any:
        context.abort(grpc.StatusCode.UNAUTHENTICATED, "auth check failure, please check api key")

    with milvus(tmp_path / "server.db", GetVersion=refuse) as port:
        error = error_of(store_at(port, tmp_path, token="wrong:token").check)
    assert isinstance(error, PermissionError)
    assert "set $RAG_MILVUS_TOKEN" in str(error)
    assert "wrong:token" not in str(error)


def test_a_server_that_is_too_old_is_refused(tmp_path: Path) -> None:
    from pymilvus.grpc_gen import milvus_pb2

    def tell(self: Any, request: Any, context: Any) -> Any:
        return milvus_pb2.GetVersionResponse(version="v2.4.1")

    with milvus(tmp_path / "server.db", GetVersion=tell) as port:
        error = error_of(store_at(port, tmp_path).check)
    assert "must have version 2.5 or newer, got v2.4.1; upgrade it" in str(error)
    for version in ("", "unknown", "1.9"):
        with pytest.raises(OSError, match="must have version"):
            check_version(Address("a", host="h"), version)


def test_a_half_loaded_collection_is_not_answered_from(tmp_path: Path) -> None:
    from pymilvus.grpc_gen import common_pb2, milvus_pb2

    corpus = write_files(tmp_path / "corpus", TEXTS)
    with milvus(tmp_path / "server.db") as port:
        store_at(port, tmp_path).update(corpus, WordEncoder())

    def half(self: Any, request: Any, context: Any) -> Any:
        return milvus_pb2.GetLoadStateResponse(state=common_pb2.LoadState.LoadStateLoading)

    with milvus(tmp_path / "server.db", GetLoadState=half) as port:
        error = error_of(lambda: store_at(port, tmp_path).open(WordEncoder()))
    assert isinstance(error, TimeoutError)
    assert "is still loading the index into memory" in str(error)


def test_a_slow_server_is_not_waited_for(tmp_path: Path) -> None:
    from pymilvus.grpc_gen import milvus_pb2

    corpus = write_files(tmp_path / "corpus", TEXTS)

    def dream(self: Any, request: Any, context: Any) -> Any:
        waking.wait(ENOUGH)
        return milvus_pb2.SearchResults()

    waking = threading.Event()
    with milvus(tmp_path / "server.db", Search=dream) as port:
        store = store_at(port, tmp_path)
        store.update(corpus, WordEncoder())
        index = store.open(WordEncoder())
        (vector,) = WordEncoder().encode_queries(["river"])
        error = error_of(lambda: index.search_dense(vector, 3))
        waking.set()
    assert isinstance(error, TimeoutError)
    assert "took too long for a search" in str(error)


def test_an_indexer_that_loses_its_server_leaves_what_there_was(tmp_path: Path) -> None:
    """The server goes away at every write in turn; readers see the old corpus, then the new."""
    corpus = write_files(tmp_path / "corpus", TEXTS)
    with milvus(tmp_path / "server.db") as port:
        store_at(port, tmp_path).update(corpus, WordEncoder())
    write_files(corpus, {"wood.md": WOOD + " Owls too.", "new.md": "# New\n\nA new lake."})
    n_writes = 0
    while True:
        with failing_after(n_writes, tmp_path / "server.db") as port:
            try:
                with closing(store_at(port, tmp_path)) as store:
                    report = store.update(corpus, WordEncoder())
                break
            except OSError as error:
                reason = str(error)
        assert "the disk is full" in reason
        with milvus(tmp_path / "server.db") as port, closing(store_at(port, tmp_path)) as store:
            found = store.open(WordEncoder())
            # Once the row that publishes is written, what fails is but the cleaning up after it.
            assert {row.doc_id for row in found.documents()} in ({*TEXTS}, {"new.md", "wood.md"})
            assert len(list(found.iter_passages())) == found.n_passages
            if found.generation == 1:
                assert found.document("wood.md").text == WOOD
        n_writes += 1
    assert n_writes > 5
    with milvus(tmp_path / "server.db") as port:
        found = store_at(port, tmp_path).open(WordEncoder())
        assert found.document("wood.md").text == WOOD + " Owls too."
        assert (found.generation, found.n_documents) == (2, 2)
        assert report.n_documents == 2


@contextmanager
def failing_after(n_writes: int, folder: Path) -> Iterator[int]:
    """Give the port of a milvus-lite that takes so many writes, and then says that it cannot."""
    from milvus_lite.adapter.grpc.servicer import MilvusServicer
    from pymilvus.grpc_gen import common_pb2, milvus_pb2

    left = [n_writes]

    def limit(write: Callable[..., Any]) -> Callable[..., Any]:
        def answer(self: Any, request: Any, context: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                status = common_pb2.Status(code=1, error_code=1, reason="the disk is full")
                return milvus_pb2.MutationResult(status=status)
            return write(self, request, context)

        return answer

    broken: dict[str, Any] = {
        name: limit(getattr(MilvusServicer, name)) for name in ("Upsert", "Delete")
    }
    with milvus(folder, **broken) as port:
        yield port


def test_the_page_says_so_and_keeps_the_conversation(tmp_path: Path) -> None:
    corpus = write_files(tmp_path / "corpus", TEXTS)
    database = tmp_path / "server.db"

    def ask(question: str, view: View) -> View:
        *_, last = converse(loading, question, view.messages, view.exchanges)
        return last

    with milvus(database) as port:
        store, encoder = store_at(port, tmp_path), WordEncoder()
        loading = Loading(
            lambda tell: Chatbot.from_corpus(
                corpus, store=store, encoder=encoder, generator=Quoting(), on_progress=tell
            )
        )
        loading.wait()
        first = ask("When does the river rise?", View([], ()))
        said = read_history(first.messages)
        assert said == [Turn("When does the river rise?", "The river rises in May. [1]")]
        opened = open_source(loading, "cite-1-1", first.exchanges)
        assert "The river rises in May." in opened
        fresh = Loading(lambda tell: Chatbot(store.open(encoder), encoder))
        fresh.wait()
    second = ask("How old is the wood?", first)
    assert "cannot be reached" in str(second.messages[-1])
    assert read_history(second.messages) == said
    assert second.exchanges == first.exchanges
    # A page that has been started, and has not been asked yet.
    assert "cannot be reached" in draw_welcome(fresh)
    assert "cannot be reached" in open_source(fresh, "cite-1-1", first.exchanges)
    ends = time.monotonic() + ENOUGH
    with milvus(database, port=port):
        third = ask("How old is the wood?", second)
        while "cannot be reached" in str(third.messages[-1]) and time.monotonic() < ends:
            third = ask("How old is the wood?", second)
        answered = Turn("How old is the wood?", "The wood is old. [1]")
        assert read_history(third.messages) == [*said, answered]


def test_a_conversation_in_the_terminal_goes_on(tmp_path: Path) -> None:
    from rag.cli.conversation import Conversation

    corpus = write_files(tmp_path / "corpus", TEXTS)
    with milvus(tmp_path / "server.db") as port:
        bot = Chatbot.from_corpus(
            corpus, store=store_at(port, tmp_path), encoder=WordEncoder(), generator=Quoting()
        )
        talk = Conversation(bot, 5)
        talk._ask("When does the river rise?", [])
        said = list(talk.turns)
    talk._ask("How old is the wood?", talk.turns)
    assert talk.turns == said != []


def test_without_the_extra_the_command_to_install_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = find_store(f"milvus:{tmp_path}/index.db", tmp_path / "corpus")
    server = find_store("milvus://127.0.0.1:1", tmp_path / "corpus")
    monkeypatch.setitem(sys.modules, "milvus_lite", None)
    assert "milvus-lite, which --store milvus needs, is not installed" in str(error_of(file.check))
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    for store in (file, server):
        assert "run: pip install 'footnote-rag[milvus]'" in str(error_of(store.check))


def test_a_file_that_cannot_be_made_or_is_in_use(tmp_path: Path) -> None:
    missing = find_store(f"milvus:{tmp_path}/none/index.db", tmp_path / "corpus")
    assert "make the folder" in str(error_of(missing.check))
    with milvus(tmp_path / "index.db"):
        used = find_store(f"milvus:{tmp_path}/index.db", tmp_path / "corpus")
        assert "see that no other process has it open" in str(error_of(used.check))
    release(tmp_path / "index.db")


def test_what_is_no_address_is_told_with_what_is(tmp_path: Path) -> None:
    for wrong in ("chroma:x", "milvus:", "milvus:x", "milvus://", "milvus://h:port", "milvus:.db"):
        with pytest.raises(ValueError, match=r"store must be milvus:PATH.db or milvus://HOST:PORT"):
            find_store(wrong, tmp_path)
    for options in (["--rebuild"], ["--shard", "1/2"]):
        result = CliRunner().invoke(app, ["index", str(tmp_path), *options])
        assert result.exit_code == 2
        assert "must come with --store" in result.stderr
