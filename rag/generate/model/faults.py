"""How long to wait for a language model, and what can go wrong with it, in a sentence."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from enum import Enum


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The longest that a person waits for a language model, in seconds.

    ``connect`` is for one connection; ``first_token`` counts from the question to the first token
    and holds all connections, tries and pauses between them; ``between_tokens`` is the longest
    silence after it; ``total`` the whole answer. ``rewriting`` is for the query of a follow-up,
    which comes before the answer and is short. A question is answered within ``rewriting + total``
    and what the answer without a model takes.
    """

    connect: float = 5.0  # a server that is there answers in milliseconds
    first_token: float = 30.0  # a long prompt on a CPU takes ten
    between_tokens: float = 15.0
    total: float = 120.0
    rewriting: float = 10.0

    def __post_init__(self) -> None:
        for field in fields(self):
            seconds = getattr(self, field.name)
            if not (seconds > 0 and math.isfinite(seconds)):
                raise ValueError(f"{field.name} must be above 0 seconds, got {seconds}")


class Fault(Enum):
    """What can go wrong with a language model; the value is what a person is told.

    The sentences are fixed: nothing that a server sent, and nothing of where it is, is in them.
    """

    UNREACHABLE = "The language model could not be reached"
    KEY = "The language model's server did not accept the key"
    UNKNOWN = "The language model's server does not have this model"
    REJECTED = "The language model's server rejected the request"
    BUSY = "The language model's server is busy"
    FAILED = "The language model's server failed"
    SLOW = "The language model took too long"
    BROKEN = "The language model broke off"
    GARBLED = "The language model's server sent what cannot be read"
    EMPTY = "The language model wrote nothing"
    ENDLESS = "The language model came to no end"
    UNSUPPORTED = "The articles support nothing of what the language model wrote"
    NO_ROOM = "The question leaves no room for passages in the language model's prompt"
    PAUSED = "The language model failed several times and is left alone for a while"


class ModelFaultError(RuntimeError):
    """A language model did not do what it was asked to; ``fault`` is why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def read_status(status: int) -> tuple[Fault, bool]:
    """Return what a status means, and whether to try again.

    >>> read_status(429), read_status(401)[1]
    ((<Fault.BUSY: "The language model's server is busy">, True), False)
    """
    if status == 429:
        return Fault.BUSY, True
    if status >= 500:
        return Fault.FAILED, True
    if status in (401, 403):
        return Fault.KEY, False
    return (Fault.UNKNOWN if status == 404 else Fault.REJECTED), False


def read_retry_after(header: str) -> float:
    """Return the seconds of a ``Retry-After``; 0 where it does not give any.

    >>> read_retry_after("1.5"), read_retry_after("-3"), read_retry_after("soon")
    (1.5, 0.0, 0.0)
    """
    try:
        return max(0.0, float(header))
    except ValueError:
        return 0.0  # a date is allowed too, and answered with our own back-off
