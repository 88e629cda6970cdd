import random
from pathlib import Path

import pytest

from rag.index.sealed import SEAL, is_intact, sealed_folder


def seal(path: Path, content: bytes = b"content", maker: str = "maker 1") -> None:
    with sealed_folder(path, maker) as work:
        (work / "a").write_bytes(b"a" * 100)
        (work / "b").write_bytes(content)


def test_a_sealed_folder_is_intact_for_its_maker_only(tmp_path: Path) -> None:
    seal(tmp_path / "folder")
    assert is_intact(tmp_path / "folder", "maker 1")
    assert not is_intact(tmp_path / "folder", "maker 2")
    assert not is_intact(tmp_path / "other", "maker 1")


@pytest.mark.parametrize("name", ["a", "b", SEAL])
@pytest.mark.parametrize("seed", range(10))
def test_any_flipped_bit_is_noticed(tmp_path: Path, name: str, seed: int) -> None:
    seal(tmp_path / "folder")
    path = tmp_path / "folder" / name
    content = bytearray(path.read_bytes())
    content[random.Random(seed).randrange(len(content))] ^= 1 << seed % 8
    path.write_bytes(content)
    assert not is_intact(tmp_path / "folder", "maker 1")


@pytest.mark.parametrize("name", ["a", "b", SEAL])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_truncated_file_is_noticed(tmp_path: Path, name: str, share: float) -> None:
    seal(tmp_path / "folder")
    path = tmp_path / "folder" / name
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    assert not is_intact(tmp_path / "folder", "maker 1")


@pytest.mark.parametrize("content", [b"[]", b"{}", b'{"maker": "maker 1"}', b"\xff", b"null"])
def test_anything_else_than_a_seal_is_not_one(tmp_path: Path, content: bytes) -> None:
    seal(tmp_path / "folder")
    (tmp_path / "folder" / SEAL).write_bytes(content)
    assert not is_intact(tmp_path / "folder", "maker 1")


def test_a_missing_file_is_noticed(tmp_path: Path) -> None:
    seal(tmp_path / "folder")
    (tmp_path / "folder" / "a").unlink()
    assert not is_intact(tmp_path / "folder", "maker 1")


def test_an_error_leaves_what_stood_there(tmp_path: Path) -> None:
    seal(tmp_path / "folder")
    with pytest.raises(TypeError):
        seal(tmp_path / "folder", content=None)  # type: ignore[arg-type]
    assert is_intact(tmp_path / "folder", "maker 1")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_what_a_killed_run_left_is_not_taken_over(tmp_path: Path) -> None:
    (tmp_path / "folder.part").mkdir()
    (tmp_path / "folder.part" / "left").write_bytes(b"x")
    seal(tmp_path / "folder")
    assert sorted(path.name for path in (tmp_path / "folder").iterdir()) == ["a", "b", SEAL]


def test_a_folder_made_from_another_holds_its_files_without_copying_them(tmp_path: Path) -> None:
    seal(tmp_path / "old")
    with sealed_folder(tmp_path / "new", "maker 1", base=tmp_path / "old") as work:
        (work / "b").unlink()
        (work / "b").write_bytes(b"changed")
        (work / "c").write_bytes(b"added")
    assert is_intact(tmp_path / "old", "maker 1")
    assert is_intact(tmp_path / "new", "maker 1")
    assert (tmp_path / "new" / "a").samefile(tmp_path / "old" / "a")
    assert (tmp_path / "old" / "b").read_bytes() == b"content"
    assert (tmp_path / "new" / "b").read_bytes() == b"changed"


@pytest.mark.parametrize("name", ["a", "b"])
def test_harm_to_a_shared_file_is_noticed_in_both_folders(tmp_path: Path, name: str) -> None:
    seal(tmp_path / "old")
    with sealed_folder(tmp_path / "new", "maker 1", base=tmp_path / "old"):
        pass
    with (tmp_path / "old" / name).open("r+b") as file:
        file.write(b"!")
    assert not is_intact(tmp_path / "old", "maker 1")
    assert not is_intact(tmp_path / "new", "maker 1")


def test_a_file_harmed_before_it_was_linked_is_not_vouched_for(tmp_path: Path) -> None:
    seal(tmp_path / "old")
    (tmp_path / "old" / "a").write_bytes(b"harmed")
    with sealed_folder(tmp_path / "new", "maker 1", base=tmp_path / "old"):
        pass
    assert not is_intact(tmp_path / "new", "maker 1")


def test_where_files_cannot_be_linked_they_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, target: Path) -> None:
        raise OSError(f"no links here, got {path} and {target}")

    seal(tmp_path / "old")
    monkeypatch.setattr(Path, "hardlink_to", refuse)
    with sealed_folder(tmp_path / "new", "maker 1", base=tmp_path / "old"):
        pass
    assert is_intact(tmp_path / "new", "maker 1")
    assert not (tmp_path / "new" / "a").samefile(tmp_path / "old" / "a")
