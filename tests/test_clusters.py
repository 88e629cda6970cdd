from pathlib import Path

import numpy as np
import pytest

from rag.index.clusters import (
    EXACT_UP_TO,
    N_MEASURED,
    RECALL,
    build_clusters,
    choose_factory,
    n_training,
)
from rag.index.dense import EXACT, DenseIndex
from rag.index.sealed import is_intact, sealed_folder
from rag.records import Vectors

FACTORY = "IVF16,SQ8"


def clustered_rows(n: int, seed: int = 0) -> Vectors:
    """Rows around 40 centres, as texts lie around their subjects."""
    draw = np.random.default_rng(seed)
    centres = np.random.default_rng(7).standard_normal((40, 32))
    rows = centres[draw.integers(0, 40, n)] + 0.7 * draw.standard_normal((n, 32))
    unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def build(rows: Vectors) -> DenseIndex:
    ids = np.arange(1, len(rows) + 1, dtype=np.int64)
    drawn = np.random.default_rng(1).permutation(len(rows))[: n_training(FACTORY)]
    blocks = ((ids[k : k + 500], rows[k : k + 500]) for k in range(0, len(rows), 500))
    return build_clusters(FACTORY, rows[drawn], blocks)


@pytest.fixture(scope="module")
def rows() -> Vectors:
    return clustered_rows(5000)


@pytest.fixture(scope="module")
def index(rows: Vectors) -> DenseIndex:
    return build(rows)


def test_up_to_a_size_search_is_exact_and_lists_grow_with_the_root_of_the_size() -> None:
    assert choose_factory(0) == choose_factory(EXACT_UP_TO) == EXACT
    n_lists = [int(choose_factory(n)[3:].split(",")[0]) for n in (100_001, 400_000, 1_600_000)]
    assert n_lists == [512, 1024, 2048]
    assert n_training("IVF1024,SQ8") == 40 * 1024 + 3 * N_MEASURED


def test_what_was_measured_is_what_a_search_finds(index: DenseIndex, rows: Vectors) -> None:
    queries = clustered_rows(100, seed=3)
    exact = np.argsort(-(queries @ rows.T), axis=1)[:, :10] + 1
    found = [[row_id for row_id, _ in index.search(query, 100)] for query in queries]
    recall = np.mean([np.isin(*pair).mean() for pair in zip(exact, found, strict=True)])
    assert index.card.n_measured == N_MEASURED
    assert index.card.recall >= RECALL
    assert recall == pytest.approx(index.card.recall, abs=0.05)


def test_scores_are_nearly_the_cosines(index: DenseIndex, rows: Vectors) -> None:
    (query,) = clustered_rows(1, seed=4)
    for row_id, score in index.search(query, 20):
        assert score == pytest.approx(float(query @ rows[row_id - 1]), abs=0.05)


def test_a_saved_index_is_searched_from_disk_with_the_same_results(
    index: DenseIndex, tmp_path: Path
) -> None:
    with sealed_folder(tmp_path / "dense", DenseIndex.maker()) as work:
        index.save(work)
    loaded = DenseIndex.load(tmp_path / "dense")
    (query,) = clustered_rows(1, seed=5)
    assert loaded.card == index.card
    assert loaded.search(query, 50) == index.search(query, 50)


def test_an_update_takes_out_and_puts_in_and_leaves_the_files_it_came_from(
    index: DenseIndex, rows: Vectors, tmp_path: Path
) -> None:
    with sealed_folder(tmp_path / "old", DenseIndex.maker()) as work:
        index.save(work)
    new = clustered_rows(50, seed=6)
    removed = np.arange(1, 101, dtype=np.int64)
    with sealed_folder(tmp_path / "new", DenseIndex.maker(), tmp_path / "old") as work:
        DenseIndex.update(work, removed, [(np.arange(9001, 9051, dtype=np.int64), new)])
    updated = DenseIndex.load(tmp_path / "new")
    assert updated.n_vectors == 5000 - 100 + 50
    assert updated.search(new[0], 1)[0][0] == 9001
    found = {row_id for query in rows[:20] for row_id, _ in updated.search(query, 100)}
    assert not found & set(removed.tolist())
    assert is_intact(tmp_path / "old", DenseIndex.maker())
    assert DenseIndex.load(tmp_path / "old").n_vectors == 5000


def test_fewer_texts_than_asked_for_are_all_that_come_back(tmp_path: Path) -> None:
    index = build(clustered_rows(1500))
    (query,) = clustered_rows(1, seed=8)
    found = index.search(query, 2000)
    assert 0 < len(found) <= 1500
    assert len({row_id for row_id, _ in found}) == len(found)


def test_passages_that_are_all_alike_do_not_make_a_search_look_everywhere() -> None:
    rows = np.repeat(clustered_rows(4), 2500, axis=0)
    ids = np.arange(10_000, dtype=np.int64)
    sample = np.random.default_rng(0).permutation(rows)[: n_training("IVF128,SQ8")]
    index = build_clusters("IVF128,SQ8", sample, [(ids, rows)])
    assert index.card.recall < RECALL
    assert index.card.n_probes == 32
    assert len(index.search(rows[0], 10)) == 10
