from dataclasses import asdict
from pathlib import Path

import pytest

from rag.index.builder import update_index
from rag.index.fingerprint import Fingerprint
from rag.index.plan import IndexPlan, compare, plan_index
from rag.ingest.article import SkippedFile, SourceFile
from rag.ingest.formats import READERS_VERSION
from tests.fakes import WordEncoder, write_files


def files(**sha256: str) -> list[SourceFile]:
    return [SourceFile(Path(name), name, value, 1) for name, value in sha256.items()]


def test_files_are_told_apart_by_path_and_content() -> None:
    plan = compare(
        files(same="1", edited="2b", new="3"), [], {"same": "1", "edited": "2", "old": "4"}
    )
    assert plan == IndexPlan(added=("new",), changed=("edited",), removed=("old",), n_unchanged=1)


def test_a_file_with_the_same_content_elsewhere_has_moved() -> None:
    plan = compare(files(new="1"), [], {"old": "1"})
    assert plan == IndexPlan(moved=(("old", "new"),))
    assert plan.to_read == {"new"}
    assert plan.to_remove == {"old"}


def test_a_copy_has_not_moved() -> None:
    assert compare(files(old="1", copy="1"), [], {"old": "1"}) == IndexPlan(
        added=("copy",), n_unchanged=1
    )


def test_two_files_of_one_content_move_to_two_places() -> None:
    assert compare(files(c="1", d="1", e="1"), [], {"a": "1", "b": "1"}) == IndexPlan(
        added=("e",), moved=(("a", "c"), ("b", "d"))
    )


def test_a_file_that_cannot_be_read_any_more_is_not_removed() -> None:
    plan = compare([], [SkippedFile("a", "no permission")], {"a": "1"})
    assert plan == IndexPlan(
        skipped=(SkippedFile("a", "no permission; the version indexed before is kept"),)
    )


def test_files_of_a_folder_that_cannot_be_searched_are_not_removed() -> None:
    plan = compare([], [SkippedFile("sub", "not searched")], {"sub/a": "1", "subtle": "2"})
    assert plan.removed == ("subtle",)
    assert plan.skipped[0].reason == "not searched; the version indexed before is kept"


def test_a_file_that_was_never_read_is_skipped_as_it_is() -> None:
    part = SkippedFile("a", "binary")
    assert compare([], [part], {}).skipped == (part,)


def test_another_size_changes_every_file(tmp_path: Path) -> None:
    corpus = write_files(tmp_path / "corpus", {"a.md": "One.", "b.md": "Two."})
    update_index(corpus, tmp_path / "index", WordEncoder(), size=50)
    assert plan_index(corpus, tmp_path / "index", size=50) == IndexPlan(n_unchanged=2)
    assert plan_index(corpus, tmp_path / "index", size=60).changed == ("a.md", "b.md")


def test_planning_writes_nothing(tmp_path: Path) -> None:
    corpus = write_files(tmp_path / "corpus", {"a.md": "One."})
    assert plan_index(corpus, tmp_path / "index") == IndexPlan(added=("a.md",))
    assert not (tmp_path / "index").exists()


def test_a_missing_corpus_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="corpus"):
        plan_index(tmp_path / "corpus", tmp_path / "index")


def test_other_readers_change_every_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus, folder = write_files(tmp_path / "corpus", {"a.md": "One."}), tmp_path / "index"
    with monkeypatch.context() as before:
        before.setattr("rag.index.fingerprint.READERS_VERSION", READERS_VERSION - 1)
        update_index(corpus, folder, WordEncoder())
    assert plan_index(corpus, folder).changed == ("a.md",)
    update_index(corpus, folder, WordEncoder())
    assert plan_index(corpus, folder) == IndexPlan(n_unchanged=1)


def test_an_index_that_does_not_say_its_readers_is_of_the_first() -> None:
    fingerprint = Fingerprint.of(WordEncoder(), size=50)
    facts = asdict(fingerprint)
    del facts["readers"]
    assert Fingerprint(**facts).readers == 1
    assert Fingerprint(**facts).is_outdated(50)
    assert not fingerprint.is_outdated(50)
