from __future__ import annotations

from rag.page.attempts import MAX_FAILURES, MAX_REMEMBERED, PAUSE, Attempts


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_after_too_many_failures_there_is_a_pause() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    for _ in range(MAX_FAILURES):
        assert attempts.wait_for("a") == 0
        attempts.note("a", succeeded=False)
    assert attempts.wait_for("a") == PAUSE
    clock.now = PAUSE - 0.5
    assert attempts.wait_for("a") == 1
    clock.now = PAUSE
    assert attempts.wait_for("a") == 0


def test_a_success_makes_up_for_the_failures_before_it() -> None:
    attempts = Attempts(Clock())
    for succeeded in [False] * (MAX_FAILURES - 1) + [True, False]:
        attempts.note("a", succeeded=succeeded)
    assert attempts.wait_for("a") == 0


def test_nobody_waits_for_the_failures_of_another() -> None:
    attempts = Attempts(Clock())
    for _ in range(MAX_FAILURES):
        attempts.note("a", succeeded=False)
    assert attempts.wait_for("b") == 0


def test_as_many_addresses_as_there_are_do_not_fill_the_memory() -> None:
    attempts = Attempts(Clock())
    for n in range(MAX_REMEMBERED + 10):
        attempts.note(str(n), succeeded=False)
    assert len(attempts._failures) == MAX_REMEMBERED
