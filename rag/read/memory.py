"""A reader that remembers what it has read: a list is answered from the passages of an answer."""

from __future__ import annotations

from collections.abc import Sequence

from rag.index.memory import Memory
from rag.read.decode import Reading
from rag.read.reader import Reader

N_REMEMBERED = 256  # readings; one of 160 tokens takes five kilobytes


class RememberingReader:
    """Reads as the given reader does, and a passage only once for the same question.

    May be shared by threads. The least recent readings are forgotten first.
    """

    def __init__(self, reader: Reader, *, n_readings: int = N_REMEMBERED) -> None:
        self._reader = reader
        self._readings: Memory[tuple[str, str, str], Reading] = Memory(n_readings)

    @property
    def name(self) -> str:
        """The reader's name."""
        return self._reader.name

    def read(
        self, question: str, texts: Sequence[str], contexts: Sequence[str] = ()
    ) -> list[Reading]:
        """Return the reading of each text, in order, from memory where it was read before."""
        contexts = contexts or [""] * len(texts)
        return self._readings.recall(
            [(question, *read) for read in zip(texts, contexts, strict=True)],
            lambda fresh: self._reader.read(
                question, [text for _, text, _ in fresh], [context for _, _, context in fresh]
            ),
        )
