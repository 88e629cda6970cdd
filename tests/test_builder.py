import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from rag.index.builder import Progress, update_index
from rag.index.fingerprint import IndexMismatchError
from rag.index.index import Index
from rag.index.lock import LockedError, exclusive
from rag.index.plan import IndexPlan, plan_index
from rag.index.store import Store
from rag.ingest.article import Limits, SkippedFile
from rag.ingest.split import embedded_text
from rag.records import Vectors
from tests.fakes import WordEncoder, write_files
from tests.whole import check_whole

TEXTS = {
    "trams.md": "# Trams\n\nA tram runs on rails.\n\n# Buses\n\nA bus runs on the road.",
    "sub/boats.txt": "Boats\n\nA boat floats.",
    "lines.jsonl": '{"_id": "1", "title": "Planes", "text": "A plane flies."}\n{"_id": "2"}\n',
}
BROKEN = SkippedFile("lines.jsonl", "line 2: no text")


def texts_of(folder: Path) -> dict[str, str]:
    with closing(Store.open(folder)) as store:
        return {row.doc_id: store.document(row.doc_id).text for row in store.documents()}


def snapshot_of(folder: Path) -> dict[str, tuple[int, int]]:
    """What is on disk, but for the lock and for what SQLite's readers leave."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.stat().st_size)
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".lock" and not path.name.endswith(("-shm", "-wal"))
    }


def test_a_corpus_is_indexed_and_a_second_time_costs_nothing(tmp_path: Path) -> None:
    corpus, folder, encoder = write_files(tmp_path / "c", TEXTS), tmp_path / "i", WordEncoder()
    report = update_index(corpus, folder, encoder)
    assert report.plan == IndexPlan(added=("lines.jsonl", "sub/boats.txt", "trams.md"))
    assert report.skipped == (BROKEN,)
    assert (report.n_documents, report.n_passages, report.generation) == (3, 4, 1)
    assert (report.n_encoded, report.n_cached, encoder.n_encoded) == (4, 0, 4)
    before = snapshot_of(folder)
    again = update_index(corpus, folder, encoder)
    assert again.plan == IndexPlan(n_unchanged=3)
    assert again.skipped == (BROKEN,)
    assert (again.n_documents, again.n_passages, again.generation) == (3, 4, 1)
    assert (again.n_encoded, again.n_cached, encoder.n_encoded) == (0, 0, 4)
    assert snapshot_of(folder) == before


def test_an_edited_file_is_replaced_and_only_its_new_text_encoded(tmp_path: Path) -> None:
    corpus, folder, encoder = write_files(tmp_path / "c", TEXTS), tmp_path / "i", WordEncoder()
    update_index(corpus, folder, encoder)
    edited = TEXTS["trams.md"].replace("the road", "a busy road")
    write_files(corpus, {**TEXTS, "trams.md": edited})
    report = update_index(corpus, folder, encoder)
    assert report.plan == IndexPlan(changed=("trams.md",), n_unchanged=2)
    assert (report.n_encoded, report.n_cached, report.generation) == (1, 1, 2)
    assert texts_of(folder)["trams.md"] == edited


def test_a_removed_file_is_never_found_again(tmp_path: Path) -> None:
    corpus, folder, encoder = write_files(tmp_path / "c", TEXTS), tmp_path / "i", WordEncoder()
    update_index(corpus, folder, encoder)
    (corpus / "sub" / "boats.txt").unlink()
    report = update_index(corpus, folder, encoder)
    assert report.plan == IndexPlan(removed=("sub/boats.txt",), n_unchanged=2)
    index = Index.open(folder, encoder)
    assert "sub/boats.txt" not in texts_of(folder)
    assert index.search_lexical("boat", 10) == []
    ids = [row_id for row_id, _ in index.search_dense(encoder.encode_queries(["boat"])[0], 10)]
    assert len(ids) == 3
    assert "sub/boats.txt" not in {passage.doc_id for passage in index.passages(ids)}


def test_a_moved_file_keeps_its_vectors(tmp_path: Path) -> None:
    corpus, folder, encoder = write_files(tmp_path / "c", TEXTS), tmp_path / "i", WordEncoder()
    update_index(corpus, folder, encoder)
    (corpus / "sub" / "boats.txt").rename(corpus / "ships.txt")
    report = update_index(corpus, folder, encoder)
    assert report.plan == IndexPlan(moved=(("sub/boats.txt", "ships.txt"),), n_unchanged=2)
    assert (report.n_encoded, report.n_cached) == (0, 1)
    assert sorted(texts_of(folder)) == ["lines.jsonl#1", "ships.txt", "trams.md"]


def test_two_documents_with_one_text_share_a_vector(tmp_path: Path) -> None:
    corpus = write_files(
        tmp_path / "c", {"a.txt": "Same\n\nThe same.", "b.txt": "Same\n\nThe same."}
    )
    encoder = WordEncoder()
    report = update_index(corpus, tmp_path / "i", encoder)
    assert (report.n_passages, report.n_encoded, report.n_cached) == (2, 1, 1)
    index = Index.open(tmp_path / "i", encoder)
    found = index.search_dense(encoder.encode_queries(["Same\nThe same."])[0], 5)
    assert [index.passages([row_id])[0].doc_id for row_id, _ in found] == ["a.txt", "b.txt"]


def test_a_file_that_cannot_be_read_any_more_stays_as_it_was(tmp_path: Path) -> None:
    corpus, folder, encoder = write_files(tmp_path / "c", TEXTS), tmp_path / "i", WordEncoder()
    update_index(corpus, folder, encoder)
    (corpus / "sub" / "boats.txt").write_bytes(b"\x00\x01\x02\x03" * 100)
    report = update_index(corpus, folder, encoder)
    assert report.plan == IndexPlan(changed=("sub/boats.txt",), n_unchanged=2)
    assert report.skipped == (
        SkippedFile("sub/boats.txt", "binary, not text; the version indexed before is kept"),
        BROKEN,
    )
    assert report.generation == 1
    assert texts_of(folder)["sub/boats.txt"] == "Boats\n\nA boat floats."


def test_one_bad_file_does_not_stop_the_rest(tmp_path: Path) -> None:
    corpus = write_files(tmp_path / "c", TEXTS)
    (corpus / "bad.txt").write_bytes(b"\x00\x01\x02\x03" * 100)
    report = update_index(corpus, tmp_path / "i", WordEncoder())
    assert report.skipped == (SkippedFile("bad.txt", "binary, not text"), BROKEN)
    assert report.n_documents == 3


def unreadable(corpus: Path, name: str = "bad.txt") -> Path:
    (corpus / name).write_bytes(b"\x00\x01\x02\x03" * 100)
    return corpus / name


def test_a_content_that_could_not_be_read_is_reported_again_and_not_read_again(
    tmp_path: Path,
) -> None:
    corpus, folder = write_files(tmp_path / "c", TEXTS), tmp_path / "i"
    bad = unreadable(corpus)
    assert "bad.txt" in update_index(corpus, folder, WordEncoder()).plan.added
    seen: list[Progress] = []
    again = update_index(corpus, folder, WordEncoder(), on_progress=seen.append)
    skipped = SkippedFile("bad.txt", "binary, not text")
    assert again.plan == plan_index(corpus, folder) == IndexPlan(n_unchanged=3, skipped=(skipped,))
    assert again.skipped == (skipped, BROKEN)
    assert seen == []
    bad.rename(corpus / "moved.txt")
    assert plan_index(corpus, folder).added == ()
    (corpus / "moved.txt").write_text("Now\n\nIt is text.")
    assert plan_index(corpus, folder).added == ("moved.txt",)


def test_a_file_that_became_unreadable_is_kept_and_not_read_again(tmp_path: Path) -> None:
    corpus, folder = write_files(tmp_path / "c", TEXTS), tmp_path / "i"
    update_index(corpus, folder, WordEncoder())
    unreadable(corpus, "trams.md")
    first = update_index(corpus, folder, WordEncoder())
    again = update_index(corpus, folder, WordEncoder())
    assert (first.plan.changed, again.plan.changed) == (("trams.md",), ())
    assert first.skipped == again.skipped
    assert again.skipped[0].reason == "binary, not text; the version indexed before is kept"
    assert "trams.md" in texts_of(folder)
    write_files(corpus, TEXTS)
    assert update_index(corpus, folder, WordEncoder()).skipped == (BROKEN,)


def test_with_other_limits_it_is_read_again(tmp_path: Path) -> None:
    corpus, folder = write_files(tmp_path / "c", TEXTS), tmp_path / "i"
    narrow = Limits(n_bytes=60)
    report = update_index(corpus, folder, WordEncoder(), limits=narrow)
    assert [part.relative for part in report.skipped] == ["trams.md", "lines.jsonl"]
    assert plan_index(corpus, folder, limits=narrow).added == ()
    assert plan_index(corpus, folder).added == ("trams.md",)
    assert update_index(corpus, folder, WordEncoder()).skipped == (BROKEN,)


def test_an_index_of_nothing_readable_finds_nothing(tmp_path: Path) -> None:
    corpus = write_files(tmp_path / "c", {"blank.txt": " \n"})
    encoder = WordEncoder()
    report = update_index(corpus, tmp_path / "i", encoder)
    assert (report.n_documents, report.n_passages, report.generation) == (0, 0, 1)
    assert report.skipped == (SkippedFile("blank.txt", "no text found"),)
    index = Index.open(tmp_path / "i", encoder)
    assert index.search_dense(encoder.encode_queries(["x"])[0], 5) == []
    assert index.search_lexical("x", 5) == []
    assert index.documents() == []


def test_an_empty_corpus_is_refused_and_the_index_kept(tmp_path: Path) -> None:
    corpus, folder = write_files(tmp_path / "c", TEXTS), tmp_path / "i"
    update_index(corpus, folder, WordEncoder())
    for path in (corpus / "trams.md", corpus / "sub" / "boats.txt", corpus / "lines.jsonl"):
        path.unlink()
    with pytest.raises(FileNotFoundError, match="no articles in"):
        update_index(corpus, folder, WordEncoder())
    assert len(texts_of(folder)) == 3


@pytest.mark.parametrize(
    "encoder",
    [WordEncoder("other"), WordEncoder(dimension=32), WordEncoder(weights="1" * 64)],
    ids=["name", "dimension", "weights"],
)
def test_another_encoder_is_refused_and_nothing_lost(tmp_path: Path, encoder: WordEncoder) -> None:
    corpus, folder = write_files(tmp_path / "c", TEXTS), tmp_path / "i"
    update_index(corpus, folder, WordEncoder())
    (corpus / "new.txt").write_text("New\n\nA new text.")
    with pytest.raises(IndexMismatchError, match=rf"rm {folder}/index.sqlite\* && rag index"):
        update_index(corpus, folder, encoder)
    assert update_index(corpus, folder, WordEncoder()).n_encoded == 1


def test_another_size_cuts_every_document_again(tmp_path: Path) -> None:
    words = " ".join(f"Sentence number {number} is here." for number in range(40))
    corpus, encoder = write_files(tmp_path / "c", {"a.txt": words}), WordEncoder()
    first = update_index(corpus, tmp_path / "i", encoder, size=100)
    second = update_index(corpus, tmp_path / "i", encoder, size=50)
    assert second.plan == IndexPlan(changed=("a.txt",))
    assert second.n_passages > first.n_passages
    assert Index.open(tmp_path / "i", encoder).fingerprint.size == 50


def test_no_passage_is_longer_than_the_encoder_sees(tmp_path: Path) -> None:
    words = " ".join(f"sentence number {number} is here." for number in range(100))
    corpus, encoder = write_files(tmp_path / "c", {"a.txt": words}), WordEncoder()
    encoder.max_tokens = 12
    update_index(corpus, tmp_path / "i", encoder)
    with closing(Store.open(tmp_path / "i")) as store:
        texts = [embedded_text(passage) for _, passage in store.iter_passages()]
    assert max(encoder.count_tokens(texts)) <= 12


def test_progress_ends_where_it_said_it_would(tmp_path: Path) -> None:
    seen: list[Progress] = []
    update_index(
        write_files(tmp_path / "c", TEXTS), tmp_path / "i", WordEncoder(), on_progress=seen.append
    )
    assert [progress for progress in seen if progress.done == progress.total] == [
        *(Progress("reading", 3, 3), Progress("encoding", 4, 4), Progress("publishing", 1, 1))
    ]
    assert seen[0] == Progress("reading", 0, 3)


class BadEncoder(WordEncoder):
    def __init__(self, change: str) -> None:
        super().__init__()
        self.change = change

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        rows = super().encode_passages(texts)
        if self.change == "NaN":
            rows[-1, 0] = np.nan
        elif self.change == "length":
            rows[-1] *= 2
        elif self.change == "zero":
            rows[-1] = 0
        elif self.change == "rows":
            rows = rows[:-1]
        else:
            rows = rows.astype(np.float64)
        return rows


@pytest.mark.parametrize("change", ["NaN", "length", "zero", "rows", "type"])
def test_vectors_that_are_not_unit_rows_are_refused(tmp_path: Path, change: str) -> None:
    corpus = write_files(tmp_path / "c", TEXTS)
    with pytest.raises(ValueError, match="encoder must return"):
        update_index(corpus, tmp_path / "i", BadEncoder(change))
    assert update_index(corpus, tmp_path / "i", WordEncoder()).generation == 1


class InterruptedEncoder(WordEncoder):
    """Is interrupted instead of encoding for the second time."""

    n_calls = 0

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        self.n_calls += 1
        if self.n_calls == 2:
            raise KeyboardInterrupt
        return super().encode_passages(texts)


def test_an_interrupted_run_encodes_nothing_twice(tmp_path: Path) -> None:
    corpus = write_files(
        tmp_path / "c", {f"{n}.txt": f"Title {n}\n\nText {n}." for n in range(400)}
    )
    interrupted, encoder = InterruptedEncoder(), WordEncoder()
    with pytest.raises(KeyboardInterrupt):
        update_index(corpus, tmp_path / "i", interrupted)
    report = update_index(corpus, tmp_path / "i", encoder)
    assert 0 < interrupted.n_encoded <= 256  # as many as had been read
    left = 400 - interrupted.n_encoded
    assert encoder.n_encoded == left
    assert (report.n_encoded, report.n_cached, report.n_passages) == (left, 400 - left, 400)


def lines_of(n: int) -> str:
    return "".join(f'{{"_id": "{n}", "title": "T", "text": "Line {n}."}}\n' for n in range(n))


class KilledEncoder(WordEncoder):
    """Is interrupted once it has encoded so many passages."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        if self.n_encoded >= self.limit:
            raise KeyboardInterrupt
        return super().encode_passages(texts)


