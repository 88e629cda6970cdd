"""Question and passage → the tokens that a reader sees together, with their places in the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rag.index.vocabulary import copy_uncut, open_tokenizer, save_tokenizer
from rag.index.wordpieces import find_width

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

MAX_TOKENS = 384  # of question and passage together, special tokens included
MAX_QUESTION = 96  # of them for the question, so that a passage is always seen
STRIDE = 64  # tokens that two windows of a long passage share

Tokens = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Window:
    """What the reader sees at once: a question and a passage, or a part of one.

    ``ids`` and ``types`` have an entry for each token; ``offsets`` of shape ``(n, 2)`` are the
    characters of the passage's text that each token stands for, -1 for tokens of the question, of
    the passage's context and special ones. ``text`` is the position of the passage in the batch.
    """

    text: int
    ids: Tokens
    types: Tokens
    offsets: Tokens

    @property
    def in_passage(self) -> NDArray[np.bool_]:
        """Which tokens are the passage's."""
        return self.offsets[:, 0] >= 0


class PairTokens:
    """A tokenizer for pairs of question and passage. May be shared by threads."""

    def __init__(self, tokenizer: Tokenizer, *, max_tokens: int = MAX_TOKENS) -> None:
        """Take a tokenizer whose template knows pairs; it is not changed."""
        self.max_tokens = max_tokens
        self.pad_id = int((tokenizer.padding or {"pad_id": 0})["pad_id"])
        self._tokenizer = tokenizer  # as long as it is held, others find it
        self._whole, self._cut = copy_uncut(tokenizer), copy_uncut(tokenizer)
        self._cut.enable_truncation(max_tokens, stride=STRIDE, strategy="only_second")

    @classmethod
    def from_file(cls, path: Path, *, max_tokens: int = MAX_TOKENS) -> PairTokens:
        """Return the tokenizer in a ``tokenizer.json``."""
        return cls(open_tokenizer(path), max_tokens=max_tokens)

    def save(self, path: Path) -> None:
        """Write the tokenizer as a ``tokenizer.json``."""
        save_tokenizer(self._tokenizer, path, pad_id=self.pad_id, pads_left=False)

    def windows(
        self, question: str, texts: Sequence[str], contexts: Sequence[str] = ()
    ) -> list[Window]:
        """Return the windows of all texts, in order; a text has one unless it is long.

        Of a question only the first 96 tokens are seen. A context stands above its text and is seen
        in the first window of it.
        """
        asked = self._shorten(question)
        above = [f"{context}\n" if context else "" for context in contexts or [""] * len(texts)]
        pairs = [(asked, before + text) for before, text in zip(above, texts, strict=True)]
        found = []
        for number, encoding in enumerate(self._cut.encode_batch(pairs)):
            parts = (encoding, *encoding.overflowing)
            found += [_read(number, part, len(above[number])) for part in parts]
        return found

    def pad(self, windows: Sequence[Window]) -> dict[str, Tokens]:
        """Return the inputs of the network, ``(n, width)`` each, padded on the right."""
        longest = max(len(window.ids) for window in windows)
        shape = (len(windows), find_width(longest, self.max_tokens))
        ids = np.full(shape, self.pad_id, dtype=np.int64)
        mask, types = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        for row, window in enumerate(windows):
            n = len(window.ids)
            ids[row, :n], mask[row, :n], types[row, :n] = window.ids, 1, window.types
        return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}

    def _shorten(self, question: str) -> str:
        encoding = self._whole.encode(question, add_special_tokens=False)
        if len(encoding) <= MAX_QUESTION:
            return question
        return question[: encoding.offsets[MAX_QUESTION - 1][1]]


def _read(number: int, encoding: Encoding, n_above: int) -> Window:
    """Return the window of an encoding whose first characters are not the passage's."""
    offsets = np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2) - n_above
    of_pair = np.array([sequence == 1 for sequence in encoding.sequence_ids])
    of_passage = of_pair & (offsets[:, 0] >= 0)
    return Window(
        number,
        np.array(encoding.ids, dtype=np.int64),
        np.array(encoding.type_ids, dtype=np.int64),
        np.where(of_passage[:, None], offsets, -1),
    )
