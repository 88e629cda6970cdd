"""The pieces of a language model's text → those of its answer: some models think aloud first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rag.generate.model.faults import Fault, ModelFaultError

OPENING, CLOSING = "<think>", "</think>"
MAX_THOUGHTS = 24_000  # characters: what a server of fifty tokens a second writes in two minutes


def leave_out_thoughts(pieces: Iterable[str]) -> Iterator[str]:
    """Yield what follows the thoughts that a text begins with; of thoughts without an end, nothing.

    >>> list(leave_out_thoughts(["<thi", "nk>It fell. Or", " not.</think>It", " rose."]))
    ['It', ' rose.']

    Raises:
        ModelFaultError: The thoughts are longer than ``MAX_THOUGHTS``.
    """
    rest = iter(pieces)
    head = ""  # what may be a border of thoughts, or the start of one
    n_thoughts = 0
    for piece in rest:
        head += piece
        if n_thoughts == 0:
            start = head.lstrip()[: len(OPENING)]
            if not start or not OPENING.startswith(start):
                yield head
                head = ""
                if start:
                    break
            if start != OPENING:
                continue
        n_thoughts += len(piece)
        _, found, answer = head.partition(CLOSING)
        if found:
            yield answer
            break
        if n_thoughts > MAX_THOUGHTS:
            raise ModelFaultError(Fault.ENDLESS)
        head = head[-len(CLOSING) :]
    yield from rest