@pytest.mark.parametrize("limit", [0, 4000])
def test_a_long_file_of_which_a_part_was_staged_is_read_again_and_not_encoded_again(
    tmp_path: Path, limit: int
) -> None:
    corpus = write_files(tmp_path / "c", {"a.jsonl": lines_of(5000), "b.txt": "Last\n\nThe last."})
    killed, encoder = KilledEncoder(limit), WordEncoder()
    with pytest.raises(KeyboardInterrupt):
        update_index(corpus, tmp_path / "i", killed)
    report = update_index(corpus, tmp_path / "i", encoder)
    assert (report.n_documents, report.n_passages) == (5001, 5001)
    assert killed.n_encoded + encoder.n_encoded == 5001
    assert report.n_encoded + report.n_cached == 5001
    with closing(Index.open(tmp_path / "i", encoder)) as index:
        ids = [row_id for row_id, _ in index.iter_passages()]
        assert len(index.search_lexical("line last", 6000)) == 5001
        assert (
            len(index.search_dense(encoder.encode_queries(["line"])[0], 6000)) == len(ids) == 5001
        )


def test_a_long_file_is_encoded_while_it_is_read(tmp_path: Path) -> None:
    corpus = write_files(tmp_path / "c", {"a.jsonl": lines_of(6000)})
    seen: list[Progress] = []
    update_index(corpus, tmp_path / "i", WordEncoder(), on_progress=seen.append)
    early = [p for p in seen if p.phase == "encoding" and p.done < 3000]
    assert early
    # It was not known yet how many there are, and an estimate was given.
    assert all(progress.total > 3000 for progress in early)
    assert Progress("encoding", 6000, 6000) in seen
    dones = [progress.done for progress in seen if progress.phase == "encoding"]
    assert dones == sorted(dones)


