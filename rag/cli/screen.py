"""Where things are shown: results on standard output, all about them on standard error."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console, RenderableType

# An answer is full of brackets and colons: nothing in it is markup.
out = Console(markup=False, highlight=False, emoji=False)
err = Console(markup=False, highlight=False, emoji=False, stderr=True)

Tell = Callable[[str, int, int | None], None]
"""Takes what is going on, how many are done, and how many there are, ``None`` for unknown."""


def show(what: RenderableType = "") -> None:
    """Print a result: wrapped to the width of a terminal, and as it is for a file or a pipe."""
    out.print(what, soft_wrap=not out.is_terminal)


def show_json(what: Mapping[str, object]) -> None:
    """Print an object as JSON and nothing else.

    It is plain ASCII, since only that comes through whatever encoding standard output has.
    """
    out.file.write(json.dumps(what, allow_nan=False, indent=2) + "\n")
    out.file.flush()


def say(message: str) -> None:
    """Tell the person something in one line that is no result."""
    err.print(f"rag: {message}", soft_wrap=True)


def count(n: int, noun: str) -> str:
    """Return a number of things in words.

    >>> count(1, "document"), count(1200, "passage")
    ('1 document', '1,200 passages')
    """
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


@contextmanager
def show_progress(first: str) -> Iterator[Tell]:
    """Show how far something is on standard error, until the block ends; nothing stays behind.

    ``first`` says what is going on until the block tells. Where standard error is no terminal,
    nothing is shown.
    """
    if not err.is_terminal:
        yield lambda phase, done, total: None
        return
    from rag.cli.progress import progress_bar

    with progress_bar(first) as tell:
        yield tell
