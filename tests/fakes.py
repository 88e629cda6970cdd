"""Parts that can be computed by hand, and a corpus written in a line."""

from __future__ import annotations

import re
import shutil
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from rag.read.decode import Reading
from rag.records import TokenVectors, Vectors

_WORD = re.compile(r"\w+")


class WordEncoder:
    """Counts words into hashed columns: texts are as near as the words that they share.

    A token is a word. ``n_encoded`` counts the passages that were encoded.
    """

    max_tokens = 256

    def __init__(self, name: str = "words", dimension: int = 64, weights: str = "0" * 64) -> None:
        self.name = name
        self.weights_sha256 = weights
        self.dimension = dimension
        self.n_encoded = 0

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(_words(text)) for text in texts]

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in _words(text) or [""]:
                row[zlib.crc32(word.encode()) % self.dimension] += 1
        unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        self.n_encoded += len(texts)
        return self.encode_queries(texts)

    def embed_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        return [
            (
                self.encode_queries(_words(text)),
                [(word.start(), word.end()) for word in _WORD.finditer(text)],
            )
            for text in texts
        ]


def _words(text: str) -> list[str]:
    return [word[0].lower() for word in _WORD.finditer(text)]


def write_files(folder: Path, texts: Mapping[str, str]) -> Path:
    """Make the folder hold exactly these files, text by relative path, and return it."""
    shutil.rmtree(folder, ignore_errors=True)
    for relative, text in texts.items():
        path = folder / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    return folder


class WordReader:
    """Takes the words of ``answers`` for short answers, and words of the question for support.

    A token is a word. ``n_read`` counts the texts that were read, ``contexts`` are what they stood
    under.
    """

    name = "words"

    def __init__(self, *answers: str) -> None:
        self.answers = {answer.lower() for answer in answers}
        self.n_read = 0
        self.contexts: list[str] = []

    def read(
        self, question: str, texts: Sequence[str], contexts: Sequence[str] = ()
    ) -> list[Reading]:
        self.n_read += len(texts)
        self.contexts += contexts
        return [self._read(question, text) for text in texts]

    def _read(self, question: str, text: str) -> Reading:
        words, asked = list(_WORD.finditer(text)), set(_words(question))
        found = [word.span() for word in words if word[0].lower() in self.answers]
        likely = np.array([4.0 if w.span() in found else -4.0 for w in words], dtype=np.float32)
        return Reading(
            answerable=3.0 if found else -3.0,
            span=8.0 if found else -8.0,
            start=found[0][0] if found else 0,
            end=found[0][1] if found else 0,
            offsets=np.array([word.span() for word in words], dtype=np.int64).reshape(-1, 2),
            support=np.array([2.0 * (w[0].lower() in asked) - 1 for w in words], dtype=np.float32),
            starts=likely,
            ends=likely,
        )
