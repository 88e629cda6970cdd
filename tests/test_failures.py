import pytest

from rag.failures import BROKEN, EXPECTED, WRONG_USE, exit_code, explain
from rag.index import IndexDamagedError, IndexMismatchError, LockedError


def test_an_error_is_explained_on_one_line() -> None:
    assert explain(ValueError("one\n two")) == "one two"
    assert explain(OSError()) == "OSError"


@pytest.mark.parametrize("error", [IndexMismatchError, IndexDamagedError, LockedError, OSError])
def test_a_broken_index_or_corpus_has_an_exit_code_of_its_own(error: type[Exception]) -> None:
    assert exit_code(error("x")) == BROKEN
    assert issubclass(error, EXPECTED)


def test_wrong_use_is_what_a_value_error_says() -> None:
    assert exit_code(ValueError("k must be at least 1, got 0")) == WRONG_USE
