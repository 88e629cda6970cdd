"""A circuit breaker: what failed several times in a row is left alone for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

N_FAILURES = 3  # in a row; one or two may be chance
PAUSE = 30.0  # seconds: about as long as a server takes to start again


class CircuitBreaker:
    """Counts failures in a row, and says whether another try is worth it. May be shared by threads.

    After ``n_failures`` of them the answer is no for ``pause`` seconds; then it is yes again, and
    the first failure brings the next pause. A success forgets all failures. ``clock`` returns
    seconds.
    """

    def __init__(
        self,
        *,
        n_failures: int = N_FAILURES,
        pause: float = PAUSE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if n_failures < 1:
            raise ValueError(f"n_failures must be at least 1, got {n_failures}")
        if not pause >= 0:
            raise ValueError(f"pause must be at least 0 seconds, got {pause}")
        self._limit = n_failures
        self._pause = pause
        self._clock = clock
        self._n_failed = 0
        self._closed_again = float("-inf")
        self._lock = threading.Lock()

    @property
    def allows(self) -> bool:
        """Whether to try."""
        with self._lock:
            return self._clock() >= self._closed_again

    def note_failure(self) -> None:
        """Count a failure."""
        with self._lock:
            self._n_failed += 1
            if self._n_failed >= self._limit:
                self._closed_again = self._clock() + self._pause

    def note_success(self) -> None:
        """Forget the failures so far."""
        with self._lock:
            self._n_failed = 0
            self._closed_again = float("-inf")
