"""Many indexers of one index: shards at once, killed ones, full rebuilds."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rag.cli import app
from rag.index import IndexMismatchError, IndexPlan, LockedError
from rag.index.milvus import target
from rag.index.milvus.records import Version
from rag.index.milvus.runs import Shard
from rag.index.milvus.store import MilvusStore
from rag.index.opened import StoredIndex
from rag.records import Vectors
from tests.fakes import WordEncoder, write_files
from tests.stores import NEEDS_MILVUS, on_port, serving

pytestmark = [NEEDS_MILVUS, pytest.mark.slow]

TEXTS = {f"{n}.md": f"# Report {n}\n\nTram {n}.\n\n# Notes\n\nBus {n}." for n in range(40)}
# What a machine of its own runs: one shard, with an encoder that is slow if it is to be killed.
INDEXER = """
import sys, time
from pathlib import Path
from tests.fakes import WordEncoder
from tests.stores import on_port

port, folder, corpus, shard, pause = sys.argv[1:]

class Slow(WordEncoder):
    def encode_passages(self, texts):
        time.sleep(float(pause))
        return super().encode_passages(texts)

print(on_port(int(port), Path(folder), shard).update(Path(corpus), Slow()).n_encoded)
"""


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    with serving(tmp_path / "server.db") as port:
        yield port


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_files(tmp_path / "corpus", TEXTS)


def start(port: int, tmp_path: Path, shard: str, *, pause: float = 0.0) -> subprocess.Popen[str]:
    folder, corpus = tmp_path / f"machine-{shard[0]}", tmp_path / "corpus"
    arguments = [str(port), str(folder), str(corpus), shard, str(pause)]
    return subprocess.Popen(
        [sys.executable, "-c", INDEXER, *arguments], stdout=subprocess.PIPE, text=True
    )


def content(index: StoredIndex) -> dict[int, tuple[object, ...]]:
    """Every passage under its number, and the cosine of its vector with a query."""
    (vector,) = WordEncoder().encode_queries(["tram notes 7"])
    passages = dict(index.iter_passages())
    cosines = index.cosines(vector, list(passages))
    return {number: (p, round(cosines[number], 5)) for number, p in passages.items()}


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory) -> dict[int, tuple[object, ...]]:
    """What one indexer alone makes of the corpus."""
    folder = tmp_path_factory.mktemp("serial")
    with serving(folder / "server.db") as port:
        store = on_port(port, folder)
        store.update(write_files(folder / "corpus", TEXTS), WordEncoder())
        return content(store.open(WordEncoder()))


def test_every_file_is_in_one_shard_and_shards_are_of_like_size() -> None:
    shards = [Shard.parse(f"{number}/8") for number in range(1, 9)]
    counts = [0] * 8
    for n in range(4000):
        (own,) = (i for i, shard in enumerate(shards) if shard.has(f"folder/{n}.md"))
        counts[own] += 1
    assert min(counts) > 400
    for wrong in ("", "0/8", "9/8", "2", "a/b", "-1/2"):
        with pytest.raises(ValueError, match="shard must be NUMBER/OF"):
            Shard.parse(wrong)


def test_four_indexers_at_once_give_what_one_gives(
    port: int, tmp_path: Path, corpus: Path, serial: dict[int, tuple[object, ...]]
) -> None:
    reports = {}

    def work(shard: str) -> None:
        store = on_port(port, tmp_path / shard[0], shard)
        reports[shard] = store.update(corpus, WordEncoder())

    threads = [threading.Thread(target=work, args=(f"{n}/4",)) for n in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(report.n_encoded for report in reports.values()) == 80
    found = on_port(port, tmp_path).open(WordEncoder())
    assert (found.generation, found.n_documents, found.n_passages) == (4, 40, 80)
    assert content(found) == serial
    assert on_port(port, tmp_path).update(corpus, WordEncoder()).plan == IndexPlan(n_unchanged=40)


def test_of_two_that_publish_first_the_second_finds_the_name_taken_and_goes_on(
    port: int, tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pymilvus import MilvusClient

    create = MilvusClient.create_alias

    def create_twice(client: MilvusClient, *where: str, **how: float) -> None:
        create(client, *where, **how)  # as another indexer, since this one looked
        create(client, *where, **how)

    monkeypatch.setattr(MilvusClient, "create_alias", create_twice)
    assert on_port(port, tmp_path).update(corpus, WordEncoder()).n_encoded == 80
    assert on_port(port, tmp_path).open(WordEncoder()).n_documents == 40


def test_the_commands_index_a_shard_and_ask_what_all_have_indexed(
    port: int, tmp_path: Path, corpus: Path
) -> None:
    store = ["--store", f"milvus://127.0.0.1:{port}/articles"]
    for number in (1, 2):
        arguments = ["index", str(corpus), *store, "--shard", f"{number}/2"]
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, result.output
        assert "added" in result.stdout
    stats = CliRunner().invoke(app, ["index", str(corpus), *store, "--stats"])
    assert "80, of up to 160 tokens" in stats.stdout
    plan = CliRunner().invoke(app, ["index", str(corpus), *store, "--plan"])
    assert "40 unchanged" in plan.stdout
    # A machine without the articles reads what is there.
    asked = CliRunner().invoke(
        app, ["ask", "What is in report 7?", *store, "--corpus", str(tmp_path / "none"), "--json"]
    )
    assert asked.exit_code == 0, asked.output
    assert '"doc_id": "7.md"' in asked.stdout


def test_four_processes_at_once_give_what_one_gives(
    port: int, tmp_path: Path, corpus: Path, serial: dict[int, tuple[object, ...]]
) -> None:
    processes = [start(port, tmp_path, f"{n}/4") for n in range(1, 5)]
    assert sum(int(process.communicate()[0]) for process in processes) == 80
    assert all(process.returncode == 0 for process in processes)
    assert content(on_port(port, tmp_path).open(WordEncoder())) == serial


def test_nothing_is_read_before_the_last_shard_is_published(
    port: int, tmp_path: Path, corpus: Path
) -> None:
    reader = on_port(port, tmp_path)
    for number in (3, 1, 2):
        with pytest.raises(FileNotFoundError, match="there is no index 'articles'"):
            reader.open(WordEncoder())
        on_port(port, tmp_path, f"{number}/3").update(corpus, WordEncoder())
    assert reader.open(WordEncoder()).n_documents == 40


def test_a_killed_shard_is_not_seen_and_goes_on_where_it_was(
    port: int, tmp_path: Path, corpus: Path, serial: dict[int, tuple[object, ...]]
) -> None:
    on_port(port, tmp_path / "2", "2/2").update(corpus, WordEncoder())
    process = start(port, tmp_path, "1/2", pause=1.0)
    version = Version.numbered(on_port(port, tmp_path).connect(), 1)
    shard = Shard(1, 2)
    n_files = sum(shard.has(relative) for relative in TEXTS)
    deadline = time.monotonic() + 60
    while not (staged := [run.run for run in version.runs() if run.shard == shard]) or (
        not version.files(f"since == {staged[0]}")
    ):
        assert time.monotonic() < deadline, "the indexer has written nothing"
        time.sleep(0.05)
    process.kill()
    process.communicate()
    with pytest.raises(FileNotFoundError):
        on_port(port, tmp_path).open(WordEncoder())
    # The lock of the machine is free: whoever held it is dead.
    report = on_port(port, tmp_path / "machine-1", "1/2").update(corpus, WordEncoder())
    assert 0 < report.n_encoded < 2 * n_files
    assert content(on_port(port, tmp_path).open(WordEncoder())) == serial


def test_what_a_killed_run_had_staged_and_is_no_more_does_not_appear(
    port: int, tmp_path: Path, corpus: Path
) -> None:
    class Failing(WordEncoder):
        def encode_passages(self, texts: Sequence[str]) -> Vectors:
            if self.n_encoded:
                raise OSError("the power is gone")
            return super().encode_passages(texts)

    store = on_port(port, tmp_path)
    with pytest.raises(OSError, match="power"):
        store.update(corpus, Failing())
    texts = {name: text.replace("Tram", "Ferry") for name, text in TEXTS.items()}
    del texts["0.md"]
    write_files(corpus, texts)
    store.update(corpus, WordEncoder())
    found = store.open(WordEncoder())
    assert (found.n_documents, found.n_passages) == (39, 78)
    assert found.search_lexical("tram", 99) == []
    assert len(content(found)) == 78


def test_a_shard_that_another_machine_is_writing_is_refused(
    port: int, tmp_path: Path, corpus: Path
) -> None:
    store = on_port(port, tmp_path, "1/2")
    store.update(corpus, WordEncoder())
    on_port(port, tmp_path, "2/2").update(corpus, WordEncoder())
    version, edition = store.published()
    begun = replace(edition.runs[0], run=7, attempt=7, host="elsewhere", published=False)
    version.write_run(replace(begun, touched=time.time()))
    with pytest.raises(LockedError, match="shard .* is being written on elsewhere; wait"):
        store.update(corpus, WordEncoder())
    with pytest.raises(LockedError):  # another cut into shards has files of it, too
        on_port(port, tmp_path, "1/1").update(corpus, WordEncoder())
    version.write_run(replace(begun, touched=time.time() - target.LEASE))  # by now, it is dead
    on_port(port, tmp_path, "1/1").update(corpus, WordEncoder())
    assert [run.run for run in version.runs() if not run.published] == []


def test_a_full_rebuild_is_read_all_at_once(port: int, tmp_path: Path, corpus: Path) -> None:
    on_port(port, tmp_path).update(corpus, WordEncoder())
    held = on_port(port, tmp_path).open(WordEncoder())
    before = content(held)
    other = WordEncoder("other", dimension=32)
    with pytest.raises(IndexMismatchError, match="--rebuild"):
        on_port(port, tmp_path).update(corpus, other)
    on_port(port, tmp_path, "1/2", rebuild=True).update(corpus, other)
    assert held.refresh() is held  # half of it is there, and nobody sees it
    on_port(port, tmp_path, "2/2", rebuild=True).update(corpus, other)
    found = on_port(port, tmp_path).open(other)
    assert (found.fingerprint.encoder, found.n_passages, found.generation) == ("other", 80, 3)
    assert content(held) == before
    with pytest.raises(IndexMismatchError):
        held.refresh()


def test_a_rebuild_encodes_nothing_again_and_leaves_two_versions(
    port: int, tmp_path: Path, corpus: Path, serial: dict[int, tuple[object, ...]]
) -> None:
    encoder = WordEncoder()
    on_port(port, tmp_path).update(corpus, encoder)
    for _ in range(2):
        report = on_port(port, tmp_path, rebuild=True).update(corpus, encoder)
        assert (report.n_encoded, report.n_cached) == (0, 80)
    assert encoder.n_encoded == 80
    store = on_port(port, tmp_path)
    assert content(store.open(encoder)) == serial
    server = store.connect()
    there = [Version.numbered(server, n).head() is not None for n in (1, 2, 3, 4)]
    assert there == [False, True, True, False]


def test_an_index_of_many_publications_is_folded(
    port: int, tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target, "MOST_RUNS", 2)
    encoder = WordEncoder()
    for n in range(3):
        (corpus / "new.txt").write_text(f"New {n}.")
        on_port(port, tmp_path).update(corpus, encoder)
    version, edition = on_port(port, tmp_path).published()
    assert (version.number, len(edition.runs), edition.number) == (2, 1, 3)
    assert encoder.n_encoded == 83


def test_stores_share_no_file_between_indexes(port: int, tmp_path: Path, corpus: Path) -> None:
    first = on_port(port, tmp_path)
    first.update(corpus, WordEncoder())
    second = MilvusStore(replace(first.address, name="others"), tmp_path)
    second.update(write_files(tmp_path / "others", {"a.txt": "A tram."}), WordEncoder())
    assert first.open(WordEncoder()).n_documents == 40
    assert second.open(WordEncoder()).n_documents == 1
