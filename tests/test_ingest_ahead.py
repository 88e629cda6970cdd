import threading
from collections.abc import Generator

import pytest

from rag.ingest.ahead import read_ahead


def test_items_come_in_order_and_all_of_them() -> None:
    with read_ahead((number for number in range(1000)), size=lambda item: 1, room=7) as items:
        assert list(items) == list(range(1000))


def test_no_more_is_made_than_there_is_room_for() -> None:
    made: list[int] = []
    full = threading.Event()

    def make() -> Generator[int, None, None]:
        for number in range(100):
            made.append(number)
            if number == 5:
                full.set()
            yield number

    # Two of size 10 fill the room of 20; a third is made and waits. Each one taken makes room.
    with read_ahead(make(), size=lambda item: 10, room=20) as items:
        assert [next(items) for _ in range(3)] == [0, 1, 2]
        assert full.wait(10)
        assert len(made) <= 6
    assert len(made) <= 6


def test_an_item_larger_than_the_room_passes() -> None:
    with read_ahead((number for number in range(5)), size=lambda item: 10**9, room=1) as items:
        assert list(items) == list(range(5))


def test_what_making_raises_comes_after_what_was_made() -> None:
    def make() -> Generator[int, None, None]:
        yield 1
        raise KeyError("no more")

    with read_ahead(make(), size=lambda item: 1, room=5) as items:
        assert next(items) == 1
        with pytest.raises(KeyError, match="no more"):
            next(items)


def test_leaving_early_closes_the_generator_and_ends_the_thread() -> None:
    closed: list[bool] = []

    def make() -> Generator[int, None, None]:
        try:
            while True:
                yield 0
        finally:
            closed.append(True)

    before = threading.active_count()
    with read_ahead(make(), size=lambda item: 1, room=3) as items:
        assert next(items) == 0
    assert closed == [True]
    assert threading.active_count() == before


def test_an_empty_generator_gives_nothing() -> None:
    with read_ahead((number for number in range(0)), size=lambda item: 1, room=1) as items:
        assert list(items) == []
