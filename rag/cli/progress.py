"""The progress bar; apart from ``screen``, as without a terminal nobody needs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

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

from rag.cli.screen import Tell, err


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
def progress_bar(first: str) -> Iterator[Tell]:
    """Show a bar on standard error until the block ends; see `rag.cli.screen.show_progress`."""
    progress = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        CountColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
    )
    with progress:
        task = progress.add_task(first, total=None)

        def tell(phase: str, done: int, total: int | None) -> None:
            if progress.tasks[0].description != phase:
                progress.reset(task, total=total, description=phase)  # and with it the rate
            progress.update(task, completed=done, total=total)

        yield tell
