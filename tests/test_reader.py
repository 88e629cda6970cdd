import json
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.chatbot import Chatbot
from rag.generate.extractive import ExtractiveGenerator
from rag.index.weights import DEFAULT_MODEL, find_model, hash_files
from rag.read.compiler import SHIPPED, SHIPPED_SHA256, load_reader
from rag.read.network import EMBEDDINGS, WEIGHTS, build_network, load_network, save_network
from rag.read.pairs import PairTokens
from rag.read.reader import CompiledReader
from rag.records import Encoder
from tests.fakes import write_files

pytestmark = pytest.mark.slow  # each compiles a small network

QUESTION = "What colour is the tram?"
TEXTS = ["The tram is red. It runs in Lahore.", "", "A bus is slow. " * 200, "日本 🚋"]


def write_reader(folder: Path, *, hidden: int = 32, with_embeddings: bool = True) -> Any:
    """Write a reader of two layers with weights drawn at random, and return its network."""
    import torch
    from transformers import AutoConfig, BertConfig

    torch.manual_seed(0)
    config: Any
    if with_embeddings:
        config = BertConfig(
            hidden_size=hidden, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
        )
    else:
        config = AutoConfig.from_pretrained(find_model(DEFAULT_MODEL).folder, num_hidden_layers=1)
    network = build_network(config).eval()
    save_network(network, folder, with_embeddings=with_embeddings)
    return network


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readers") / "tiny"
    write_reader(folder)
    return folder


@pytest.fixture(scope="module")
def reader(source: Path, tmp_path_factory: pytest.TempPathFactory) -> CompiledReader:
    found, _ = load_reader(str(source), cache=tmp_path_factory.mktemp("compiled"))
    assert found is not None
    return found


def logits(network: Any, tokens: PairTokens, texts: Sequence[str]) -> list[Any]:
    import torch

    arrays = tokens.pad(tokens.windows(QUESTION, texts))
    with torch.inference_mode():
        return [
            out.numpy() for out in network(**{k: torch.from_numpy(v) for k, v in arrays.items()})
        ]


def test_the_compiled_reader_says_what_the_network_says(
    reader: CompiledReader, source: Path
) -> None:
    tokens = PairTokens.from_file(find_model(DEFAULT_MODEL).folder / "tokenizer.json")
    _, _, _, answerable = logits(load_network(source), tokens, TEXTS[:1])
    (found,) = reader.read(QUESTION, TEXTS[:1])
    assert found.answerable == pytest.approx(float(answerable[0]), abs=0.05)


def test_each_text_has_one_reading_however_long_it_is(reader: CompiledReader) -> None:
    readings = reader.read(QUESTION, TEXTS)
    assert len(readings) == len(TEXTS)
    for text, found in zip(TEXTS, readings, strict=True):
        assert 0 <= found.start <= found.end <= len(text)
        assert text[found.start : found.end].strip() == text[found.start : found.end]
        assert np.isfinite([found.answerable, found.span, *found.support]).all()
    assert reader.read(QUESTION, []) == []


def test_a_text_is_read_alike_alone_and_among_others(reader: CompiledReader) -> None:
    (alone,) = reader.read(QUESTION, TEXTS[:1])
    first, *_ = reader.read(QUESTION, TEXTS)
    assert (alone.start, alone.end) == (first.start, first.end)
    assert alone.answerable == pytest.approx(first.answerable, abs=0.05)


def test_threads_read_what_one_reads(reader: CompiledReader) -> None:
    expected = [found.span for found in reader.read(QUESTION, TEXTS)]
    with ThreadPoolExecutor(8) as threads:
        many = list(threads.map(lambda _: reader.read(QUESTION, TEXTS), range(16)))
    assert all([found.span for found in readings] == expected for readings in many)


def test_embeddings_may_be_those_of_the_encoder(tmp_path: Path) -> None:
    from safetensors import safe_open

    network = write_reader(tmp_path / "small", with_embeddings=False)
    with safe_open(tmp_path / "small" / WEIGHTS, "np") as file:
        assert not any(name.startswith(EMBEDDINGS) for name in file.keys())  # noqa: SIM118
    encoder = find_model(DEFAULT_MODEL).folder / "model.safetensors"
    loaded = load_network(tmp_path / "small", encoder)
    words = "backbone.embeddings.word_embeddings.weight"
    assert not np.allclose(loaded.state_dict()[words], network.state_dict()[words])
    with pytest.raises(ValueError, match=r"must have all its weights, got none for 'backbone\.emb"):
        load_network(tmp_path / "small")


