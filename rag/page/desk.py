"""A person's place at the page: the articles of everybody, and beside them the person's own."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from rag.chatbot import Chatbot
from rag.index import Index, JoinedIndex, Progress
from rag.page import wording
from rag.page.loading import Loading
from rag.page.offered import Offered
from rag.page.shelf import Outcome, Shelf

PLACE = "yours"  # in front of the names of a person's own articles
MAX_DESKS = 40  # with articles of their own at a time: 4 GB of disk at most
GRACE = 600.0  # seconds that articles outlast the page: a connection may just be interrupted


class Desk:
    """What a person asks: everybody's chatbot, or one that knows the person's articles as well.

    It can stand wherever a `Loading` can. May be shared by threads.
    """

    def __init__(self, loading: Loading) -> None:
        self.loading = loading
        self._folder: Path | None = None
        self._shelf: Shelf | None = None
        self._own: Index | None = None
        self._bots: dict[bool, Chatbot] = {}  # by whether only the person's own articles answer
        self._only_own = False
        self._lock = threading.Lock()

    def wait(self, timeout: float | None = None) -> bool:
        """Return whether everybody's chatbot is loaded, as `Loading.wait`."""
        return self.loading.wait(timeout)

    @property
    def failed(self) -> str:
        """Why there is no chatbot, as `Loading.failed`."""
        return self.loading.failed

    @property
    def n_own(self) -> int:
        """How many articles are the person's own."""
        own = self._own
        return 0 if own is None else own.n_documents

    @property
    def own(self) -> Index | None:
        """The index of the person's own articles, if there are any."""
        return self._own if self.n_own else None

    def added(self) -> list[str]:
        """Return the files of the person's own articles, as they are named on their shelf."""
        shelf = self._shelf
        return [] if shelf is None else shelf.added()

    @property
    def only_own(self) -> bool:
        """Whether only the person's own articles answer, where there are some."""
        return self._only_own

    @only_own.setter
    def only_own(self, wanted: bool) -> None:
        self._only_own = wanted

    def chatbot(self) -> Chatbot:
        """Return what answers here, after waiting for it.

        Raises:
            LoadingError: if the articles of everybody cannot be loaded.
        """
        shared = self.loading.chatbot()
        with self._lock:
            own, only = self.own, self._only_own
            if own is None:
                return shared
            if only not in self._bots:
                index = own if only else JoinedIndex(shared.index, own)
                self._bots[only] = Chatbot(
                    index,
                    shared.encoder,
                    generator=shared.generator,
                    mode=shared.mode,
                    k=shared.k,
                )
            return self._bots[only]

    def add(
        self,
        offered: Sequence[Offered],
        folder: Path,
        tell: Callable[[Progress], None] = lambda progress: None,
    ) -> list[Outcome]:
        """Add articles that are the person's own; their files and index lie below the folder.

        Raises:
            OSError: if the disk is full.
        """
        shelf = self._open_shelf(folder)
        outcomes = shelf.add(offered, tell)
        self._take_up(shelf)
        return outcomes

    def remove(self, relative: str) -> None:
        """Remove an article of the person's own.

        Raises:
            ValueError: if there is no such.
        """
        if self._shelf is None:
            raise ValueError(wording.NOT_ADDED_HERE.format(file=relative))
        self._shelf.remove(relative)
        self._take_up(self._shelf)

    def close(self) -> None:
        """Delete the person's articles; everybody's go on answering."""
        with self._lock:
            folder, self._folder, self._shelf, self._own = self._folder, None, None, None
            self._bots.clear()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def _open_shelf(self, folder: Path) -> Shelf:
        bot = self.loading.chatbot()
        with self._lock:
            if self._shelf is None:
                place = PLACE
                while any(row.doc_id.startswith(f"{place}/") for row in bot.documents()):
                    place += "-"  # so that no article hides another
                self._folder = Path(tempfile.mkdtemp(prefix="own-", dir=folder))
                self._shelf = Shelf(
                    self._folder / "articles",
                    self._folder / "index",
                    bot.encoder,
                    place=place,
                    private=True,
                )
            return self._shelf

    def _take_up(self, shelf: Shelf) -> None:
        """Answer from what is on the shelf now."""
        own = Index.open(shelf.folder, self.loading.chatbot().encoder) if shelf.added() else None
        with self._lock:
            self._own = own
            self._bots.clear()


class Desks:
    """The places of all who are at the page, by session. May be shared by threads.

    ``folder`` is where articles of their own lie, for as long as they are there and a while
    longer: ``grace`` seconds. At most ``n_desks`` people have some at a time.
    """

    def __init__(
        self, loading: Loading, folder: Path, *, grace: float = GRACE, n_desks: int = MAX_DESKS
    ) -> None:
        self.loading = loading
        self._folder = folder
        self._grace = grace
        self._n_desks = n_desks
        self._desks: dict[str, Desk] = {}
        self._leaving: dict[str, threading.Timer] = {}
        self._lock = threading.Lock()

    def at(self, session: str | None) -> Desk:
        """Return the place of a session; who has left and comes back in time finds it again."""
        with self._lock:
            if timer := self._leaving.pop(session or "", None):
                timer.cancel()
                self._wait_for(session or "")
            return self._desks.get(session or "") or Desk(self.loading)

    def add(
        self,
        session: str,
        offered: Sequence[Offered],
        tell: Callable[[Progress], None] = lambda progress: None,
    ) -> list[Outcome]:
        """Add articles to the session's own, as `Desk.add`.

        Raises:
            ValueError: if too many people have articles of their own.
            OSError: if the disk is full.
        """
        with self._lock:
            if session not in self._desks and len(self._desks) >= self._n_desks:
                raise ValueError(wording.NO_SEATS)
            desk = self._desks.setdefault(session, Desk(self.loading))
        return desk.add(offered, self._folder, tell)

    def leave(self, session: str | None) -> None:
        """Note that the page of a session has been closed; its articles are deleted in a while."""
        with self._lock:
            if session in self._desks and session not in self._leaving:
                self._wait_for(session)

    def close(self) -> None:
        """Delete the articles of all sessions."""
        with self._lock:
            sessions = list(self._desks)
        for session in sessions:
            self._forget(session)

    def _wait_for(self, session: str) -> None:
        timer = threading.Timer(self._grace, self._forget, [session])
        timer.daemon = True
        self._leaving[session] = timer
        timer.start()

    def _forget(self, session: str) -> None:
        with self._lock:
            if timer := self._leaving.pop(session, None):
                timer.cancel()
            desk = self._desks.pop(session, None)
        if desk is not None:
            desk.close()
