"""The articles as the page changes them: a person's own, and those of the corpus."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rag.failures import EXPECTED, explain
from rag.index import LockedError, Progress
from rag.page import wording
from rag.page.articles import (
    CORPUS,
    OWN,
    draw_adding,
    draw_done,
    draw_lists,
    draw_outcomes,
    draw_trouble,
    file_key,
)
from rag.page.desk import GRACE, Desks
from rag.page.loading import Loading, LoadingError
from rag.page.offered import Offered, find_fault, find_fault_of_text, write_pasted
from rag.page.shelf import Outcome, Shelf

LOOK = 0.15  # seconds between two looks at how far indexing is
PAUSE = 60.0  # seconds between two looks for what was changed in the corpus: each reads all of it
ADDED = "added"  # the folder of the corpus that files from the page go to

Tell = Callable[[Progress], None]


class Library:
    """Adds and removes articles, for a session or for everybody. May be shared by threads.

    ``folder`` is private, and holds what belongs to sessions. ``corpus`` is that of everybody and
    ``index`` its index; without them, nothing is added for everybody.
    """

    def __init__(
        self,
        loading: Loading,
        folder: Path,
        *,
        corpus: Path | None = None,
        index: Path | None = None,
        grace: float = GRACE,
        pause: float = PAUSE,
    ) -> None:
        self.desks = Desks(loading, folder, grace=grace)
        self._loading = loading
        self._folder = folder
        self._places = (corpus, index) if corpus is not None and index is not None else None
        self._shelf: Shelf | None = None
        self._lock = threading.Lock()
        self._pause = pause
        self._looked = time.monotonic()  # the corpus is indexed now, as the page starts
        self._looking = threading.Lock()

    @property
    def is_open(self) -> bool:
        """Whether articles can be added for everybody."""
        return self._places is not None

    def draw(self, session: str | None) -> str:
        """Return the lists of the articles; empty as long as they are being read."""
        if self._loading.failed or not self._loading.wait(0):
            return ""
        desk = self.desks.at(session)
        own = desk.own
        shelf = self._corpus_shelf()
        return draw_lists(
            [] if own is None else own.documents(),
            desk.added(),
            self._loading.chatbot().documents(),
            [] if shelf is None else shelf.added(),
        )

    def catch_up(self) -> str:
        """Index what was changed in the corpus's folder; return what to say about it.

        It is looked for at most once a minute, and by one at a time. What was indexed before
        answers until that is done, and where it cannot be done.
        """
        if self._loading.failed or not self._loading.wait(0):
            return ""
        shelf = self._corpus_shelf()
        if shelf is None or not self._looking.acquire(blocking=False):
            return ""
        try:
            if time.monotonic() - self._looked < self._pause:
                return ""
            self._looked = time.monotonic()
            return self._follow(shelf)
        finally:
            self._looking.release()

    def add(self, session: str, offered: Sequence[Offered], *, keep: bool) -> Iterator[str]:
        """Yield how far adding the files is, then what became of each.

        They become the session's own or, to ``keep``, part of the corpus. What goes wrong on
        purpose is said in one sentence. Whoever stops looking does not stop it.
        """
        names = [each.name for each in offered]
        faults = {
            each.name: fault
            for each in offered
            if (fault := find_fault(each.name, each.path.stat().st_size))
        }
        outcomes: list[Outcome] = []
        trouble: list[str] = []
        latest: list[Progress | None] = [None]
        done = threading.Event()

        def work() -> None:
            try:
                outcomes.extend(self._add(session, offered, keep, latest.append))
            except (LoadingError, *EXPECTED) as error:
                trouble.append(explain(error))
            finally:  # a bug, too, must not keep anyone waiting; its traceback goes to stderr
                done.set()

        yield draw_adding(names, None, faults)
        threading.Thread(target=work, name="adding", daemon=True).start()
        while not done.wait(LOOK):
            yield draw_adding(names, latest[-1], faults)
        if outcomes:
            yield draw_outcomes(outcomes)
        else:
            yield draw_trouble(trouble[0] if trouble else wording.UNEXPECTED)

    def paste(self, session: str, title: str, text: str, *, keep: bool) -> Iterator[str]:
        """Yield how far adding a pasted text is, as `add`."""
        if fault := find_fault_of_text(text):
            yield draw_trouble(fault)
            return
        yield from self.add(session, [write_pasted(title, text, self._folder)], keep=keep)

    def remove(self, session: str | None, target: str) -> str:
        """Remove the article that a button is for; return what to say about it."""
        shelf = self._corpus_shelf()
        desk = self.desks.at(session)
        kind, _, key = target.split(" ")[0].partition("-")
        files = desk.added() if kind == OWN else shelf.added() if shelf and kind == CORPUS else []
        relative = next((each for each in files if file_key(each) == key), None)
        if relative is None:
            return draw_trouble(wording.GONE_ALREADY)
        try:
            if kind == OWN:
                desk.remove(relative)
            elif shelf is not None:
                shelf.remove(relative)
                self._loading.chatbot().refresh()
        except EXPECTED as error:
            return draw_trouble(explain(error))
        return draw_done(wording.REMOVED.format(file=relative))

    def _add(
        self, session: str, offered: Sequence[Offered], keep: bool, tell: Tell
    ) -> list[Outcome]:
        shelf = self._corpus_shelf() if keep else None
        if shelf is None:
            return self.desks.add(session, offered, tell)
        outcomes = shelf.add(offered, tell)
        self._loading.chatbot().refresh()
        return outcomes

    def _follow(self, shelf: Shelf) -> str:
        try:
            report = shelf.update()
        except LockedError:  # whoever is indexing it will have read what has changed
            return ""
        except EXPECTED as error:
            return draw_trouble(explain(error))
        n_changed = len(report.plan.to_read | report.plan.to_remove)
        if not n_changed:
            return ""
        bot = self._loading.chatbot()
        bot.refresh()
        bot.report = report
        return draw_done(wording.CAUGHT_UP.format(files=wording.count(n_changed, "file")))

    def _corpus_shelf(self) -> Shelf | None:
        if self._places is None:
            return None
        with self._lock:
            if self._shelf is None:
                encoder = self._loading.chatbot().encoder
                self._shelf = Shelf(*self._places, encoder, place=ADDED)
            return self._shelf
