"""How often somebody may try a password."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

MAX_FAILURES = 5  # in a row: a person who mistypes stays below
PAUSE = 60.0  # seconds: 5 guesses a minute are 7,200 a day, too few for any password worth the name
MAX_REMEMBERED = 10_000  # addresses; the oldest are forgotten first


class Attempts:
    """Failed attempts by address. For one thread.

    >>> attempts = Attempts(now=lambda: 0.0)
    >>> for _ in range(MAX_FAILURES):
    ...     attempts.note("192.0.2.1", succeeded=False)
    >>> attempts.wait_for("192.0.2.1"), attempts.wait_for("192.0.2.2")
    (60, 0)
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait_for(self, address: str) -> int:
        """Return in how many seconds the address may try again; 0 for now."""
        failures, last = self._failures.get(address, (0, 0.0))
        left = last + PAUSE - self._now()
        if left <= 0:
            self._failures.pop(address, None)
            return 0
        return int(left + 0.999) if failures >= MAX_FAILURES else 0

    def note(self, address: str, *, succeeded: bool) -> None:
        """Note how an attempt ended; a success makes up for the failures before it."""
        failures, _ = self._failures.pop(address, (0, 0.0))
        if succeeded:
            return
        self._failures[address] = (failures + 1, self._now())
        while len(self._failures) > MAX_REMEMBERED:
            self._failures.popitem(last=False)
