"""The encoder that serves on a CPU: a SentenceTransformer compiled to OpenVINO, without torch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from rag.index.encoder import TokenVectors, token_vectors, unit_rows
from rag.index.runtime import Network
from rag.index.sealed import is_intact
from rag.index.wordpieces import FEW_TOKENS, WordPieces
from rag.records import Vectors

MAKER = "compiled encoder, format 1"
MODEL, TOKENIZER = "model.xml", "tokenizer.json"


class ModelCard:
    """What a compiled model was made from: a dataclass that is kept as JSON in ``file``."""

    file: ClassVar[str]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Return the card in the folder, whose checksum the caller has verified."""
        return cls(**json.loads((folder / cls.file).read_bytes()))

    def write(self, folder: Path) -> None:
        """Write the card into the folder."""
        text = json.dumps(asdict(self), indent=1)  # type: ignore[call-overload]
        (folder / self.file).write_text(text, encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Card(ModelCard):
    """What a compiled encoder was made from, and what it needs to know at run time.

    ``precision`` is OpenVINO's name of the fastest one that the CPU of the time had and that
    agreed with the reference; ``versions`` are those of the packages that took part.
    """

    file = "encoder.json"

    name: str
    weights_sha256: str
    settings_sha256: str
    dimension: int
    max_tokens: int
    query_prompt: str
    passage_prompt: str
    precision: str
    versions: dict[str, str]


class CompiledEncoder:
    """A compiled SentenceTransformer; runs on openvino and tokenizers alone.

    May be shared by threads. ``compile_encoder`` makes one.
    """

    def __init__(self, card: Card, network: Network, wordpieces: WordPieces) -> None:
        self.card = card
        self._network = network
        self._wordpieces = wordpieces

    @classmethod
    def from_folder(cls, folder: Path) -> CompiledEncoder:
        """Return the encoder in the folder, after checking every byte of it.

        Raises:
            ValueError: If the folder does not hold a whole compiled encoder of this format.
        """
        check_whole(folder, MAKER, "encoder")
        return cls.from_draft(folder, Card.read(folder))

    @classmethod
    def from_draft(cls, folder: Path, card: Card) -> CompiledEncoder:
        """Return the encoder in a folder that nobody has vouched for yet."""
        network = Network(folder / MODEL, card.precision)
        return cls(card, network, WordPieces.from_file(folder / TOKENIZER, card.max_tokens))

    @property
    def name(self) -> str:
        """The name of the model."""
        return self.card.name

    @property
    def weights_sha256(self) -> str:
        """What identifies the weights that it was compiled from, see ``ModelFiles``."""
        return self.card.weights_sha256

    @property
    def settings_sha256(self) -> str:
        """What identifies how the model pools, prompts and cuts, see ``ModelFiles``."""
        return self.card.settings_sha256

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        return self.card.dimension

    @property
    def max_tokens(self) -> int:
        """How many of its own tokens the model sees; longer text is cut."""
        return self.card.max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many of the model's tokens each text has as a passage, none cut.

        The prompt for passages and the special tokens are included: the model sees all of a
        passage exactly if this is at most ``max_tokens``.
        """
        return self._wordpieces.count(texts, prompt=self.card.passage_prompt)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return a unit row for each query, in order; shape ``(0, d)`` for no texts.

        Raises:
            ValueError: If the model gives a vector that has no direction.
        """
        return self._encode(texts, self.card.query_prompt)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return a unit row for each passage, in order; shape ``(0, d)`` for no texts.

        Raises:
            ValueError: If the model gives a vector that has no direction.
        """
        return self._encode(texts, self.card.passage_prompt)

    def embed_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the contextual token vectors of each text, in order, without a prompt.

        Special tokens are left out, and so is what lies behind ``max_tokens``.
        """
        found: dict[int, TokenVectors] = {}
        for rows, encodings in self._wordpieces.batches(texts, batch_tokens=FEW_TOKENS):
            _, tokens = self._infer(encodings)
            for row, encoding, padded in zip(rows, encodings, tokens, strict=True):
                span = self._wordpieces.span(len(encoding), len(padded))
                found[row] = token_vectors(padded[span], encoding)
        return [found[row] for row in range(len(texts))]

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for rows, encodings in self._wordpieces.batches(texts, prompt=prompt):
            vectors[rows], _ = self._infer(encodings)
        return unit_rows(vectors)

    def _infer(self, encodings: Sequence[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the pooled and the token vectors of a batch. The latter cost nothing extra."""
        result = self._network.run(self._wordpieces.arrays(encodings))
        return result[0], result[1]


def check_whole(folder: Path, maker: str, kind: str) -> None:
    """Raise a ``ValueError`` unless every byte of a compiled model is as it was made."""
    if not is_intact(folder, maker):
        raise ValueError(
            f"the folder must hold a whole compiled {kind}, got '{folder}'; "
            f"delete it and load the {kind} again"
        )