def test_a_large_index_is_brought_up_to_date_without_being_built_again(tmp_path: Path) -> None:
    folder, encoder = tmp_path / "i", WordEncoder()
    texts = {"a.jsonl": lines_of(2500), "b.txt": "Trams\n\nA tram.", "c.txt": "Boats\n\nA boat."}
    update_index(write_files(tmp_path / "c", texts), folder, encoder)
    (segment,) = folder.glob("lexical/*/*.term")
    write_files(tmp_path / "c", {**texts, "b.txt": "Trams\n\nA zeppelin.", "d.txt": "New\n\nNew."})
    update_index(tmp_path / "c", folder, encoder)
    assert any(path.samefile(segment) for path in folder.glob("lexical/000002-*/*.term"))
    with closing(Index.open(folder, encoder)) as index:
        assert index.notices == ()
        assert len(index.search_lexical("zeppelin", 5)) == 1
        assert len(index.search_lexical("tram", 5)) == 1  # by the title
        found = {row_id for row_id, _ in index.search_dense(encoder.encode_queries(["x"])[0], 9999)}
        assert found == {row_id for row_id, _ in index.iter_passages()}


def test_only_the_last_two_generations_stay_on_disk(tmp_path: Path) -> None:
    folder = tmp_path / "i"
    for number in range(4):
        update_index(write_files(tmp_path / "c", {"a.txt": f"{number}"}), folder, WordEncoder())
    for part in ("dense", "lexical"):
        names = sorted(path.name for path in (folder / part).iterdir())
        assert [name.split("-")[0] for name in names] == ["000003", "000004"]


