import itertools
import threading
from collections.abc import Generator, Iterator

import pytest

from rag.ingest.ahead import read_ahead


def flat(groups: Iterator[list[int]]) -> Iterator[int]:
    return itertools.chain.from_iterable(groups)


def test_items_come_in_order_and_all_of_them() -> None:
    numbers = (number for number in range(1000))
    with read_ahead(numbers, size=lambda item: 1, room=7, most=3) as groups:
        assert list(flat(groups)) == list(range(1000))


def test_what_has_been_made_comes_at_once_and_never_more_than_the_most() -> None:
    all_made = threading.Event()

    def make() -> Generator[int, None, None]:
        yield from range(5)
        all_made.set()

    with read_ahead(make(), size=lambda item: 1, room=9, most=3) as groups:
        assert all_made.wait(10)
        assert list(groups) == [[0, 1, 2], [3, 4]]


def test_nobody_waits_for_a_group_to_be_full() -> None:
    taken = threading.Event()

    def make() -> Generator[int, None, None]:
        yield 0
        assert taken.wait(10)  # the second one is made when the first one has been taken
        yield 1

    with read_ahead(make(), size=lambda item: 1, room=9, most=16) as groups:
        assert next(groups) == [0]
        taken.set()
        assert list(groups) == [[1]]


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
    with read_ahead(make(), size=lambda item: 10, room=20, most=1) as groups:
        assert [next(groups) for _ in range(3)] == [[0], [1], [2]]
        assert full.wait(10)
        assert len(made) <= 6
    assert len(made) <= 6


def test_an_item_larger_than_the_room_passes() -> None:
    numbers = (number for number in range(5))
    with read_ahead(numbers, size=lambda item: 10**9, room=1, most=9) as groups:
        assert list(flat(groups)) == list(range(5))


def test_what_making_raises_comes_after_what_was_made() -> None:
    def make() -> Generator[int, None, None]:
        yield 1
        raise KeyError("no more")

    with read_ahead(make(), size=lambda item: 1, room=5, most=9) as groups:
        assert next(groups) == [1]
        with pytest.raises(KeyError, match="no more"):
            next(groups)


def test_leaving_early_closes_the_generator_and_ends_the_thread() -> None:
    closed: list[bool] = []

    def make() -> Generator[int, None, None]:
        try:
            while True:
                yield 0
        finally:
            closed.append(True)

    before = threading.active_count()
    with read_ahead(make(), size=lambda item: 1, room=3, most=1) as groups:
        assert next(groups) == [0]
    assert closed == [True]
    assert threading.active_count() == before


def test_an_empty_generator_gives_nothing() -> None:
    nothing: Generator[int, None, None] = (number for number in range(0))
    with read_ahead(nothing, size=lambda item: 1, room=1, most=1) as groups:
        assert list(groups) == []
