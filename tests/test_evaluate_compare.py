import json
from pathlib import Path
from typing import Any

import pytest

from rag.evaluate.compare import compare_runs, read_run


def make_run(**rows: tuple[bool, dict[str, float]]) -> dict[str, Any]:
    return {
        "questions": [
            {"id": name, "passed": passed, "measures": measures}
            for name, (passed, measures) in rows.items()
        ]
    }


def test_measures_are_compared_over_the_questions_that_have_them_in_both_runs() -> None:
    old = make_run(
        a=(True, {"contains": 1.0}), b=(False, {"contains": 0.0, "hit@1": 1.0}), z=(True, {})
    )
    new = make_run(
        b=(True, {"contains": 1.0, "hit@1": 1.0}),
        a=(False, {"contains": 0.0, "hit@1": 0.0}),
        c=(True, {}),
    )
    comparison = compare_runs(old, new)
    contains, hit = comparison.changes
    assert (contains.measure, contains.old, contains.new, contains.n) == ("contains", 0.5, 0.5, 2)
    assert (contains.difference, contains.p_value) == (0.0, 1.0)
    assert (hit.measure, hit.old, hit.new, hit.n) == ("hit@1", 1.0, 1.0, 1)
    assert comparison.newly_failed == ("a",)
    assert comparison.newly_passed == ("b",)
    assert comparison.only_old == ("z",)
    assert comparison.only_new == ("c",)


def test_a_gain_on_every_question_is_beyond_chance() -> None:
    old = make_run(**{f"q{i}": (False, {"contains": 0.0}) for i in range(12)})
    new = make_run(**{f"q{i}": (True, {"contains": 1.0}) for i in range(12)})
    [change] = compare_runs(old, new).changes
    assert change.difference == 1.0
    assert change.p_value == pytest.approx(2 / 2**12, abs=0.001)
    assert len(compare_runs(old, new).newly_passed) == 12


def test_a_run_does_not_differ_from_itself() -> None:
    run = make_run(a=(True, {"contains": 1.0}), b=(False, {"contains": 0.25}))
    comparison = compare_runs(run, json.loads(json.dumps(run)))
    [change] = comparison.changes
    assert (change.difference, change.p_value) == (0.0, 1.0)
    assert comparison.newly_failed == comparison.newly_passed == ()


def test_runs_of_different_questions_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="the runs must share questions, got none among 1 old"):
        compare_runs(make_run(a=(True, {})), make_run(b=(True, {})))


@pytest.mark.parametrize(
    "run",
    [
        {},
        {"questions": 3},
        {"questions": [{"id": "a"}]},
        {"questions": [{"id": "a", "passed": True, "measures": {"contains": None}}]},
    ],
)
def test_what_is_no_run_is_named(run: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="old must be the JSON of an evaluation"):
        compare_runs(run, make_run(a=(True, {})))


def test_a_run_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    run = make_run(a=(True, {"contains": 1.0}))
    path.write_text(json.dumps(run), encoding="utf-8")
    assert read_run(path) == run


@pytest.mark.parametrize("content", [b"[1, 2]", b"{", b"\xff"])
def test_a_file_that_is_no_run_is_an_error_of_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"run\.json must be the JSON of an evaluation") as raised:
        read_run(path)
    assert "\n" not in str(raised.value)


def test_a_missing_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no run .*run\.json"):
        read_run(tmp_path / "run.json")
