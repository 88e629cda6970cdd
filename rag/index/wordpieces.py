"""The encoder's own tokens: counted, cut, and packed into batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rag.index.vocabulary import copy_uncut, open_tokenizer, save_tokenizer

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

BATCH_TOKENS = 2048  # padding included; 1024 to 8192 encode as fast, and memory grows with it
FEW_TOKENS = 512  # of a batch for a question, which takes 20 MB less of memory so
BLOCK = 256  # texts that are tokenized at a time: all cores have work, and memory is bounded
STEP = 16  # widths of batches are its multiples, so that a kernel made for one serves many


class WordPieces:
    """A model's tokenizer and the most tokens that it sees. May be shared by threads."""

    def __init__(self, tokenizer: Tokenizer, max_tokens: int) -> None:
        """Take a tokenizer that has its padding set; it is not changed.

        Padding happens here, batch by batch: the tokenizer would pad all texts of a call alike.
        """
        padding = tokenizer.padding
        if padding is None:
            raise ValueError("tokenizer must have its padding set, got one without")
        self._pad_id: int = padding["pad_id"]
        self._pads_left: bool = padding["direction"] == "left"
        self._tokenizer = tokenizer  # as long as it is held, others find it
        self._whole, self._cut = copy_uncut(tokenizer), copy_uncut(tokenizer)
        self._cut.enable_truncation(max_tokens)
        self.max_tokens = max_tokens

    @classmethod
    def from_file(cls, path: Path, max_tokens: int) -> WordPieces:
        """Return what ``save`` has written."""
        return cls(open_tokenizer(path), max_tokens)

    def save(self, path: Path) -> None:
        """Write the tokenizer with its padding, as a ``tokenizer.json``."""
        save_tokenizer(self._tokenizer, path, pad_id=self._pad_id, pads_left=self._pads_left)

    def vocabulary(self) -> list[str]:
        """Return all tokens that the model knows, in the order of their ids."""
        ids = self._whole.get_vocab()
        return sorted(ids, key=ids.__getitem__)

    def count(self, texts: Sequence[str], *, prompt: str = "") -> list[int]:
        """Return how many tokens each text has behind the prompt, special tokens included."""
        counts: list[int] = []
        for start in range(0, len(texts), BLOCK):
            block = [prompt + well_formed(text) for text in texts[start : start + BLOCK]]
            counts += map(len, self._whole.encode_batch_fast(block))
        return counts

    def encode(self, texts: Sequence[str], *, prompt: str = "") -> list[Encoding]:
        """Return the tokens of each text behind the prompt, cut after ``max_tokens``."""
        return self._cut.encode_batch([prompt + well_formed(text) for text in texts])

    def batches(
        self, texts: Sequence[str], *, prompt: str = "", batch_tokens: int = BATCH_TOKENS
    ) -> Iterator[tuple[list[int], list[Encoding]]]:
        """Yield all texts as batches of similar length: their positions and their tokens.

        The longest come first, so that the peak of memory is reached at once. Tokenizing takes
        2 % of the time of encoding and already uses all cores; doing both at once gains nothing.
        """
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]), reverse=True)
        for start in range(0, len(order), BLOCK):
            rows = order[start : start + BLOCK]
            encodings = self.encode([texts[row] for row in rows], prompt=prompt)
            widths = [find_width(len(encoding), self.max_tokens) for encoding in encodings]
            for batch in pack(widths, batch_tokens=batch_tokens):
                yield [rows[i] for i in batch], [encodings[i] for i in batch]

    def arrays(self, encodings: Sequence[Encoding]) -> dict[str, NDArray[np.int64]]:
        """Return the inputs of the model, ``(n, width)`` each, padded on the model's side."""
        width = find_width(max(len(encoding) for encoding in encodings), self.max_tokens)
        shape = (len(encodings), width)
        ids = np.full(shape, self._pad_id, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        types = np.zeros(shape, dtype=np.int64)
        for row, encoding in enumerate(encodings):
            span = self.span(len(encoding), width)
            ids[row, span] = encoding.ids
            mask[row, span] = encoding.attention_mask
            types[row, span] = encoding.type_ids
        return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}

    def span(self, size: int, width: int) -> slice:
        """Return where the tokens of a text stand in its padded row."""
        return slice(width - size, width) if self._pads_left else slice(0, size)


def pack(sizes: Sequence[int], *, batch_tokens: int) -> Iterator[list[int]]:
    """Yield the positions of all texts, longest first, in batches of at most ``batch_tokens``.

    A batch takes its longest text's tokens for each of its texts. A text that is longer than
    ``batch_tokens`` is a batch of its own.

    >>> list(pack([3, 8, 4, 4], batch_tokens=8))
    [[1], [2, 3], [0]]
    """
    batch: list[int] = []
    for i in sorted(range(len(sizes)), key=lambda i: -sizes[i]):
        if batch and (len(batch) + 1) * sizes[batch[0]] > batch_tokens:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def find_width(n_tokens: int, most: int) -> int:
    """Return how wide a batch is whose longest text has so many tokens; ``most`` is the widest.

    OpenVINO makes kernels for each shape that it meets, which costs a question's first answer
    more than the padding does; and a width of whole vector registers computes faster.

    >>> find_width(9, 256), find_width(16, 256), find_width(250, 250)
    (16, 16, 250)
    """
    return max(n_tokens, min(most, -(-n_tokens // STEP) * STEP))


def well_formed(text: str) -> str:
    """Return the text with ``?`` for lone surrogates: JSON can carry them, UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")
