"""The reader that serves on a CPU: compiled to OpenVINO, without torch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from rag.index.compiled import ModelCard, check_whole
from rag.index.runtime import Network
from rag.index.wordpieces import FEW_TOKENS, find_width, pack
from rag.read.decode import Logits, Reading, decode, merge
from rag.read.pairs import PairTokens, Tokens, Window

MAKER = "compiled reader, format 1"
MODEL, TOKENIZER = "model.xml", "tokenizer.json"


class Reader(Protocol):
    """Reads passages for what answers a question."""

    @property
    def name(self) -> str: ...  # noqa: D102

    def read(
        self, question: str, texts: Sequence[str], contexts: Sequence[str] = ()
    ) -> list[Reading]:
        """Return the reading of each text, in order; ``[]`` for no texts.

        A context is what a text stands under, its title and headings: it is read with the text, and
        holds no answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class Card(ModelCard):
    """What a compiled reader was made from, and what it needs to know at run time."""

    file = "reader.json"

    name: str
    weights_sha256: str
    max_tokens: int
    precision: str


class CompiledReader:
    """A compiled reader; runs on openvino and tokenizers alone. May be shared by threads."""

    def __init__(self, card: Card, network: Network, tokens: PairTokens) -> None:
        self.card = card
        self._network = network
        self._tokens = tokens

    @classmethod
    def from_folder(cls, folder: Path) -> CompiledReader:
        """Return the reader in the folder, after checking every byte of it.

        Raises:
            ValueError: if the folder does not hold a whole compiled reader of this format.
        """
        check_whole(folder, MAKER, "reader")
        return cls.from_draft(folder, Card.read(folder))

    @classmethod
    def from_draft(cls, folder: Path, card: Card) -> CompiledReader:
        """Return the reader in a folder that nobody has vouched for yet."""
        network = Network(folder / MODEL, card.precision)
        tokens = PairTokens.from_file(folder / TOKENIZER, max_tokens=card.max_tokens)
        return cls(card, network, tokens)

    @property
    def name(self) -> str:
        """The name of the model."""
        return self.card.name

    def read(
        self, question: str, texts: Sequence[str], contexts: Sequence[str] = ()
    ) -> list[Reading]:
        """Return the reading of each text, in order; ``[]`` for no texts."""
        windows = self._tokens.windows(question, texts, contexts)
        readings: dict[int, list[Reading]] = defaultdict(list)
        widths = [find_width(len(window.ids), self._tokens.max_tokens) for window in windows]
        for batch in pack(widths, batch_tokens=FEW_TOKENS):
            chosen = [windows[i] for i in batch]
            for window, reading in zip(chosen, self._infer(chosen), strict=True):
                readings[window.text].append(reading)
        return [merge(readings[number]) for number in range(len(texts))]

    def _infer(self, windows: Sequence[Window]) -> list[Reading]:
        start, end, support, answerable = self.infer_arrays(self._tokens.pad(windows))
        return [
            decode(window, start[row, :n], end[row, :n], support[row, :n], float(answerable[row]))
            for row, window in enumerate(windows)
            for n in [len(window.ids)]
        ]

    def infer_arrays(self, arrays: Mapping[str, Tokens]) -> list[Logits]:
        """Return the logits of padded inputs: start, end and support of each token, answerable."""
        result = self._network.run(arrays)
        return [np.array(result[i]) for i in range(4)]
