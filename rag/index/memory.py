"""What was computed is kept for a while: the same texts come again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Memory(Generic[K, V]):
    """Keeps the values of so many keys; may be shared by threads.

    The least recently used are forgotten first.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()

    def recall(self, keys: Sequence[K], compute: Callable[[list[K]], Iterable[V]]) -> list[V]:
        """Return the value of each key, in order.

        Those not kept are computed in one call, each once; without any there is no call.
        """
        with self._lock:
            known = {key: self._values[key] for key in keys if key in self._values}
        fresh = [key for key in dict.fromkeys(keys) if key not in known]
        known.update(zip(fresh, compute(fresh) if fresh else (), strict=True))
        with self._lock:
            for key in keys:
                self._values[key] = known[key]
                self._values.move_to_end(key)
            while len(self._values) > self._size:
                self._values.popitem(last=False)
        return [known[key] for key in keys]
