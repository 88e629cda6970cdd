import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from rag.index.builder import update_index
from rag.index.database import IndexDamagedError
from rag.index.fingerprint import IndexMismatchError
from rag.index.index import Index
from rag.index.lock import exclusive
from rag.index.store import PAGE
from tests.fakes import WordEncoder, write_files

TEXTS = {
    "trams.md": "# Trams\n\nA tram runs on rails.\n\n# Buses\n\nA bus runs on the road.",
    "boats.txt": "Boats\n\nA boat floats on the water.",
    "naïve.txt": "Café\n\nمرحبا 🚋 नमस्ते.",
}
ENCODER = WordEncoder()


def build(tmp_path: Path, texts: dict[str, str] = TEXTS) -> Path:
    update_index(write_files(tmp_path / "corpus", texts), tmp_path / "index", ENCODER)
    return tmp_path / "index"


def search(index: Index, query: str = "a boat on the road") -> object:
    """Everything that an answer to the query could rest on."""
    (vector,) = ENCODER.encode_queries([query])
    dense, lexical = index.search_dense(vector, 10), index.search_lexical(query, 10)
    return dense, lexical, index.passages([row_id for row_id, _ in dense])


def test_an_index_says_what_it_holds_and_when_it_was_built(tmp_path: Path) -> None:
    index = Index.open(build(tmp_path), ENCODER)
    assert (index.generation, index.n_documents, index.n_passages) == (1, 3, 4)
    assert index.built_at.endswith("+00:00")
    assert (index.fingerprint.encoder, index.fingerprint.dimension) == ("words", 64)
    assert index.notices == ()


def test_both_searches_find_the_passage(tmp_path: Path) -> None:
    index = Index.open(build(tmp_path), ENCODER)
    (vector,) = ENCODER.encode_queries(["boats floats"])
    (dense, _), (lexical, _) = index.search_dense(vector, 1)[0], index.search_lexical("boats", 1)[0]
    assert dense == lexical
    assert index.passages([dense])[0].doc_id == "boats.txt"


def test_title_and_headings_are_searched_with_a_passage(tmp_path: Path) -> None:
    index = Index.open(build(tmp_path, {"a.md": "# Tariffs\n\n## In Sindh\n\nIt rose."}), ENCODER)
    assert len(index.search_lexical("Sindh tariff", 5)) == 1


def test_cosines_are_those_of_the_search(tmp_path: Path) -> None:
    index = Index.open(build(tmp_path), ENCODER)
    (vector,) = ENCODER.encode_queries(["a tram on the road"])
    found = dict(index.search_dense(vector, 10))
    assert index.cosines(vector, list(found)) == pytest.approx(found)
    assert index.cosines(vector, []) == {}


def test_all_passages_are_iterated_over_pages(tmp_path: Path) -> None:
    text = "\n\n".join(f"# Part {number}\n\nWord{number}." for number in range(PAGE + 10))
    index = Index.open(build(tmp_path, {"long.md": text}), ENCODER)
    ids = [row_id for row_id, _ in index.iter_passages()]
    assert ids == list(range(1, PAGE + 11))


def files_of(part: str) -> list[str]:
    names = {
        "dense": ["vectors.faiss", "seal.json"],
        "lexical": ["meta.json", ".managed.json", "*.term", "*.idx", "*.fast", "seal.json"],
    }
    return [f"{part}/*/{name}" for name in names[part]]


@pytest.mark.parametrize("pattern", [*files_of("dense"), *files_of("lexical")])
@pytest.mark.parametrize("harm", ["flip", "truncate", "delete"])
def test_a_damaged_part_is_rebuilt_with_the_same_results(
    tmp_path: Path, pattern: str, harm: str
) -> None:
    folder = build(tmp_path)
    expected = search(Index.open(folder, ENCODER))
    (path,) = folder.glob(pattern)
    content = path.read_bytes()
    path.unlink()  # cut off in place, a file that tantivy has mapped into memory ends the process
    if harm == "truncate":
        path.write_bytes(content[: len(content) // 2])
    elif harm == "flip":
        middle = len(content) // 2
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 4]) + content[middle + 1 :])
    encoded = ENCODER.n_encoded
    index = Index.open(folder, ENCODER)
    part = pattern.partition("/")[0]
    assert index.notices == (f"the {part} index was damaged and has been rebuilt",)
    assert search(index) == expected
    assert ENCODER.n_encoded == encoded
    assert Index.open(folder, ENCODER).notices == ()


@pytest.mark.parametrize("part", ["dense", "lexical"])
def test_a_missing_part_is_rebuilt(tmp_path: Path, part: str) -> None:
    folder = build(tmp_path)
    expected = search(Index.open(folder, ENCODER))
    shutil.rmtree(folder / part)
    index = Index.open(folder, ENCODER)
    assert index.notices == (f"the {part} index was missing and has been rebuilt",)
    assert search(index) == expected


