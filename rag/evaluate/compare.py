"""Two runs of the same questions: what changed, and whether chance would do as much."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.evaluate.intervals import paired_permutation_p


@dataclass(frozen=True, slots=True)
class MeasureChange:
    """The means of one measure in both runs over the ``n`` questions that have it in both.

    ``difference`` is new less old; ``p_value`` is that of `paired_permutation_p`.
    """

    measure: str
    old: float
    new: float
    difference: float
    p_value: float
    n: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """The changes from an old run to a new one; all ids are in the order of the new run.

    ``only_old`` and ``only_new`` are the questions that the other run lacks; they are compared
    with nothing.
    """

    changes: tuple[MeasureChange, ...]
    newly_failed: tuple[str, ...]
    newly_passed: tuple[str, ...]
    only_old: tuple[str, ...]
    only_new: tuple[str, ...]


def read_run(path: str | Path) -> dict[str, Any]:
    """Return a run as ``Evaluation.to_json`` gave it and a JSON file kept it.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is not the JSON of a run.
    """
    try:
        run = json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FileNotFoundError(
            f"no run {str(path)!r}; name the JSON file of an earlier evaluation"
        ) from None
    except (ValueError, RecursionError):
        raise ValueError(
            f"{path} must be the JSON of an evaluation, got something else; write one anew"
        ) from None
    _rows_by_id(run, str(path))
    return run  # type: ignore[no-any-return]  # its rows have just been checked


def compare_runs(old: Mapping[str, Any], new: Mapping[str, Any]) -> Comparison:
    """Return the changes from the old run to the new, both as ``Evaluation.to_json`` gives them.

    Every measure is compared over the questions that have it in both runs.

    Raises:
        ValueError: if either is not the JSON of a run, or they share no question.
    """
    old_rows, new_rows = _rows_by_id(old, "old"), _rows_by_id(new, "new")
    shared = [question_id for question_id in new_rows if question_id in old_rows]
    if not shared:
        raise ValueError(
            f"the runs must share questions, got none among {len(old_rows)} old and "
            f"{len(new_rows)} new ids; compare runs of the same file"
        )
    names = dict.fromkeys(
        name for question_id in shared for name in new_rows[question_id]["measures"]
    )
    pairs = {
        name: [
            (old_rows[question_id]["measures"][name], new_rows[question_id]["measures"][name])
            for question_id in shared
            if name in old_rows[question_id]["measures"]
            and name in new_rows[question_id]["measures"]
        ]
        for name in names
    }
    return Comparison(
        changes=tuple(_change(name, values) for name, values in pairs.items() if values),
        newly_failed=tuple(
            i for i in shared if old_rows[i]["passed"] and not new_rows[i]["passed"]
        ),
        newly_passed=tuple(
            i for i in shared if new_rows[i]["passed"] and not old_rows[i]["passed"]
        ),
        only_old=tuple(i for i in old_rows if i not in new_rows),
        only_new=tuple(i for i in new_rows if i not in old_rows),
    )


def _change(name: str, pairs: list[tuple[float, float]]) -> MeasureChange:
    """Return the change of one measure from its values, (old, new) a question."""
    n = len(pairs)
    old, new = sum(pair[0] for pair in pairs) / n, sum(pair[1] for pair in pairs) / n
    p_value = paired_permutation_p([pair[1] - pair[0] for pair in pairs])
    return MeasureChange(name, old, new, new - old, p_value, n)


def _rows_by_id(run: Any, name: str) -> dict[str, dict[str, Any]]:
    """Return the rows of a run by question id; raise unless it has what is compared."""
    rows = run.get("questions") if isinstance(run, Mapping) else None
    if not isinstance(rows, list) or not all(
        isinstance(row, dict)
        and isinstance(row.get("id"), str)
        and isinstance(row.get("passed"), bool)
        and isinstance(row.get("measures"), dict)
        and all(isinstance(value, int | float) for value in row["measures"].values())
        for row in rows
    ):
        raise ValueError(
            f"{name} must be the JSON of an evaluation, with a row in 'questions' for each "
            "question, got something else; write one anew"
        )
    return {row["id"]: row for row in rows}
