from pathlib import Path

import numpy as np
import pytest

from rag.index.dense import DenseIndex
from rag.index.sealed import is_intact, sealed_folder
from rag.records import Vectors


def unit_rows(n: int, dimension: int, seed: int = 0) -> Vectors:
    rows = np.random.default_rng(seed).standard_normal((n, dimension)).astype(np.float32)
    unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def build(vectors: Vectors, first: int = 1) -> DenseIndex:
    ids = np.arange(first, first + len(vectors), dtype=np.int64)
    return DenseIndex.build([(ids, vectors)], vectors.shape[1])


def test_the_nearest_vectors_come_first_with_their_cosine() -> None:
    axes = np.eye(3, dtype=np.float32)
    query = np.array([0.8, 0.6, 0.0], dtype=np.float32)
    found = build(axes, first=10).search(query, 2)
    assert [row_id for row_id, _ in found] == [10, 11]
    assert [score for _, score in found] == pytest.approx([0.8, 0.6])


def test_search_agrees_with_comparing_every_vector() -> None:
    vectors, query = unit_rows(500, 16), unit_rows(1, 16, seed=1)
    expected = np.argsort(-(vectors @ query[0]), kind="stable")[:20] + 1
    assert [row_id for row_id, _ in build(vectors).search(query, 20)] == expected.tolist()


def test_equal_scores_are_ordered_by_id() -> None:
    same = np.repeat(np.eye(1, 4, dtype=np.float32), 6, axis=0)
    assert [row_id for row_id, _ in build(same, first=5).search(same[0], 6)] == [5, 6, 7, 8, 9, 10]


def test_k_above_the_number_of_vectors_gives_them_all_and_no_other_id() -> None:
    found = build(unit_rows(3, 8)).search(unit_rows(1, 8, seed=1), 1000)
    assert sorted(row_id for row_id, _ in found) == [1, 2, 3]


def test_an_empty_index_finds_nothing() -> None:
    assert DenseIndex.build([], 8).search(unit_rows(1, 8), 5) == []


def test_k_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="k must be at least 1, got 0"):
        build(unit_rows(3, 8)).search(unit_rows(1, 8), 0)


@pytest.mark.parametrize("width", [7, 9])
def test_a_vector_of_another_dimension_is_refused(width: int) -> None:
    with pytest.raises(ValueError, match="8 columns"):
        build(unit_rows(3, 8)).search(unit_rows(1, width), 1)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_vector_that_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        build(unit_rows(3, 8)).search(np.full(8, value, dtype=np.float32), 1)


def test_building_from_vectors_of_another_dimension_is_refused() -> None:
    with pytest.raises(ValueError, match="5 columns"):
        DenseIndex.build([(np.array([1]), unit_rows(1, 8))], 5)


def test_a_saved_index_loads_with_the_same_results(tmp_path: Path) -> None:
    index, query = build(unit_rows(50, 8)), unit_rows(1, 8, seed=1)
    with sealed_folder(tmp_path / "dense", DenseIndex.maker()) as work:
        index.save(work)
    assert is_intact(tmp_path / "dense", DenseIndex.maker())
    assert DenseIndex.load(tmp_path / "dense").search(query, 10) == index.search(query, 10)


def test_a_full_disk_is_an_error_even_for_a_small_index(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("needs /dev/full")
    (tmp_path / "vectors.faiss").symlink_to(full)
    with pytest.raises(OSError, match="No space left"):
        build(unit_rows(1, 8)).save(tmp_path)
