"""An encoder that remembers the tokens of texts it has read: the same passages come again."""

from __future__ import annotations

from collections.abc import Sequence

from rag.index.fingerprint import settings_of
from rag.index.memory import Memory
from rag.records import Encoder, TokenVectors, Vectors

N_REMEMBERED = 256  # texts; a passage of 160 tokens takes a quarter of a megabyte


class RememberingEncoder:
    """Encodes as the given encoder does, and reads each text's tokens only once.

    May be shared by threads. The least recently used texts are forgotten first.
    """

    def __init__(self, encoder: Encoder, *, n_texts: int = N_REMEMBERED) -> None:
        self._encoder = encoder
        self._tokens: Memory[str, TokenVectors] = Memory(n_texts)

    @property
    def name(self) -> str:
        """The encoder's name."""
        return self._encoder.name

    @property
    def weights_sha256(self) -> str:
        """The checksum of the encoder's weights."""
        return self._encoder.weights_sha256

    @property
    def settings_sha256(self) -> str:
        """The checksum of the encoder's settings; empty where it has none to set."""
        return settings_of(self._encoder)

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._encoder.dimension

    @property
    def max_tokens(self) -> int:
        """How many tokens the encoder sees."""
        return self._encoder.max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many of the model's own tokens each text has."""
        return self._encoder.count_tokens(texts)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return a unit row for each query."""
        return self._encoder.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return a unit row for each passage."""
        return self._encoder.encode_passages(texts)

    def embed_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the tokens of each text, from memory where it was read before."""
        return self._tokens.recall(texts, self._encoder.embed_tokens)
