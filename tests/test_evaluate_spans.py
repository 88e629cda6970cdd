from hypothesis import given
from hypothesis import strategies as st

from rag.evaluate.spans import (
    Span,
    find_quote,
    intersect_spans,
    merge_spans,
    overlaps,
    total_length,
)

SPANS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 10)).map(lambda pair: (pair[0], sum(pair))),
    max_size=6,
)


def characters(spans: list[Span]) -> set[int]:
    return {position for start, end in spans for position in range(start, end)}


@given(SPANS)
def test_a_union_has_each_character_once(spans: list[Span]) -> None:
    merged = merge_spans(spans)
    assert characters(merged) == characters(spans)
    assert total_length(merged) == len(characters(spans))
    assert merged == sorted(merged)


@given(SPANS, SPANS)
def test_an_intersection_has_the_characters_of_both(left: list[Span], right: list[Span]) -> None:
    shared = intersect_spans(left, right)
    assert characters(shared) == characters(left) & characters(right)
    assert total_length(shared) == len(characters(left) & characters(right))


def test_spans_that_only_touch_do_not_overlap() -> None:
    assert not overlaps((0, 3), (3, 5))
    assert overlaps((0, 4), (3, 5))
    assert not overlaps((2, 2), (0, 5))


def test_offsets_of_a_quote_count_characters_in_any_script() -> None:
    text = "نص 🙂 العربية, 🙂 e\u0301"
    for start, end in [(0, 2), (3, 4), (5, 12), (16, 18)]:
        assert (start, end) in find_quote(text, text[start:end])


def test_a_quote_that_is_there_as_it_is_needs_no_looser_reading() -> None:
    assert find_quote("a b, a\nb", "a b") == [(0, 3)]
    assert find_quote("a\nb, a  b", "a b") == [(0, 3), (5, 9)]


def test_a_quote_is_taken_literally() -> None:
    assert find_quote("f(x)* and f(x).", "f(x)*") == [(0, 5)]
    assert find_quote("anything", ".*") == []
    assert find_quote("anything", " \n") == []
