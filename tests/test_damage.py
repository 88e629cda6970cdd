"""Every file of an index, cut off or with a bit flipped: refused, or answered from rightly."""

import random
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.index.builder import update_index
from rag.index.compiler import load_encoder
from rag.index.database import IndexDamagedError, connect
from rag.index.fingerprint import IndexMismatchError
from rag.index.index import Index
from rag.index.store import Store
from rag.ingest.files import DEFAULT_LIMITS, describe_readers
from tests.fakes import WordEncoder, write_files

OLD = {
    f"{n}.md": f"# Title {n}\n\nThe old text {n} stands here.\n\n## Part\n\nMore." for n in range(9)
}
NEW = {
    **OLD,
    "2.md": "# New\n\nThis is another text.",
    "new.jsonl": '{"_id": "1", "text": "One."}\n',
}
REFUSED = (IndexDamagedError, IndexMismatchError, FileNotFoundError, OSError)
WAYS_OUT = ("rag index", "try again", "not all passages")
QUERIES = ["the old text", "another", "title 4 part more"]


def everything(folder: Path) -> Any:
    """All that an answer, a list or an update could rest on, as it is read by those who do."""
    encoder = WordEncoder()
    with closing(Index.open(folder, encoder)) as index:
        rows = index.documents()
        passages = dict(index.iter_passages())
        vectors = encoder.encode_queries(QUERIES)
        return (
            rows,
            [index.document(row.doc_id) for row in rows],
            passages,
            index.passages(sorted(passages)),
            [index.search_dense(vector, 5) for vector in vectors],
            [index.search_lexical(query, 5) for query in QUERIES],
            [index.cosines(vector, sorted(passages)) for vector in vectors],
        )


def rows_alone(folder: Path) -> Any:
    """The same of the store, without the look over all pages that only a small index is given."""
    with closing(Store.open(folder)) as store:
        rows = store.documents()
        passages = dict(store.iter_passages())
        blocks = [(ids.tolist(), vectors.tolist()) for ids, vectors in store.iter_vectors()]
        if len(passages) != store.generation.n_passages:  # as the search is checked against
            raise IndexDamagedError("not all passages are there")
        return rows, [store.document(row.doc_id) for row in rows], passages, blocks, store.files()


def damage(path: Path, chance: random.Random) -> str:
    """Cut the file off, or flip a bit of it; return what was done."""
    content = bytearray(path.read_bytes())
    at = chance.randrange(len(content))
    if chance.random() < 0.5:
        path.write_bytes(content[:at])
        return f"{path.name} cut off at {at}"
    content[at] ^= 1 << chance.randrange(8)
    path.write_bytes(content)
    return f"a bit of {path.name} flipped at {at}"


def read(folder: Path, what: Callable[[Path], Any]) -> Any:
    """Return what is read, or ``None`` where it is refused with the way out."""
    try:
        return what(folder)
    except REFUSED as error:
        if not any(words in str(error) for words in WAYS_OUT):
            raise
        return None


@pytest.fixture(scope="module")
def indexes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An index as a run leaves it, and one whose newest generation is only in the log."""
    home = tmp_path_factory.mktemp("damage")
    old, new = write_files(home / "old", OLD), write_files(home / "new", NEW)
    folder = home / "index"
    update_index(old, folder, WordEncoder())
    reader = connect(folder)  # as long as somebody reads, the log stays
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM meta").fetchall()
    update_index(new, folder, WordEncoder())
    shutil.copytree(folder, home / "logged", ignore=shutil.ignore_patterns("*-shm"))
    reader.close()
    with closing(connect(folder, writing=True)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder, home / "logged"


def sweep(
    source: Path, work: Path, pattern: str, n: int, what: Callable[[Path], Any], seed: int
) -> tuple[int, list[tuple[str, Any]]]:
    """Damage ``n`` copies of the index; return how many are refused, and what others give."""
    intact = what(source)
    chance, n_refused = random.Random(seed), 0
    others: list[tuple[str, Any]] = []
    for _ in range(n):
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(source, work)
        files = sorted(
            path for path in work.glob(pattern) if path.is_file() and path.stat().st_size
        )
        done = damage(chance.choice(files), chance)
        found = read(work, what)
        n_refused += found is None
        if found is not None and found != intact:
            others.append((done, found))
    return n_refused, others


@pytest.mark.parametrize("n", [10, pytest.param(60, marks=pytest.mark.slow)])
@pytest.mark.parametrize("part", ["dense/*/*", "lexical/*/*"])
def test_a_damaged_search_gives_the_same_hits(
    indexes: tuple[Path, Path], tmp_path: Path, part: str, n: int
) -> None:
    n_refused, others = sweep(indexes[0], tmp_path / "work", part, n, everything, seed=1)
    assert (n_refused, others) == (0, [])


@pytest.mark.parametrize("n", [20, pytest.param(160, marks=pytest.mark.slow)])
@pytest.mark.parametrize("what", [everything, rows_alone])
def test_a_damaged_store_is_refused_or_what_is_read_is_right(
    indexes: tuple[Path, Path], tmp_path: Path, what: Callable[[Path], Any], n: int
) -> None:
    n_refused, others = sweep(indexes[0], tmp_path / "work", "index.sqlite", n, what, seed=2)
    assert others == []
    assert n_refused > n / 3  # the rest hit what is not used, or is rebuilt


@pytest.mark.parametrize("n", [10, pytest.param(80, marks=pytest.mark.slow)])
def test_a_damaged_log_gives_one_generation_or_the_other(
    indexes: tuple[Path, Path], tmp_path: Path, n: int
) -> None:
    old = write_files(tmp_path / "old", OLD)
    update_index(old, tmp_path / "before", WordEncoder())
    rows_before = everything(tmp_path / "before")[0]
    _, others = sweep(indexes[1], tmp_path / "work", "index.sqlite-wal", n, everything, seed=3)
    for done, found in others:
        assert found[0] == rows_before, done


@pytest.mark.slow
def test_a_damaged_compiled_encoder_is_made_again_and_encodes_the_same(
    tmp_path: Path, make_model: Callable[..., Path]
) -> None:
    model, made, work = str(make_model()), tmp_path / "made", tmp_path / "work"
    expected = load_encoder(model, cache=made)[0].encode_queries(["the cat sat"])
    chance = random.Random(4)
    for _ in range(8):  # each takes seconds to compile again
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(made, work)
        files = sorted(path for path in work.glob("*/*") if path.stat().st_size)
        damage(chance.choice(files), chance)
        encoder, notices = load_encoder(model, cache=work)
        assert [notice.endswith("was damaged and was made again") for notice in notices] == [True]
        np.testing.assert_allclose(encoder.encode_queries(["the cat sat"]), expected, atol=1e-5)


def test_what_is_remembered_of_unreadable_files_may_be_damaged(tmp_path: Path) -> None:
    corpus = write_files(tmp_path / "c", OLD)
    (corpus / "bad.txt").write_bytes(b"\x00\x01" * 100)
    folder = tmp_path / "i"
    update_index(corpus, folder, WordEncoder())
    with closing(connect(folder, writing=True)) as connection:
        connection.execute("UPDATE unread SET reasons = substr(reasons, 3)")
    with closing(Store.open(folder)) as store:
        assert store.unread(describe_readers(DEFAULT_LIMITS)) == {}
