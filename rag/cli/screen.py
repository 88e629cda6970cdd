"""Where things are shown: results on standard output, all about them on standard error."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

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


class CountColumn(ProgressColumn):
    """How many of how many are done, and how many in a second."""

    def render(self, task: Task) -> Text:
        """Return both, or nothing as long as nobody has counted."""
        if task.total is None:
            return Text()
        speed = task.finished_speed or task.speed
        rate = "" if speed is None else f", {speed:,.0f} a second"
        return Text(f"{task.completed:,.0f} of {task.total:,.0f}{rate}")


@contextmanager
def show_progress(first: str) -> Iterator[Tell]:
    """Show how far something is on standard error, until the block ends; nothing stays behind.

    ``first`` says what is going on until the block tells. Where standard error is no terminal,
    nothing is shown.
    """
    progress = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        CountColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )
    with progress:
        task = progress.add_task(first, total=None)

        def tell(phase: str, done: int, total: int | None) -> None:
            if progress.tasks[0].description != phase:
                progress.reset(task, total=total, description=phase)  # and with it the rate
            progress.update(task, completed=done, total=total)

        yield tell
