"""Reading ahead: one thread makes what another one takes, as far as there is room."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Condition
from typing import Generic, TypeVar

Item = TypeVar("Item")


@contextmanager
def read_ahead(
    items: Generator[Item, None, None], *, size: Callable[[Item], int], room: int, most: int
) -> Iterator[Iterator[list[Item]]]:
    """Give the items in order, made by a thread of their own while earlier ones are used.

    They come in groups: all that have been made by then, one at least and ``most`` at most, so
    that nobody waits for a group to be full. The thread waits as long as the items that nobody has
    taken have a total ``size`` of ``room`` or more. What making them raises is raised where the
    next item would have come. When the block ends, however it ends, the thread has ended too, and
    the generator is closed.
    """
    waiting: _Waiting[Item] = _Waiting(size, room, most)

    def make() -> None:
        try:
            with closing(items):
                for item in items:
                    if not waiting.put(item):
                        return
        finally:
            waiting.end()

    def take() -> Iterator[list[Item]]:
        yield from waiting
        made.result()  # raises what the thread has raised

    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        made = pool.submit(make)
        try:
            yield take()
        finally:
            waiting.end()


class _Waiting(Generic[Item]):
    """Items between two threads."""

    def __init__(self, size: Callable[[Item], int], room: int, most: int) -> None:
        self._size = size
        self._room = room
        self._most = most
        self._taken = 0
        self._items: deque[Item] = deque()
        self._has_ended = False
        self._changed = Condition()

    def put(self, item: Item) -> bool:
        """Add an item as soon as there is room; return false where nobody wants it any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._taken < self._room or self._has_ended)
            if self._has_ended:
                return False
            self._items.append(item)
            self._taken += self._size(item)
            self._changed.notify_all()
            return True

    def end(self) -> None:
        """Let both sides stop waiting: nothing more comes, or nobody takes it."""
        with self._changed:
            self._has_ended = True
            self._changed.notify_all()

    def __iter__(self) -> Iterator[list[Item]]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._items or self._has_ended)
                if not self._items:
                    return
                group = [self._items.popleft() for _ in range(min(self._most, len(self._items)))]
                self._taken -= sum(map(self._size, group))
                self._changed.notify_all()
            yield group
