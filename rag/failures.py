"""What goes wrong, as one line and an exit code."""

from __future__ import annotations

from rag.index import IndexDamagedError, IndexMismatchError, LockedError

DONE = 0
INCOMPLETE = 1  # done, but for files that were skipped or questions that failed
WRONG_USE = 2  # what typer uses for this, too
BROKEN = 3  # the index or the corpus

EXPECTED = (ValueError, OSError, IndexDamagedError, LockedError)
"""What the rooms raise on purpose, with a line that names the way out. All else is a bug."""


def exit_code(error: Exception) -> int:
    """Return the exit code for an expected error.

    >>> exit_code(ValueError("k must be at least 1, got 0")), exit_code(FileNotFoundError())
    (2, 3)
    """
    if isinstance(error, (OSError, IndexMismatchError, IndexDamagedError, LockedError)):
        return BROKEN
    return WRONG_USE


def explain(error: Exception) -> str:
    r"""Return what an expected error says, in one line.

    >>> explain(PermissionError(13, "Permission denied", "/a")), explain(ValueError("a\nb"))
    ("permission denied: '/a'; mend its permissions or name another place", 'a b')
    """
    message = str(error)
    if isinstance(error, OSError) and error.strerror:
        place = f": '{error.filename}'" if error.filename is not None else ""
        message = f"{error.strerror.lower()}{place}"
        if isinstance(error, PermissionError):
            message += "; mend its permissions or name another place"
    return " ".join(message.split()) or type(error).__name__
