import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.generate.model.faults import Fault, ModelFaultError
from rag.generate.model.thoughts import MAX_THOUGHTS, leave_out_thoughts

TEXT = " <think>It fell. Or <b> not.</thin</think>\n\nIt rose <think> [1]."


def answer(*pieces: str) -> str:
    return "".join(leave_out_thoughts(pieces)).strip()


@given(st.lists(st.integers(1, len(TEXT) - 1), max_size=30))
def test_thoughts_are_no_answer_however_they_are_cut_into_pieces(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(TEXT)]
    pieces = [TEXT[a:b] for a, b in zip(places, places[1:], strict=False)]
    assert answer(*pieces) == "It rose <think> [1]."


@pytest.mark.parametrize("text", ["", " \n", "<thi", "<think>", "<think>It fell. It fell.</think"])
def test_thoughts_without_an_end_have_no_answer(text: str) -> None:
    assert answer(*text) == answer(text) == ""


@pytest.mark.parametrize("text", ["It rose.", "<thin ice", "< 5", "It <think> rose.", "a"])
def test_a_text_that_begins_otherwise_is_all_answer(text: str) -> None:
    assert answer(*text) == answer(text) == text


def test_a_piece_of_the_answer_waits_for_no_other() -> None:
    pieces = leave_out_thoughts(iter(["It", " rose", "."]))
    assert next(pieces) == "It"


def test_endless_thoughts_are_a_fault_and_long_ones_are_none() -> None:
    assert answer("<think>", "x" * (MAX_THOUGHTS - 100), "</think>It rose.") == "It rose."
    with pytest.raises(ModelFaultError) as failed:
        answer("<think>", *["x" * 1_000] * (MAX_THOUGHTS // 1_000 + 1))
    assert failed.value.fault is Fault.ENDLESS
