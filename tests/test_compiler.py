import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.index.compiled import CompiledEncoder
from rag.index.compiler import compile_encoder, load_encoder
from rag.index.encoder import SentenceEncoder

MakeModel = Callable[..., Path]
TEXTS = [
    *("", "cat", "the cat sat on the mat .", "a dog ran under the mat . good", "unknown words"),
    *("the very long text " * n for n in (3, 9, 16, 40)),
]
PROMPTS = {"query": "query : ", "passage": "passage : "}


@pytest.mark.parametrize(
    "how",
    [
        {"pooling": "mean"},
        {"pooling": "cls"},
        {"pooling": "max"},
        {"pooling": ["mean", "max"]},
        {"pooling": "lasttoken", "kind": "qwen3"},
        {"prompts": PROMPTS},
        {"truncate_dim": 8},
        {"include_prompt": False},
    ],
    ids=str,
)
def test_any_model_is_compiled_as_it_is_configured(
    how: dict[str, Any], make_model: MakeModel, tmp_path: Path
) -> None:
    reference = SentenceEncoder(str(make_model(**how)))
    compiled = compile_encoder(reference, tmp_path / "compiled")
    assert compiled.name == reference.name == "tiny"
    assert compiled.weights_sha256 == reference.weights_sha256
    assert compiled.dimension == reference.dimension
    assert compiled.max_tokens == reference.max_tokens == 64
    assert compiled.count_tokens(TEXTS) == reference.count_tokens(TEXTS)
    for found, expected in (
        (compiled.encode_queries(TEXTS), reference.encode_queries(TEXTS)),
        (compiled.encode_passages(TEXTS), reference.encode_passages(TEXTS)),
    ):
        assert (found * expected).sum(axis=1).min() >= 0.999
    pairs = zip(compiled.embed_tokens(TEXTS), reference.embed_tokens(TEXTS), strict=True)
    for (found, found_offsets), (expected, expected_offsets) in pairs:
        assert found_offsets == expected_offsets
        assert (found * expected).sum(axis=1).min(initial=1) >= 0.99  # one token, in bf16


def test_a_model_that_pools_without_its_prompt_runs_uncompiled(
    make_model: MakeModel, tmp_path: Path
) -> None:
    folder = make_model(prompts=PROMPTS, include_prompt=False)
    encoder, notices = load_encoder(str(folder), cache=tmp_path / "cache")
    assert notices == [
        "the encoder runs uncompiled, which is slower: "
        "'tiny' pools without its prompt, which cannot be compiled"
    ]
    expected = SentenceEncoder(str(folder)).encode_queries(TEXTS)
    np.testing.assert_allclose(encoder.encode_queries(TEXTS), expected, atol=1e-5)


def test_a_cache_that_cannot_be_written_is_no_reason_to_stop(
    make_model: MakeModel, tmp_path: Path
) -> None:
    (tmp_path / "cache").touch()
    encoder, (notice,) = load_encoder(str(make_model()), cache=tmp_path / "cache")
    assert notice.startswith("the encoder runs uncompiled, which is slower: ")
    assert encoder.encode_queries(["the cat"]).shape == (1, 32)


@pytest.mark.slow
def test_the_reference_runs_where_there_is_no_openvino(
    make_model: MakeModel, tmp_path: Path
) -> None:
    script = (
        "import sys; sys.modules['openvino'] = None\n"
        "from pathlib import Path; from rag.index.compiler import load_encoder\n"
        "encoder, notices = load_encoder(sys.argv[1], cache=Path(sys.argv[2]))\n"
        "print(type(encoder).__name__, *notices)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, make_model(), tmp_path / "cache"],
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout.startswith("SentenceEncoder the encoder runs uncompiled, which is slower: ")
    assert "openvino" in done.stdout


@pytest.fixture
def cached(make_model: MakeModel, tmp_path: Path) -> tuple[str, Path]:
    """A model, and a cache that holds it compiled."""
    model, cache = str(make_model()), tmp_path / "cache"
    assert load_encoder(model, cache=cache)[1] == []
    return model, cache


def compiled_folder(cache: Path) -> Path:
    (folder,) = (path for path in cache.iterdir() if path.is_dir())
    return folder


def stamps(cache: Path) -> set[tuple[str, int]]:
    return {(str(path), path.stat().st_mtime_ns) for path in cache.rglob("model.bin")}


def test_the_compiled_encoder_is_made_once(cached: tuple[str, Path]) -> None:
    model, cache = cached
    before = stamps(cache)
    encoder, notices = load_encoder(model, cache=cache)
    assert isinstance(encoder, CompiledEncoder)
    assert notices == []
    assert stamps(cache) == before
    assert len(before) == 1


def cut_in_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("model.bin", cut_in_half),
        ("model.bin", flip_a_bit),
        ("model.xml", Path.unlink),
        ("tokenizer.json", flip_a_bit),
        ("encoder.json", flip_a_bit),
        ("seal.json", cut_in_half),
    ],
)
def test_a_damaged_file_is_told_and_made_again(
    name: str, damage: Callable[[Path], None], cached: tuple[str, Path]
) -> None:
    model, cache = cached
    expected = load_encoder(model, cache=cache)[0].encode_passages(TEXTS)
    damage(compiled_folder(cache) / name)
    encoder, notices = load_encoder(model, cache=cache)
    assert notices == [
        f"the compiled encoder in '{compiled_folder(cache)}' was damaged and was made again"
    ]
    np.testing.assert_allclose(encoder.encode_passages(TEXTS), expected, atol=1e-6)
    assert load_encoder(model, cache=cache)[1] == []


def test_another_model_in_the_cache_is_left_alone(
    cached: tuple[str, Path], make_model: MakeModel
) -> None:
    _, cache = cached
    before = stamps(cache)
    other = str(make_model("other", seed=1))
    encoder, notices = load_encoder(other, cache=cache)
    assert (encoder.name, notices) == ("other", [])
    expected = SentenceEncoder(other).encode_passages(TEXTS)
    assert (encoder.encode_passages(TEXTS) * expected).sum(axis=1).min() >= 0.999
    assert before < stamps(cache)


def test_new_settings_of_a_model_are_compiled_anew(
    cached: tuple[str, Path], make_model: MakeModel
) -> None:
    model, cache = cached
    shutil.copytree(make_model("changed", prompts=PROMPTS), model, dirs_exist_ok=True)
    encoder, notices = load_encoder(model, cache=cache)
    assert notices == []
    assert len(stamps(cache)) == 2
    assert encoder.count_tokens(["cat"]) == [5]  # [CLS] passage : cat [SEP]


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.0, 0.5, 1.0, 1.5])
def test_whoever_is_killed_leaves_nothing_half_made(
    seconds: float, make_model: MakeModel, tmp_path: Path
) -> None:
    model, cache = str(make_model()), tmp_path / "cache"
    script = (
        "import sys; from pathlib import Path; from rag.index.compiler import load_encoder\n"
        "load_encoder(sys.argv[1], cache=Path(sys.argv[2]))"
    )
    worker = subprocess.Popen([sys.executable, "-c", script, model, cache])
    while not list(cache.glob("*.part")) and worker.poll() is None:
        time.sleep(0.01)
    time.sleep(seconds)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    for folder in cache.glob("*"):
        assert (
            folder.name == "LOCK" or folder.suffix == ".part" or CompiledEncoder.from_folder(folder)
        )
    encoder, notices = load_encoder(model, cache=cache)
    assert isinstance(encoder, CompiledEncoder)
    assert notices == []
    assert list(cache.glob("*.part")) == []
