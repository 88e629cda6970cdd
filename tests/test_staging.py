from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rag.index.fingerprint import Fingerprint
from rag.index.staging import Staging
from rag.index.store import Store
from rag.ingest.article import SkippedFile, SourceFile
from rag.ingest.split import embedded_text, split_document
from rag.records import Document, Passage
from tests.fakes import WordEncoder

FINGERPRINT = Fingerprint.of(WordEncoder(), size=50)
A = SourceFile(Path("a.md"), "a.md", "1", 1)
B = SourceFile(Path("b.md"), "b.md", "2", 1)


@pytest.fixture
def staging(tmp_path: Path) -> Iterator[Staging]:
    with Staging.open(tmp_path, FINGERPRINT) as staging:
        yield staging


def cut(doc_id: str, text: str) -> tuple[Document, list[Passage]]:
    document = Document(doc_id, "Title", text)
    return document, split_document(document)


def stage(staging: Staging, file: SourceFile, *texts: str) -> None:
    with staging.transaction():
        staging.stage(file, [cut(f"{file.relative}#{n}", text) for n, text in enumerate(texts)], [])
    texts_of = [embedded_text(p) for p in staging.store.passages(staging.missing())]
    staging.add_vectors(texts_of, WordEncoder().encode_passages(texts_of))


def publish(staging: Staging, *removed: str) -> int:
    return staging.publish(removed, lambda store: None).number


def n_vectors(staging: Staging) -> int:
    (n,) = staging._connection.execute("SELECT count(*) FROM vectors").fetchone()
    return int(n)


def test_what_is_staged_is_unseen_until_it_is_published(tmp_path: Path, staging: Staging) -> None:
    stage(staging, A, "One.")
    with pytest.raises(FileNotFoundError):
        Store.open(tmp_path)
    assert publish(staging) == 1
    assert [row.doc_id for row in Store.open(tmp_path).documents()] == ["a.md#0"]


def test_a_staged_file_replaces_the_one_at_its_path(tmp_path: Path, staging: Staging) -> None:
    stage(staging, A, "One.", "Two.")
    stage(staging, B, "Three.")
    publish(staging)
    stage(staging, A, "Four.")
    assert staging.n_files == staging.n_passages == 1
    assert publish(staging) == 2
    store = Store.open(tmp_path)
    assert [passage.text for _, passage in store.iter_passages()] == ["Three.", "Four."]
    assert (store.generation.n_documents, store.generation.n_passages) == (2, 2)


def test_removed_files_go_with_their_vectors(tmp_path: Path, staging: Staging) -> None:
    stage(staging, A, "One.")
    stage(staging, B, "Two.", "One.")
    publish(staging)
    assert n_vectors(staging) == 2
    publish(staging, "b.md")
    assert n_vectors(staging) == 1
    assert [passage.text for _, passage in Store.open(tmp_path).iter_passages()] == ["One."]


def test_row_ids_are_never_given_twice(staging: Staging) -> None:
    stage(staging, A, "One.")
    publish(staging)
    publish(staging, "a.md")
    stage(staging, A, "One.")
    publish(staging)
    assert [row_id for row_id, _ in staging.store.iter_passages()] == [2]


def test_where_deriving_fails_nothing_is_published(tmp_path: Path, staging: Staging) -> None:
    stage(staging, A, "One.")
    publish(staging)
    stage(staging, B, "Two.")

    def fail(store: Store) -> None:
        assert store.generation.number == 2
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        staging.publish(["a.md"], fail)
    assert [row.doc_id for row in Store.open(tmp_path).documents()] == ["a.md#0"]
    assert staging.n_files == 1


def test_texts_without_a_vector_are_missing_once_and_longest_first(staging: Staging) -> None:
    with staging.transaction():
        staging.stage(
            A, [cut(str(n), text) for n, text in enumerate(["a", "ccc", "bb", "ccc"])], []
        )
    assert [p.text for p in staging.store.passages(staging.missing())] == ["ccc", "bb", "a"]
    staging.add_vectors(["Title\nccc"], np.eye(1, 64, dtype=np.float32))
    assert [p.text for p in staging.store.passages(staging.missing())] == ["bb", "a"]