def test_a_compiled_reader_is_found_again_and_a_damaged_one_made_again(
    source: Path, tmp_path: Path
) -> None:
    first, _ = load_reader(str(source), cache=tmp_path)
    assert first is not None
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())
    before = (folder / "model.bin").stat().st_mtime_ns
    load_reader(str(source), cache=tmp_path)
    assert (folder / "model.bin").stat().st_mtime_ns == before
    (folder / "model.bin").unlink()  # the first reader has it mapped into memory
    (folder / "model.bin").write_bytes(b"damaged")
    again, _ = load_reader(str(source), cache=tmp_path)
    assert again is not None
    assert again.read(QUESTION, TEXTS[:1])[0].span == first.read(QUESTION, TEXTS[:1])[0].span


def test_any_model_for_extractive_question_answering_may_be_named(tmp_path: Path) -> None:
    import torch
    from transformers import BertConfig, BertForQuestionAnswering

    torch.manual_seed(0)
    config = BertConfig(
        hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64
    )
    BertForQuestionAnswering(config).save_pretrained(tmp_path / "qa")
    found, _ = load_reader(str(tmp_path / "qa"), cache=tmp_path / "cache")
    assert found is not None
    (reading,) = found.read(QUESTION, TEXTS[:1])
    assert reading.answerable == pytest.approx(reading.span, abs=0.5)  # it knows the span alone


@pytest.mark.parametrize("files", [{}, {"config.json": "{}"}, {"model.safetensors": ""}])
def test_what_is_no_model_is_told_in_a_line(tmp_path: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match="the reader must be a folder with config.json and saf"):
        load_reader(str(tmp_path), cache=tmp_path / "cache")


def test_where_a_reader_cannot_be_kept_there_is_none_and_a_notice_says_so(
    source: Path, tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    found, notices = load_reader(str(source), cache=tmp_path / "cache")
    assert found is None
    (notice,) = notices
    assert notice.startswith("answers are chosen without the reader, which is less sure: ")


def test_a_chatbot_reads_with_the_reader_that_is_named(
    source: Path, tmp_path: Path, encoder: Encoder
) -> None:
    corpus = write_files(tmp_path / "corpus", {"tram.md": f"# Trams\n\n{TEXTS[0]}"})
    named = Chatbot.from_corpus(corpus, encoder=encoder, reader=str(source))
    assert named.reader is not None
    assert named.reader.name == "tiny"
    answer = named.ask(QUESTION, generator=ExtractiveGenerator(encoder, named.reader, threshold=0))
    assert answer.citations[0].quote in TEXTS[0]
    unread = named.ask(QUESTION, generator=ExtractiveGenerator(encoder))
    assert answer.confidence != unread.confidence
    none = Chatbot.from_corpus(corpus, encoder=encoder, reader="none")
    assert (none.reader, none.notices) == (None, ())
    with pytest.raises(ValueError, match="the reader must be a folder with config.json"):
        Chatbot.from_corpus(corpus, encoder=encoder, reader=str(tmp_path))


def test_the_shipped_weights_are_those_that_are_expected() -> None:
    files = sorted([*SHIPPED.glob("*.safetensors"), *SHIPPED.glob("*.json")])
    assert hash_files(SHIPPED, files) == SHIPPED_SHA256
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 25_000_000
    assert (SHIPPED / "README.md").read_text(encoding="utf-8").count("Apache-2.0") > 0


@pytest.mark.parametrize("is_there", [True, False])
def test_damaged_weights_are_not_read_with(
    is_there: bool, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.read.compiler.SHIPPED", source if is_there else tmp_path / "none")
    found, notices = load_reader(cache=tmp_path / "cache")
    assert found is None
    (notice,) = notices
    assert notice.endswith("its weights are damaged; install the package again")
    assert not (tmp_path / "cache").exists()


def test_a_named_reader_that_is_cut_short_is_told_in_a_notice(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cut"
    shutil.copytree(source, folder)
    (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:100])
    found, (notice,) = load_reader(str(folder), cache=tmp_path / "cache")
    assert found is None
    assert f"the weights in '{folder}' are damaged" in notice


def test_weights_are_small_and_never_pickled(source: Path) -> None:
    assert {path.suffix for path in source.iterdir()} == {".safetensors", ".json"}
    assert "backbone" not in json.loads((source / "config.json").read_text())
