import os
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from rag.index.builder import update_index
from rag.index.database import IndexDamagedError, checksum, connect
from rag.index.fingerprint import FORMAT, IndexMismatchError
from rag.index.store import PAGE, Store
from rag.index.tables import DocumentRow
from rag.ingest.files import find_files, read_file
from rag.ingest.split import embedded_text, split_document
from rag.records import Document, Passage
from tests.fakes import WordEncoder, write_files

TEXTS = {
    "trams.md": "---\ntitle: Trams\nsource: Gazette\ndate: 2025-01-02\n---\n"
    "A tram runs.\n\n## Cost\n\nIt costs 3 €.",
    "sub/ünï 🚋.txt": "नमस्ते दुनिया। 東京タワー。\r\nمرحبا 👩‍👩‍👧 e\u0301",
}


def build(tmp_path: Path, texts: dict[str, str] = TEXTS) -> Path:
    corpus = write_files(tmp_path / "corpus", texts)
    update_index(corpus, tmp_path / "index", WordEncoder())
    return tmp_path / "index"


def documents_of(corpus: Path) -> list[Document]:
    files, _ = find_files(corpus)
    return [document for file in files for document in read_file(file).documents]


def test_documents_and_passages_come_back_as_they_went_in(tmp_path: Path) -> None:
    store = Store.open(build(tmp_path))
    expected = documents_of(tmp_path / "corpus")
    assert len(expected) == 2
    passages = [passage for document in expected for passage in split_document(document)]
    assert sorted((p for _, p in store.iter_passages()), key=lambda p: p.passage_id) == sorted(
        passages, key=lambda p: p.passage_id
    )
    for document in expected:
        found = store.document(document.doc_id)
        assert (found.title, found.text, found.source, found.published, found.sha256) == (
            *(document.title, document.text, document.source, document.published),
            document.sha256,
        )
        assert tmp_path / "corpus" / found.path == document.path


def test_what_stands_before_a_passage_is_kept(tmp_path: Path) -> None:
    long = " ".join(
        f"Tram {n} left the depot of Oxmere at {n} minutes past six." for n in range(40)
    )
    store = Store.open(build(tmp_path, {"long.txt": long}))
    first, second, *_ = (passage for _, passage in store.iter_passages())
    assert first.before == ""
    assert second.before
    assert first.text.endswith(second.before)


def test_every_passage_is_its_span(tmp_path: Path) -> None:
    store = Store.open(build(tmp_path))
    for _, passage in store.iter_passages():
        assert passage.text == store.document(passage.doc_id).text[passage.start : passage.end]


def test_documents_are_listed_by_id(tmp_path: Path) -> None:
    store = Store.open(build(tmp_path))
    assert store.documents() == [
        DocumentRow("sub/ünï 🚋.txt", "Ünï 🚋", "", "", 1),
        DocumentRow("trams.md", "Trams", "Gazette", "2025-01-02", 2),
    ]


def test_passages_come_in_the_order_asked_for(tmp_path: Path) -> None:
    store = Store.open(build(tmp_path))
    by_id = dict(store.iter_passages())
    assert store.passages([3, 1, 3, 2]) == [by_id[3], by_id[1], by_id[3], by_id[2]]
    assert store.passages([]) == []


def test_vectors_are_those_of_the_embedded_texts(tmp_path: Path) -> None:
    store = Store.open(build(tmp_path))
    texts = [embedded_text(passage) for _, passage in store.iter_passages()]
    ((ids, vectors),) = store.iter_vectors()
    assert ids.tolist() == [row_id for row_id, _ in store.iter_passages()]
    np.testing.assert_array_equal(vectors, WordEncoder().encode_queries(texts))
    np.testing.assert_array_equal(store.vectors([2])[1], vectors[1:2])


def test_more_passages_than_a_page_are_all_read(tmp_path: Path) -> None:
    text = "\n\n".join(f"# Part {number}\n\nWord{number}." for number in range(PAGE + 10))
    store = Store.open(build(tmp_path, {"long.md": text}))
    assert len(list(store.iter_passages())) == PAGE + 10
    assert [len(ids) for ids, _ in store.iter_vectors()] == [PAGE, 10]


