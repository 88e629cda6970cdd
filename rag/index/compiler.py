"""Makes the compiled encoder from the reference, once, and finds it again."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from random import Random
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rag.index.compiled import MAKER, MODEL, TOKENIZER, Card, CompiledEncoder
from rag.index.encoder import SentenceEncoder
from rag.index.runtime import fastest_precision, import_converter, import_openvino
from rag.index.sealed import is_intact, sealed_folder
from rag.index.weights import DEFAULT_MODEL, ModelFiles, find_model
from rag.records import Encoder

if TYPE_CHECKING:
    import torch

LEAST_COSINE = 0.999  # to the reference; all-MiniLM-L6-v2 in bf16 has 0.9999 at worst
N_PROBES = 32  # texts that both encode; a few short ones do not tell bf16 from f32
PACKAGES = ("openvino", "sentence-transformers", "tokenizers", "torch", "transformers")

COMPILING = Lock()
"""Held while a network is traced: what that silences is silenced for the whole process."""


def load_encoder(name: str = DEFAULT_MODEL, *, cache: Path) -> tuple[Encoder, list[str]]:
    """Return the encoder, compiled where possible, and notices for the person.

    It is compiled now unless ``cache`` holds it, whole, from these very weights and settings.
    A damaged one is made again, with a notice. Where OpenVINO cannot run or convert the model,
    or the cache cannot be written, the reference encoder is returned, with a notice.

    Raises:
        ValueError: If the model is not on this machine, see ``find_model``.
    """
    with ThreadPoolExecutor(max_workers=1) as worker:
        # May read all weights, while OpenVINO is imported; those of the default model are read
        # by whoever compiles it.
        finding = worker.submit(find_model, name, verify=False)
        with suppress(ImportError):  # which is told below
            import_openvino()
        files = finding.result()
    notices: list[str] = []
    try:
        return _open_or_compile(name, cache / _key(files), notices), notices
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        notices = [f"the encoder runs uncompiled, which is slower: {reason}"]
        return SentenceEncoder(name), notices


def compile_encoder(encoder: SentenceEncoder, folder: Path) -> CompiledEncoder:
    """Return the encoder compiled to OpenVINO, after writing it into the folder.

    Whoever is killed meanwhile leaves the folder as it was, or whole. One writer at a time.
    The model of ``encoder`` moves to the CPU and to eager attention.

    Raises:
        ImportError: If OpenVINO cannot be imported.
        OSError: If the folder cannot be written.
        RuntimeError: If the model cannot be converted, or then differs from the reference.
        ValueError: If pooling leaves out a prompt, which tokens alone do not tell.
    """
    encoder.model.to("cpu")
    # OpenVINO's fused attention gives NaN for padding that may look at nothing, which is before
    # the text or far behind it; this one does not, and measures as fast.
    encoder.model.transformers_model.set_attn_implementation("eager")
    with sealed_folder(folder, MAKER) as draft:
        _convert(encoder, draft / MODEL)
        encoder.wordpieces.save(draft / TOKENIZER)
        for precision in dict.fromkeys([fastest_precision(), "f32"]):
            card = _describe(encoder, precision)
            if _agreement(CompiledEncoder.from_draft(draft, card), encoder) >= LEAST_COSINE:
                break
        else:
            raise RuntimeError(f"the compiled {encoder.name!r} differs from the original")
        card.write(draft)
    return CompiledEncoder.from_folder(folder)


def _open_or_compile(name: str, folder: Path, notices: list[str]) -> CompiledEncoder:
    import_openvino()
    if folder.exists():
        try:
            return CompiledEncoder.from_folder(folder)
        except (RuntimeError, ValueError):
            notices.append(f"the compiled encoder in '{folder}' was damaged and was made again")
    folder.parent.mkdir(parents=True, exist_ok=True)
    from filelock import FileLock  # which a question needs not

    with FileLock(folder.parent / "LOCK"):
        if not notices and is_intact(folder, MAKER):  # another process was faster
            return CompiledEncoder.from_folder(folder)
        with COMPILING:
            return compile_encoder(SentenceEncoder(name, device="cpu"), folder)


def _key(files: ModelFiles) -> str:
    """Return what the compiled encoder is kept under: another model has another key."""
    parts = (files.name, files.weights_sha256, files.settings_sha256)
    return sha256("\n".join(parts).encode()).hexdigest()[:16]


def _describe(encoder: SentenceEncoder, precision: str) -> Card:
    return Card(
        name=encoder.name,
        weights_sha256=encoder.weights_sha256,
        settings_sha256=encoder.files.settings_sha256,
        dimension=encoder.dimension,
        max_tokens=encoder.max_tokens,
        query_prompt=encoder.query_prompt,
        passage_prompt=encoder.passage_prompt,
        precision=precision,
        versions={package: version(package) for package in PACKAGES},
    )


def _agreement(compiled: CompiledEncoder, encoder: SentenceEncoder) -> float:
    """Return the least cosine between the two, over texts drawn from the model's vocabulary.

    They are of all lengths, the longest beyond what the model sees, and in no language.
    """
    words, draw = encoder.wordpieces.vocabulary(), Random(0)
    sizes = [*range(N_PROBES - 1), encoder.max_tokens]
    texts = [" ".join(draw.choices(words, k=size)) for size in sizes]
    expected = np.concatenate([encoder.encode_queries(texts[:9]), encoder.encode_passages(texts)])
    try:
        found = np.concatenate(
            [compiled.encode_queries(texts[:9]), compiled.encode_passages(texts)]
        )
    except ValueError:
        return -1.0  # not finite: beyond the range of this precision
    return float((expected * found).sum(axis=1).min())


def _convert(encoder: SentenceEncoder, path: Path) -> None:
    """Write the model as OpenVINO's ``.xml`` and ``.bin``, pooling and normalisation inside."""
    prompted = encoder.query_prompt or encoder.passage_prompt
    if prompted and any(getattr(part, "include_prompt", True) is False for part in encoder.model):
        raise ValueError(f"{encoder.name!r} pools without its prompt, which cannot be compiled")
    # Texts of two lengths, so that the attention mask becomes part of the graph.
    arrays = encoder.wordpieces.arrays(encoder.wordpieces.encode(["one", "a longer example"]))
    names = encoder.model.tokenizer.model_input_names
    example = {key: arrays[key] for key in arrays if key in names}
    write_graph(_as_graph(encoder.model), example, path)