def test_a_part_of_another_generation_is_not_used(tmp_path: Path) -> None:
    folder = build(tmp_path)
    (first,) = (folder / "dense").iterdir()
    build(tmp_path, {**TEXTS, "new.txt": "A new boat."})
    (second,) = (path for path in (folder / "dense").iterdir() if path != first)
    shutil.rmtree(second)
    first.rename(second)
    with pytest.raises(IndexDamagedError, match="4 passages instead of 5"):
        Index.open(folder, ENCODER)


def test_while_somebody_writes_a_damaged_part_is_rebuilt_in_memory(tmp_path: Path) -> None:
    folder = build(tmp_path)
    expected = search(Index.open(folder, ENCODER))
    shutil.rmtree(folder / "dense")
    shutil.rmtree(folder / "lexical")
    with exclusive(folder):
        index = Index.open(folder, ENCODER)
    assert [notice.split(":")[0] for notice in index.notices] == [
        f"the {part} index was missing and has been rebuilt in memory only"
        for part in ("dense", "lexical")
    ]
    assert search(index) == expected
    assert not (folder / "dense").exists()


def test_a_damaged_store_is_never_answered_from(tmp_path: Path) -> None:
    folder = build(tmp_path)
    path = folder / "index.sqlite"
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * 4096 + content[8192:])
    with pytest.raises(IndexDamagedError, match=rf"rm {folder}/index.sqlite\* && rag index"):
        Index.open(folder, ENCODER)


class SetEncoder(WordEncoder):
    """Has the weights of the other, and something to set."""

    settings_sha256 = "2" * 64


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (WordEncoder("other"), r"with the encoder 'words' \(64 dimensions\), not 'other' \(64\)"),
        (WordEncoder(dimension=32), r"'words' \(64 dimensions\), .*\(32\)"),
        (WordEncoder(weights="1" * 64), "other weights"),
        (SetEncoder(), "other settings"),
    ],
)
def test_another_encoder_is_refused(tmp_path: Path, other: WordEncoder, message: str) -> None:
    folder = build(tmp_path)
    with pytest.raises(IndexMismatchError, match=message):
        Index.open(folder, other)


def test_where_nothing_is_indexed_the_command_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="to build it, run: rag index CORPUS --index"):
        Index.open(tmp_path, ENCODER)


def test_refreshing_gives_the_newer_generation_and_keeps_the_older_open(tmp_path: Path) -> None:
    folder = build(tmp_path)
    index = Index.open(folder, ENCODER)
    before = search(index)
    assert index.refresh() is index
    build(tmp_path, {"boats.txt": "Ships\n\nA ship floats."})
    assert search(index) == before
    newer = index.refresh()
    assert (newer.generation, newer.n_documents) == (2, 1)
    assert newer.search_lexical("ship", 5) != []
    assert newer.search_lexical("tram", 5) == []
    assert newer.refresh() is newer
    assert search(index) == before


def test_an_index_that_was_deleted_and_built_again_is_seen(tmp_path: Path) -> None:
    folder = build(tmp_path)
    index = Index.open(folder, ENCODER)
    before = search(index)
    shutil.rmtree(folder)
    assert index.refresh() is index
    build(tmp_path, {"ships.txt": "A ship."})
    assert [row.doc_id for row in index.refresh().documents()] == ["ships.txt"]
    assert search(index) == before


def test_threads_share_an_index(tmp_path: Path) -> None:
    index = Index.open(build(tmp_path), ENCODER)
    expected = search(index)
    found: list[object] = []
    threads = [
        threading.Thread(target=lambda: found.extend(search(index) for _ in range(20)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 80


def test_readers_see_one_generation_while_others_are_published(tmp_path: Path) -> None:
    def texts(state: int) -> dict[str, str]:
        return {f"{n}.txt": f"Title\n\nShared words of state{state}." for n in range(5)}

    folder = build(tmp_path, texts(0))
    done = threading.Event()
    mixed: list[object] = []
    n_seen: set[int] = set()
    (vector,) = ENCODER.encode_queries(["shared words"])

    def read() -> None:
        index = Index.open(folder, ENCODER)
        while not done.is_set():
            index = index.refresh()
            ids = {row_id for row_id, _ in index.search_dense(vector, 10)}
            ids |= {row_id for row_id, _ in index.search_lexical("shared words", 10)}
            states = {passage.text for passage in index.passages(sorted(ids))}
            n_seen.add(index.generation)
            if len(ids) != 5 or len(states) != 1 or len(index.documents()) != 5 or index.notices:
                mixed.append((index.generation, ids, states, index.notices))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for state in range(1, 16):
        build(tmp_path, texts(state))
    done.set()
    for thread in threads:
        thread.join()
    assert mixed == []
    assert len(n_seen) > 3


def test_a_closed_index_can_be_closed_again(tmp_path: Path) -> None:
    index = Index.open(build(tmp_path), ENCODER)
    index.close()
    index.close()
    assert index.n_passages > 0


def test_a_vector_that_is_not_one_row_is_refused(tmp_path: Path) -> None:
    index = Index.open(build(tmp_path), ENCODER)
    with pytest.raises(ValueError, match="one row"):
        index.search_dense(np.eye(2, 64, dtype=np.float32), 5)
