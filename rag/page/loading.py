"""A chatbot that is loaded in the background, while the page is already there."""

from __future__ import annotations

import threading
from collections.abc import Callable

from rag.chatbot import Chatbot
from rag.failures import EXPECTED, explain
from rag.index import Progress
from rag.page import wording

Load = Callable[[Callable[[Progress], None]], Chatbot]
"""Returns the chatbot; tells what it is given how far it is."""


class LoadingError(RuntimeError):
    """There is no chatbot, and why: one line for the person. Its cause is what went wrong."""


class Loading:
    """A chatbot that is on its way. May be shared by threads.

    Loading starts at once, in a thread that does not keep the process alive: an index that is
    being built when the process ends stays as it was.
    """

    def __init__(self, load: Load) -> None:
        self.progress: Progress | None = None
        self._load = load
        self._bot: Chatbot | None = None
        self._error: Exception | None = None
        self._is_left = False
        self._done = threading.Event()
        threading.Thread(target=self._run, name="loading", daemon=True).start()

    def wait(self, timeout: float | None = None) -> bool:
        """Return whether loading is done, for better or worse, after at most so many seconds."""
        return self._done.wait(timeout)

    @property
    def failed(self) -> str:
        """Why there is no chatbot, in one line; empty while it is loading, and when it is there."""
        if self._bot is not None or not self._done.is_set():
            return ""
        return wording.UNEXPECTED if self._error is None else explain(self._error)

    def chatbot(self) -> Chatbot:
        """Return the chatbot, after waiting for it.

        Raises:
            LoadingError: if it cannot be loaded.
        """
        self._done.wait()
        if self._bot is None:
            raise LoadingError(self.failed) from self._error
        return self._bot

    def leave(self) -> None:
        """Say that the process ends: what fails from now on is told nobody."""
        self._is_left = True

    def _run(self) -> None:
        try:
            self._bot = self._load(self._note)
        except EXPECTED as error:
            self._error = error
        except (ImportError, RuntimeError):
            if not self._is_left:  # nothing can be imported, for one, while the process ends
                raise
        finally:  # a bug, too, must not keep anyone waiting; its traceback goes to stderr
            self._done.set()

    def _note(self, progress: Progress) -> None:
        self.progress = progress