def test_an_unknown_document_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="no document has the id 'x.md'"):
        Store.open(build(tmp_path)).document("x.md")


@pytest.mark.parametrize("content", [None, b""])
def test_a_folder_without_an_index_names_the_command(tmp_path: Path, content: bytes | None) -> None:
    folder = tmp_path / ".rag" / "corpus"
    folder.mkdir(parents=True)
    if content is not None:
        (folder / "index.sqlite").write_bytes(content)
    with pytest.raises(FileNotFoundError, match=f"run: rag index {tmp_path}/corpus$"):
        Store.open(folder)


def test_a_file_that_is_no_index_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "index.sqlite").write_bytes(b"not a database, but long enough to be one" * 100)
    with pytest.raises(
        IndexDamagedError, match=rf"run: rm {tmp_path}/index.sqlite\* && rag index CORPUS"
    ):
        Store.open(tmp_path)


def test_another_format_is_refused(tmp_path: Path) -> None:
    folder = build(tmp_path)
    with sqlite3.connect(folder / "index.sqlite") as connection:
        connection.execute(f"PRAGMA user_version = {FORMAT + 1}")
    connection.close()
    with pytest.raises(IndexMismatchError, match=f"format {FORMAT + 1}, and this version"):
        Store.open(folder)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE passages SET text = replace(text, '3', '4')",
        "UPDATE passages SET start = start + 1",
        "UPDATE passages SET heading = 'Price'",
        "UPDATE documents SET title = 'Buses'",
        "UPDATE documents SET doc_id = 'y' || doc_id",
        "UPDATE vectors SET vector = zeroblob(length(vector))",
        "UPDATE vectors SET vector = substr(vector, 5)",
        "DELETE FROM vectors WHERE rowid = 1",
    ],
)
def test_a_row_that_has_changed_is_never_given_out(tmp_path: Path, change: str) -> None:
    folder = build(tmp_path)
    with sqlite3.connect(folder / "index.sqlite") as connection:
        connection.execute(change)
    connection.close()
    store = Store.open(folder)

    def read_all() -> None:
        for _ in store.iter_passages():
            pass
        for _ in store.iter_vectors():
            pass

    with pytest.raises(IndexDamagedError, match="is damaged"):
        read_all()


def test_a_document_that_has_changed_is_never_given_out(tmp_path: Path) -> None:
    folder = build(tmp_path)
    with sqlite3.connect(folder / "index.sqlite") as connection:
        connection.execute("UPDATE documents SET text = text || '!'")
    connection.close()
    with pytest.raises(IndexDamagedError, match=r"the text of 'trams\.md' has changed"):
        Store.open(folder).document("trams.md")


def test_a_passage_that_is_missing_is_damage(tmp_path: Path) -> None:
    with pytest.raises(IndexDamagedError, match="passage 99 is missing"):
        Store.open(build(tmp_path)).passages([1, 99])


def test_a_truncated_file_is_damaged(tmp_path: Path) -> None:
    folder = build(tmp_path)
    os.truncate(folder / "index.sqlite", (folder / "index.sqlite").stat().st_size // 2)

    def read_all() -> list[tuple[int, Passage]]:
        store = Store.open(folder)
        store.check()
        return list(store.iter_passages())

    with pytest.raises(IndexDamagedError, match="is damaged"):
        read_all()


def test_a_snapshot_does_not_see_what_is_published_later(tmp_path: Path) -> None:
    folder = build(tmp_path)
    store = Store.open(folder)
    before = list(store.iter_passages())
    build(tmp_path, {"boats.md": "A boat floats."})
    assert list(store.iter_passages()) == before
    assert [row.doc_id for row in Store.open(folder).documents()] == ["boats.md"]


def test_a_checksum_tells_values_apart_that_run_together() -> None:
    assert checksum("ab", "c") != checksum("a", "bc")
    assert checksum("a", 1) == checksum("a", 1)


def test_a_connection_for_reading_writes_nothing(tmp_path: Path) -> None:
    connection = connect(build(tmp_path))
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM files")
    connection.close()
