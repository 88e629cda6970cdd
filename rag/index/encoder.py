"""The reference encoder: any SentenceTransformer, run by sentence-transformers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rag.index.weights import DEFAULT_MODEL, find_model
from rag.index.wordpieces import WordPieces, well_formed
from rag.records import Vectors

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

TokenVectors = tuple[Vectors, list[tuple[int, int]]]
"""A unit row for each token of a text, and the characters ``[start, end)`` that it stands for."""

NO_LIMIT = 10**6  # tokens; where a tokenizer knows no limit, it claims one beyond this
USUAL_LIMIT = 512  # tokens; what models without a limit of their own are commonly trained with


class SentenceEncoder:
    """A SentenceTransformer by name or path, see ``find_model``. May be shared by threads.

    Weights are read from ``.safetensors`` only, and no code that comes with a model is run.
    Queries and passages get the prompts that the model's configuration has for them. ``device``
    is torch's name for one; a GPU is taken where there is one and none is named.
    """

    def __init__(self, name: str = DEFAULT_MODEL, *, device: str | None = None) -> None:
        self.files = find_model(name)
        self.model = _load_model(self.files.folder, device)
        self.query_prompt = self._find_prompt("query")
        # `encode_document` alone would take the empty "document", which is there by default.
        self.passage_prompt = self._find_prompt("document", "passage", "corpus")
        tokenizer = _copy_tokenizer(self.model.tokenizer, self.name)
        if (self.model.max_seq_length or NO_LIMIT) >= NO_LIMIT:
            self.model.max_seq_length = USUAL_LIMIT
        self.wordpieces = WordPieces(tokenizer, int(self.model.max_seq_length))
        self._lock = Lock()  # transformers sets padding and truncation on the shared tokenizer
        self._dimension: int = self.encode_passages(["text"]).shape[1]

    @property
    def name(self) -> str:
        """The name of the model."""
        return self.files.name

    @property
    def weights_sha256(self) -> str:
        """What identifies the weights, see ``ModelFiles``."""
        return self.files.weights_sha256

    @property
    def settings_sha256(self) -> str:
        """What identifies how the model pools, prompts and cuts, see ``ModelFiles``."""
        return self.files.settings_sha256

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        return self._dimension

    @property
    def max_tokens(self) -> int:
        """How many of its own tokens the model sees; longer text is cut."""
        return self.wordpieces.max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many of the model's tokens each text has as a passage, none cut.

        The prompt for passages and the special tokens are included: the model sees all of a
        passage exactly if this is at most ``max_tokens``.
        """
        return self.wordpieces.count(texts, prompt=self.passage_prompt)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return a unit row for each query, in order; shape ``(0, d)`` for no texts.

        Raises:
            ValueError: If the model gives a vector that has no direction.
        """
        return self._encode(self.model.encode_query, texts, self.query_prompt)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return a unit row for each passage, in order; shape ``(0, d)`` for no texts.

        Raises:
            ValueError: If the model gives a vector that has no direction.
        """
        return self._encode(self.model.encode_document, texts, self.passage_prompt)

    def embed_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the contextual token vectors of each text, in order, without a prompt.

        Special tokens are left out, and so is what lies behind ``max_tokens``.
        """
        encodings = self.wordpieces.encode(texts)
        with self._lock:
            hidden = self.model.encode(
                [well_formed(text) for text in texts],
                prompt="",
                output_value="token_embeddings",
                show_progress_bar=False,
            )
        # Each text comes with the padding before it, where the model has it there, and none behind.
        return [
            token_vectors(rows[-len(encoding) :].float().cpu().numpy(), encoding)
            for rows, encoding in zip(hidden, encodings, strict=True)
        ]

    def _find_prompt(self, *names: str) -> str:
        return next(
            (self.model.prompts[name] for name in names if self.model.prompts.get(name)), ""
        )

    def _encode(self, encode: Any, texts: Sequence[str], prompt: str) -> Vectors:
        if not texts:
            return np.empty((0, self._dimension), dtype=np.float32)
        with self._lock:
            vectors = encode(
                [well_formed(text) for text in texts], prompt=prompt, show_progress_bar=False
            )
        return unit_rows(vectors)


def unit_rows(rows: NDArray[np.floating[Any]]) -> Vectors:
    """Return the rows, scaled to length 1; shape ``(n, d)``.

    Raises:
        ValueError: If a row has no direction: it is zero, or not finite.
    """
    vectors = np.asarray(rows, dtype=np.float32)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    bad = np.flatnonzero(~(np.isfinite(norms) & (norms > 0)))
    if bad.size:
        raise ValueError(
            f"vectors must be finite and not zero, got one of length {norms[bad[0], 0]} in row "
            f"{bad[0]}; the encoder's weights may be damaged"
        )
    unit: Vectors = vectors / norms
    return unit


def token_vectors(rows: NDArray[np.float32], encoding: Encoding) -> TokenVectors:
    """Return the rows of a text's tokens as unit rows with offsets, without special tokens."""
    kept = [i for i, special in enumerate(encoding.special_tokens_mask) if not special]
    offsets = encoding.offsets
    return unit_rows(rows[kept]), [offsets[i] for i in kept]


def _load_model(folder: Path, device: str | None) -> Any:
    from safetensors import SafetensorError
    from sentence_transformers import SentenceTransformer

    try:
        with _no_progress_bar():
            return SentenceTransformer(
                str(folder),
                device=device,
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise ValueError(
            f"the encoder's folder must hold a whole SentenceTransformer, got '{folder}': {reason}"
        ) from error


def _copy_tokenizer(tokenizer: Any, name: str) -> Tokenizer:
    """Return a copy of a model's tokenizer with its padding set; the original stays as it is."""
    from tokenizers import Tokenizer

    backend = getattr(tokenizer, "backend_tokenizer", None)
    if not isinstance(backend, Tokenizer):
        raise ValueError(
            f"the encoder must be a transformer with a tokenizer.json, got {name!r} with a "
            f"{type(tokenizer).__name__}; choose another model"
        )
    copy = Tokenizer.from_str(backend.to_str())
    copy.enable_padding(direction=tokenizer.padding_side, pad_id=tokenizer.pad_token_id or 0)
    return copy


@contextmanager
def _no_progress_bar() -> Iterator[None]:
    """Keep off the screen what transformers shows while it reads weights, an instant."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
