"""What several test files share: the encoders, small models of any kind, and the browser."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rag.index.compiler import load_encoder
from rag.index.encoder import SentenceEncoder
from rag.read.compiler import load_reader
from rag.read.reader import Reader
from rag.records import Encoder

TOKENS = (
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "a", "cat", "dog", "sat", "ran", "on"),
    *("under", "mat", "query", "passage", ":", ".", "good", "very", "long", "text"),
)


CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The system's Chromium, once for all tests."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def _no_language_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a language model that the person who runs the tests has configured out of them."""
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "OPENAI_MODEL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where encoder and reader lie compiled, as in an index, once a test has asked for them."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def encoder(models: Path) -> Encoder:
    """The default encoder, compiled: once for all tests."""
    encoder, notices = load_encoder(cache=models / "encoder")
    if notices:
        raise RuntimeError(notices)
    return encoder


@pytest.fixture(scope="session")
def reader(models: Path) -> Reader:
    """The reader that comes with the package, compiled: once for all tests."""
    reader, notices = load_reader(cache=models / "reader")
    if reader is None:
        raise RuntimeError(notices)
    return reader


@pytest.fixture(scope="session")
def lend_models(models: Path, encoder: Encoder, reader: Reader) -> Callable[[Path], None]:
    """Give the folder of an index the compiled models, so that nothing is compiled again."""

    def lend(index: Path) -> None:
        index.mkdir(parents=True, exist_ok=True)
        for folder in models.iterdir():
            (index / folder.name).symlink_to(folder)

    return lend


@pytest.fixture(scope="session")
def reference() -> SentenceEncoder:
    """The default encoder as sentence-transformers runs it."""
    return SentenceEncoder(device="cpu")


@pytest.fixture
def make_model(tmp_path: Path) -> Callable[..., Path]:
    """Write a SentenceTransformer of 2 layers and 32 dimensions, its weights drawn at random.

    ``kind`` is ``bert``, or a decoder, which pads before the text, such as ``qwen3``.
    """

    def make(
        name: str = "tiny", *, kind: str = "bert", seed: int = 0, pooling: Any = "mean", **how: Any
    ) -> Path:
        import torch
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
        from transformers import AutoConfig, AutoModel, BertTokenizer

        torch.manual_seed(seed)
        base, folder = tmp_path / f"{name}-base", tmp_path / name
        vocabulary = {token: i for i, token in enumerate(TOKENS)}
        side = "right" if kind == "bert" else "left"
        BertTokenizer(vocab=vocabulary, padding_side=side).save_pretrained(base)
        config = AutoConfig.for_model(
            kind,
            vocab_size=len(TOKENS),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=64,
            num_key_value_heads=2,
            head_dim=16,
            initializer_range=0.5,  # wide enough for texts to differ
        )
        model = AutoModel.from_config(config)  # type: ignore[no-untyped-call]
        model.save_pretrained(base)
        pool = Pooling(32, pooling, include_prompt=how.pop("include_prompt", True))
        encoder = SentenceTransformer(modules=[Transformer(str(base)), pool], device="cpu", **how)
        encoder.save_pretrained(str(folder), create_model_card=False)
        return folder

    return make
