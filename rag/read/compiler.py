"""Makes the compiled reader from its weights, once, and finds it again."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from rag.index.compiler import COMPILING, quiet_tracing, write_graph
from rag.index.runtime import fastest_precision
from rag.index.sealed import is_intact, sealed_folder
from rag.index.weights import DEFAULT_MODEL, find_model, hash_files
from rag.read.network import CONFIG, WEIGHTS, load_network
from rag.read.pairs import MAX_TOKENS, PairTokens
from rag.read.reader import MAKER, MODEL, TOKENIZER, Card, CompiledReader

SHIPPED = Path(__file__).parent / "weights"
"""The folder of the reader that comes with the package."""

SHIPPED_SHA256 = "431ca77c0ff742c61a1b83e16d23384f2115904a26caaa8928034df6cb38b159"
"""What its weights and configuration hash to."""

NO_READER = "none"
"""What names none."""

MOST_DIFFERENCE = 0.25  # of a logit, between the compiled and the torch network


def load_reader(name: str = "", *, cache: Path) -> tuple[CompiledReader | None, list[str]]:
    """Return the reader, compiled, and notices for the person.

    ``name`` is a folder with a reader made by ``training/train.py``, or with any extractive
    question-answering model of transformers, as safetensors; by default the reader that comes with
    the package, and ``none`` is none. It is compiled now unless ``cache`` holds it, whole, from
    these very weights. Where it is damaged, or cannot be compiled or kept, there is none, with a
    notice.

    Raises:
        ValueError: if a named folder holds no such model.
    """
    check_reader(name)
    if name == NO_READER:
        return None, []
    try:
        return _find_or_compile(Path(name) if name else SHIPPED, cache), []
    except (ImportError, OSError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        return None, [f"answers are chosen without the reader, which is less sure: {reason}"]


def _find_or_compile(folder: Path, cache: Path) -> CompiledReader:
    is_shipped = folder == SHIPPED  # and known: a question need not read what was compiled before
    sha256 = SHIPPED_SHA256 if is_shipped else _hash_weights(folder)
    made = cache / sha256[:16]
    with suppress(ValueError):  # not there yet, or damaged
        return CompiledReader.from_folder(made)
    if is_shipped and _hash_weights(folder) != SHIPPED_SHA256:
        raise OSError("its weights are damaged; install the package again")
    cache.mkdir(parents=True, exist_ok=True)
    from filelock import FileLock  # which a question needs not

    with FileLock(cache / "LOCK"), COMPILING:
        if not is_intact(made, MAKER):  # no other process was faster
            compile_reader(folder, made, Card(folder.name, sha256, MAX_TOKENS, "f32"))
    return CompiledReader.from_folder(made)


def _hash_weights(folder: Path) -> str:
    return hash_files(folder, sorted([*folder.glob("*.safetensors"), *folder.glob("*.json")]))


def check_reader(name: str) -> None:
    """Raise a ``ValueError`` unless this names a reader as `load_reader` takes it."""
    folder = Path(name)
    if name in ("", NO_READER) or (
        (folder / CONFIG).is_file()
        and ((folder / WEIGHTS).is_file() or (folder / "model.safetensors").is_file())
    ):
        return
    raise ValueError(
        f"the reader must be a folder with {CONFIG} and safetensors, got {name!r}; "
        "name one made by training/train.py, or an extractive question-answering model"
    )


def compile_reader(source: Path, folder: Path, card: Card) -> None:
    """Write the reader of a folder, compiled to OpenVINO, into another.

    Raises:
        OSError: if the weights cannot be read.
        RuntimeError: if the compiled network differs from the original.
    """
    from safetensors import SafetensorError

    try:
        with quiet_tracing():
            network, tokenizer = open_model(source)
    except SafetensorError as error:
        raise OSError(f"the weights in '{source}' are damaged: {error}") from None
    tokens = PairTokens.from_file(tokenizer)
    windows = tokens.windows("Which of them?", ["one", "a longer example of a passage. " * 9])
    arrays = tokens.pad(windows)
    with sealed_folder(folder, MAKER) as draft:
        convert(network, arrays, draft / MODEL)
        tokens.save(draft / TOKENIZER)
        for precision in dict.fromkeys([fastest_precision(), "f32"]):
            tried = Card(card.name, card.weights_sha256, card.max_tokens, precision)
            if difference(CompiledReader.from_draft(draft, tried), network, arrays) < (
                MOST_DIFFERENCE
            ):
                break
        else:
            raise RuntimeError(f"the compiled {card.name!r} differs from the original")
        tried.write(draft)


def open_model(source: Path) -> tuple[Any, Path]:
    """Return the network of a folder, and its ``tokenizer.json``.

    A reader of ours may leave its embeddings and its tokenizer to the default encoder.
    """
    encoder = find_model(DEFAULT_MODEL).folder
    own = source / TOKENIZER
    tokenizer = own if own.is_file() else encoder / TOKENIZER
    if (source / WEIGHTS).is_file():
        return load_network(source, encoder / "model.safetensors"), tokenizer
    return adapt_question_answering(source), tokenizer


def adapt_question_answering(source: Path) -> Any:
    """Return a transformers model for extractive question answering with our outputs.

    Such a model knows the span alone. That there is an answer is judged by the best token of the
    passage against none, and a sentence supports it as much as its tokens may begin or end it.
    """
    import torch
    from transformers import AutoModelForQuestionAnswering

    class Adapted(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = AutoModelForQuestionAnswering.from_pretrained(
                source, local_files_only=True, trust_remote_code=False, use_safetensors=True
            )

        def forward(
            self,
            input_ids: torch.Tensor,
            attention_mask: torch.Tensor,
            token_type_ids: torch.Tensor,
        ) -> tuple[torch.Tensor, ...]:
            given = {"input_ids": input_ids, "attention_mask": attention_mask}
            if getattr(self.model.config, "type_vocab_size", 0) > 1:
                given["token_type_ids"] = token_type_ids
            out = self.model(**given)
            start, end = out.start_logits, out.end_logits
            none = start[:, :1] + end[:, :1]
            support = torch.maximum(start - start[:, :1], end - end[:, :1])
            hidden = (token_type_ids * attention_mask) == 0
            low = torch.finfo(start.dtype).min / 4
            best = start.masked_fill(hidden, low).amax(1) + end.masked_fill(hidden, low).amax(1)
            return start, end, support, best - none.squeeze(1)

    return Adapted().eval()


def convert(network: Any, arrays: dict[str, Any], path: Path) -> None:
    """Write the network as OpenVINO's ``.xml`` and ``.bin``."""
    if hasattr(network, "backbone"):
        network.backbone.set_attn_implementation("eager")  # fused attention gives NaN for padding
    write_graph(network, arrays, path)


def difference(compiled: CompiledReader, network: Any, arrays: dict[str, Any]) -> float:
    """Return the largest difference of a logit that counts, over the example."""
    import torch

    with torch.inference_mode():
        expected = network(**{name: torch.from_numpy(array) for name, array in arrays.items()})
    found = compiled.infer_arrays(arrays)
    mask = arrays["attention_mask"].astype(bool)
    worst = 0.0
    for wanted, got in zip(expected, found, strict=True):
        gap = np.abs(wanted.numpy() - got)
        gap = gap[mask] if gap.ndim == 2 else gap  # padding says nothing
        worst = max(worst, float(gap.max())) if np.isfinite(gap).all() else float("inf")
    return worst
