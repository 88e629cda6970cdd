"""Who sits at which page: the owner of its conversations, and the one that is open there."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace

from rag.page.conversations import make_id

MAX_SEATS = 1_000  # as many as Gradio remembers; who is forgotten is known again after a reload


@dataclass(frozen=True, slots=True)
class Seat:
    """``owner`` is empty for somebody unknown, of whom nothing is kept."""

    owner: str
    conversation_id: str


class Seats:
    """The seats by session. May be shared by threads."""

    def __init__(self) -> None:
        self._seats: OrderedDict[str, Seat] = OrderedDict()
        self._lock = threading.Lock()

    def at(self, session: str | None) -> Seat:
        """Return the seat of a session; a new one is somebody unknown's, with nothing open."""
        with self._lock:
            return self._find(session)

    def take(self, session: str | None, owner: str) -> Seat:
        """Return the seat after its owner has become known; what is open there stays open."""
        return self._change(session, owner=owner)

    def turn_to(self, session: str | None, conversation_id: str = "") -> Seat:
        """Return the seat after another conversation was opened, by default a new one."""
        return self._change(session, conversation_id=conversation_id or make_id())

    def leave(self, session: str | None) -> None:
        """Forget the seat."""
        with self._lock:
            self._seats.pop(session or "", None)

    def _change(self, session: str | None, **what: str) -> Seat:
        with self._lock:
            seat = replace(self._find(session), **what)
            self._seats[session or ""] = seat
            return seat

    def _find(self, session: str | None) -> Seat:
        seat = self._seats.get(session or "") or Seat("", make_id())
        self._seats[session or ""] = seat
        self._seats.move_to_end(session or "")
        while len(self._seats) > MAX_SEATS:
            self._seats.popitem(last=False)
        return seat
