import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.read.decode import MAX_ANSWER, NOTHING, Reading, decode, merge
from rag.read.pairs import Window


def window(n_passage: int, n_question: int = 3) -> Window:
    """A window whose passage's tokens are two characters each, with a blank between."""
    offsets = [(-1, -1)] * n_question + [(3 * i, 3 * i + 2) for i in range(n_passage)] + [(-1, -1)]
    n = len(offsets)
    return Window(0, np.arange(n), np.zeros(n, dtype=np.int64), np.array(offsets))


def logits(n: int, **high: float) -> np.ndarray:
    row = np.full(n, -5.0, dtype=np.float32)
    for place, value in high.items():
        row[int(place[1:])] = value
    return row


def read(n: int, start: dict[str, float], end: dict[str, float]) -> Reading:
    seen = window(n)
    size = len(seen.ids)
    return decode(seen, logits(size, **start), logits(size, **end), logits(size), 0.5)


def test_the_answer_is_the_likeliest_start_with_the_likeliest_end_behind_it() -> None:
    found = read(6, {"t4": 4.0}, {"t6": 3.0})
    assert (found.start, found.end) == (3, 11)  # tokens 1 to 3 of the passage
    assert found.span == 4.0 + 3.0 - (-5.0 - 5.0)
    assert found.answerable == 0.5


def test_an_end_before_its_start_is_no_answer() -> None:
    found = read(6, {"t6": 4.0}, {"t4": 3.0})
    assert found.end > found.start
    assert found.span == pytest.approx(4.0 - 5.0 + 10.0)


def test_the_question_and_the_first_token_cannot_hold_the_answer() -> None:
    found = read(4, {"t0": 9.0, "t1": 9.0, "t3": 1.0}, {"t0": 9.0, "t2": 9.0, "t3": 1.0})
    assert (found.start, found.end) == (0, 2)
    assert found.span == 2.0 - 18.0


def test_an_answer_has_at_most_thirty_tokens() -> None:
    found = read(80, {"t5": 4.0}, {"t70": 4.0, "t20": 1.0})
    assert (found.start, found.end) == (6, 3 * 17 + 2)
    assert (found.end - found.start) / 3 <= MAX_ANSWER


def test_a_passage_without_tokens_answers_nothing() -> None:
    found = read(0, {"t0": 4.0}, {"t0": 4.0})
    assert (found.start, found.end, found.span) == (0, 0, NOTHING)
    assert found.support_of(0, 5) == NOTHING


def test_a_sentence_is_supported_by_the_mean_of_its_tokens() -> None:
    seen = window(4)
    support = np.array([9, 9, 9, 1, 2, 3, 4, 9], dtype=np.float32)
    zeros = np.zeros(8, dtype=np.float32)
    found = decode(seen, zeros, zeros, support, 0.0)
    assert found.support_of(0, 5) == 1.5
    assert found.support_of(3, 11) == 3.0
    assert found.support_of(50, 60) == NOTHING


def test_of_several_windows_the_best_answer_counts() -> None:
    one, two = read(6, {"t4": 1.0}, {"t4": 1.0}), read(6, {"t5": 2.0}, {"t5": 2.0})
    both = merge([one, two])
    assert (both.start, both.end, both.span) == (two.start, two.end, two.span)
    assert len(both.support) == len(one.support) + len(two.support)


def test_a_sentence_has_a_best_answer_of_its_own() -> None:
    found = read(6, {"t4": 4.0, "t7": 2.0}, {"t4": 4.0, "t8": 2.0})
    assert found.span_in(0, 20) == (found.span, found.start, found.end) == (18.0, 3, 5)
    assert found.span_in(12, 20) == (14.0, 12, 17)
    assert found.span_in(50, 60) == (NOTHING, 50, 50)


def test_tokens_that_two_windows_share_count_once() -> None:
    one = read(6, {"t4": 1.0}, {"t5": 1.0})
    twice = merge([one, one])
    assert twice.span_in(0, 20) == one.span_in(0, 20)
    assert twice.support_of(0, 20) == one.support_of(0, 20)


@given(st.lists(st.floats(-9, 9, width=32), min_size=1, max_size=40), st.integers(0, 99))
@settings(derandomize=True, deadline=None, max_examples=100)
def test_the_best_answer_is_never_worse_than_any_pair_tried_by_hand(
    values: list[float], shift: int
) -> None:
    seen = window(len(values))
    n = len(seen.ids)
    start, end = np.zeros(n, dtype=np.float32), np.zeros(n, dtype=np.float32)
    start[3:-1] = values
    end[3:-1] = np.roll(values, shift % len(values))
    found = decode(seen, start, end, start, 0.0)
    top_starts, top_ends = (np.argsort(-row[3:-1], kind="stable")[:20] for row in (start, end))
    pairs = [
        float(start[3 + i] + end[3 + j])
        for i in top_starts
        for j in top_ends
        if 0 <= j - i < MAX_ANSWER
    ]
    assert found.start < found.end
    if pairs:
        assert found.span == pytest.approx(max(pairs), abs=1e-5)