def test_staged_files_are_taken_up_unless_they_have_changed(tmp_path: Path) -> None:
    with Staging.open(tmp_path, FINGERPRINT) as staging:
        stage(staging, A, "One.")
        stage(staging, B, "Two.")
    with Staging.open(tmp_path, FINGERPRINT) as staging:
        assert staging.keep_staged({"a.md": "1", "b.md": "edited"}) == {"a.md"}
        assert staging.n_files == 1


def test_another_size_drops_what_is_staged_and_keeps_the_vectors_published(tmp_path: Path) -> None:
    with Staging.open(tmp_path, FINGERPRINT) as staging:
        stage(staging, A, "One.")
        publish(staging)
        stage(staging, B, "Two.")
    with Staging.open(tmp_path, Fingerprint.of(WordEncoder(), size=60)) as staging:
        assert staging.n_files == 0
        assert n_vectors(staging) == 2
        assert staging.store.fingerprint.size == 50
        publish(staging)
        assert staging.store.fingerprint.size == 60


def test_before_anything_is_published_another_encoder_starts_over(tmp_path: Path) -> None:
    with Staging.open(tmp_path, FINGERPRINT) as staging:
        stage(staging, A, "One.")
    with Staging.open(tmp_path, Fingerprint.of(WordEncoder("other"), size=50)) as staging:
        assert (staging.n_files, n_vectors(staging)) == (0, 0)


def test_a_document_whose_id_is_taken_is_skipped_and_named(staging: Staging) -> None:
    with staging.transaction():
        staging.stage(A, [cut("same", "One.")], [SkippedFile("a.md", "line 2: no text")])
        staging.stage(B, [cut("same", "Two."), cut("other", "Three.")], [])
    publish(staging)
    assert [row.doc_id for row in staging.store.documents()] == ["other", "same"]
    assert staging.store.skipped() == [
        ("a.md", "line 2: no text"),
        ("same", "another document has this id"),
    ]


def test_a_passage_that_is_not_its_span_is_refused(staging: Staging) -> None:
    document, (passage,) = cut("a.md", "One.")
    wrong = Passage(passage.passage_id, "a.md", 1, passage.end, "", passage.text, "Title")
    with (
        pytest.raises(ValueError, match=r"must be the span .* got one of 'a\.md' at \[1, 4\)"),
        staging.transaction(),
    ):
        staging.stage(A, [(document, [wrong])], [])
    assert staging.n_files == 0


def test_a_file_staged_in_parts_counts_once_it_is_finished(staging: Staging) -> None:
    with staging.transaction():
        file_id = staging.begin(A)
        assert staging.add(file_id, A, [cut("a.md#1", "One.")], []) == 1
    assert staging.keep_staged({"a.md": "1"}) == set()
    assert staging.n_passages == 0
    with staging.transaction():
        file_id = staging.begin(A)
        staging.add(file_id, A, [cut("a.md#1", "One.")], [])
    with staging.transaction():
        staging.add(file_id, A, [cut("a.md#2", "Two.")], [SkippedFile("a.md", "line 3: no text")])
        staging.finish(file_id, A)
    assert staging.keep_staged({"a.md": "1"}) == {"a.md"}
    assert staging.n_passages == 2


def test_a_document_whose_id_another_one_has_is_skipped_in_a_later_part_too(
    staging: Staging,
) -> None:
    with staging.transaction():
        file_id = staging.begin(A)
        assert staging.add(file_id, A, [cut("a.md#1", "One.")], []) == 1
        assert staging.add(file_id, A, [cut("a.md#1", "Two.")], []) == 0
        staging.finish(file_id, A)
    publish(staging)
    assert staging.store.skipped() == [("a.md#1", "another document has this id")]


def test_staged_ids_are_between_the_published_and_the_last(staging: Staging) -> None:
    assert (staging.staged_after, staging.last_id) == (0, 0)
    stage(staging, A, "One.", "Two.")
    assert (staging.staged_after, staging.last_id) == (0, 2)
    publish(staging)
    assert (staging.staged_after, staging.last_id) == (2, 2)
    stage(staging, B, "Three.", "Four.", "Five.")
    assert (staging.staged_after, staging.last_id) == (2, 5)
    assert staging.count(staging.staged_after, 4) == 2


def test_what_is_missing_can_be_asked_for_in_parts(staging: Staging) -> None:
    with staging.transaction():
        staging.stage(A, [cut(f"a.md#{n}", f"Text {'x' * n}.") for n in range(4)], [])
    assert staging.missing() == [4, 3, 2, 1]
    assert staging.missing(after=1, upto=3) == [3, 2]