def write_graph(graph: torch.nn.Module, example: Mapping[str, NDArray[Any]], path: Path) -> None:
    """Write a network as OpenVINO's ``.xml`` and ``.bin``, traced with an example of its inputs."""
    import torch

    openvino, converter = import_openvino(), import_converter()
    tensors = {name: torch.from_numpy(array) for name, array in example.items()}
    with torch.inference_mode(), quiet_tracing():
        model = converter.convert_model(graph, example_input=tensors)
    # Half the bytes to read and check at every start; in f32 the cosine stays above 0.99999.
    openvino.save_model(model, path, compress_to_fp16=True)


def _as_graph(model: Any) -> torch.nn.Module:
    """Return the model with tensors where it has dictionaries: pooled and token vectors."""
    import torch

    class Graph(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(
            self,
            input_ids: torch.Tensor,
            attention_mask: torch.Tensor,
            token_type_ids: torch.Tensor | None = None,
        ) -> tuple[torch.Tensor, torch.Tensor]:
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            if token_type_ids is not None:
                features["token_type_ids"] = token_type_ids
            features = self.model(features)
            pooled = features["sentence_embedding"]
            return pooled[:, : self.model.truncate_dim], features["token_embeddings"]

    return Graph().eval()


@contextmanager
def quiet_tracing() -> Iterator[None]:
    """Silence what torch and transformers say of tracing; ``_agreement`` decides on it."""
    import torch

    logger = logging.getLogger("transformers")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", torch.jit.TracerWarning)  # type: ignore[attr-defined]
            warnings.simplefilter("ignore", DeprecationWarning)
            warnings.simplefilter("ignore", FutureWarning)
            yield
    finally:
        logger.setLevel(level)
