"""A reader that remembers what it has read: a list is answered from the passages of an answer."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from rag.read.decode import Reading
from rag.read.reader import Reader

N_REMEMBERED = 256  # readings; one of 160 tokens takes five kilobytes


class RememberingReader:
    """Reads as the given reader does, and a passage only once for the same question.

    May be shared by threads. The least recent readings are forgotten first.
    """

    def __init__(self, reader: Reader, *, n_readings: int = N_REMEMBERED) -> None:
        self._reader = reader
        self._n_readings = n_readings
        self._readings: OrderedDict[tuple[str, str], Reading] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The reader's name."""
        return self._reader.name

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """Return the reading of each text, in order, from memory where it was read before."""
        with self._lock:
            known = {
                text: self._readings[question, text]
                for text in texts
                if (question, text) in self._readings
            }
        fresh = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(fresh, self._reader.read(question, fresh), strict=True))
        with self._lock:
            for text in texts:
                self._readings[question, text] = known[text]
                self._readings.move_to_end((question, text))
            while len(self._readings) > self._n_readings:
                self._readings.popitem(last=False)
        return [known[text] for text in texts]