def test_while_somebody_else_indexes_a_change_is_refused_and_no_change_is_not(
    tmp_path: Path,
) -> None:
    corpus, folder = write_files(tmp_path / "c", TEXTS), tmp_path / "i"
    update_index(corpus, folder, WordEncoder())
    with exclusive(folder):
        assert update_index(corpus, folder, WordEncoder()).generation == 1
        (corpus / "new.txt").write_text("New\n\nA new text.")
        with pytest.raises(LockedError, match=f"by process {os.getpid()} "):
            update_index(corpus, folder, WordEncoder())


INDEX = """
import sys, time
from pathlib import Path
from rag.index.builder import update_index
from rag.index.lock import LockedError
from tests.fakes import WordEncoder
print("ready", flush=True)
while True:
    try:
        print(update_index(Path(sys.argv[1]), Path(sys.argv[2]), WordEncoder()).generation)
        break
    except LockedError:
        time.sleep(0.02)
"""


def start_indexing(corpus: Path, folder: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", INDEX, str(corpus), str(folder)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )
    if process.stdout is None or process.stdout.readline() != b"ready\n":
        raise RuntimeError("the indexer did not start")
    return process


def test_of_several_indexers_one_publishes_and_the_others_find_it_done(tmp_path: Path) -> None:
    corpus, folder = write_files(tmp_path / "c", TEXTS), tmp_path / "i"
    processes = [start_indexing(corpus, folder) for _ in range(3)]
    outputs = [process.communicate()[0] for process in processes]
    assert outputs == [b"1\n"] * 3
    assert [process.returncode for process in processes] == [0] * 3


LIMITED = """
import resource, sys
from pathlib import Path
import faiss, tantivy
from rag.index.builder import update_index
from tests.fakes import WordEncoder
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
try:
    update_index(Path(sys.argv[1]), Path(sys.argv[2]), WordEncoder())
except OSError as error:
    print(error)
"""


@pytest.mark.parametrize("n_bytes", [0, 10_000, 100_000])
def test_where_files_cannot_grow_the_index_stays_as_it_was(tmp_path: Path, n_bytes: int) -> None:
    folder, encoder = tmp_path / "i", WordEncoder()
    update_index(write_files(tmp_path / "c", {"a.txt": "Old\n\nThe old text."}), folder, encoder)
    new = {f"{n}.txt": f"New {n}\n\n" + f"A longer text {n}. " * 20 for n in range(60)}
    corpus = write_files(tmp_path / "c", new)
    limited = subprocess.run(
        [sys.executable, "-c", LIMITED, str(corpus), str(folder), str(n_bytes)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
        check=True,
    )
    assert "could not be read or written" in limited.stdout
    assert check_whole(folder) == {"a.txt": "Old\n\nThe old text."}
    update_index(corpus, folder, encoder)
    assert check_whole(folder).keys() == new.keys()


ALTERNATE = """
import sys
from itertools import cycle
from pathlib import Path
from rag.index.builder import update_index
from tests.fakes import WordEncoder
folder, *corpora = map(Path, sys.argv[1:])
for corpus in cycle(corpora):
    update_index(corpus, folder, WordEncoder())
    print("published", flush=True)
"""


def kill_while_publishing(corpora: Sequence[Path], folder: Path, delay: float) -> None:
    """Publish the corpora in turn, and kill that so many seconds after the second time."""
    process = subprocess.Popen(
        [sys.executable, "-c", ALTERNATE, str(folder), *map(str, corpora)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )
    if process.stdout is None or process.stdout.read(20) != b"published\n" * 2:
        raise RuntimeError("nothing was published")
    time.sleep(delay)
    process.kill()
    process.communicate()


@pytest.mark.slow
def test_a_kill_while_publishing_leaves_one_state_or_the_other(tmp_path: Path) -> None:
    states = [
        {f"{n}.txt": f"Title {n}\n\nState {state}, text {n}." for n in range(state, 30 + state)}
        for state in (0, 1)
    ]
    corpora = [write_files(tmp_path / f"c{state}", states[state]) for state in (0, 1)]
    folder, chance = tmp_path / "i", random.Random(7)
    for number in range(6):  # hundreds in tests/test_kills.py
        kill_while_publishing(corpora, folder, delay=chance.uniform(0, 0.3))
        assert check_whole(folder) in states
        update_index(corpora[number % 2], folder, WordEncoder())
        assert check_whole(folder) == states[number % 2]
