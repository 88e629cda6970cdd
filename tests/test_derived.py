import shutil
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from rag.index.builder import update_index
from rag.index.clusters import EXACT_UP_TO, N_MEASURED, build_clusters, n_training
from rag.index.derived import derive, read_card
from rag.index.fingerprint import Fingerprint
from rag.index.index import Index
from rag.index.lexical import LexicalIndex
from rag.index.staging import Staging
from rag.index.store import Store
from rag.ingest.article import SourceFile
from rag.ingest.split import SIZE, embedded_text
from rag.records import Document, Passage
from tests.fakes import WordEncoder, write_files

ENCODER = WordEncoder(dimension=32)


def numbered(first: int, n: int) -> list[tuple[Document, tuple[Passage, ...]]]:
    """Documents of one short passage each, of words that many of them share."""
    found: list[tuple[Document, tuple[Passage, ...]]] = []
    for number in range(first, first + n):
        text = " ".join(f"w{number % prime}" for prime in (7, 31, 101, 211, 997))
        name = f"d{number}"
        found.append((Document(name, "", text), (Passage(name, name, 0, len(text), "", text),)))
    return found


def stage(staging: Staging, relative: str, first: int, n: int) -> None:
    documents = numbered(first, n)
    with staging.transaction():
        staging.stage(SourceFile(Path(relative), relative, relative, 1), documents, [])
    texts = [embedded_text(passage) for _, (passage,) in documents]
    staging.add_vectors(texts, ENCODER.encode_passages(texts))


def test_candidates_of_a_large_index_are_ordered_by_their_exact_cosine(tmp_path: Path) -> None:
    lines = "".join(
        f'{{"_id": "{n}", "text": "w{n % 7} w{n % 31} w{n % 101} {n}"}}\n' for n in range(1500)
    )
    update_index(write_files(tmp_path / "c", {"a.jsonl": lines}), tmp_path / "i", ENCODER)
    store = Store.open(tmp_path / "i")
    ids = store.passage_ids()
    vectors = store.vectors(ids.tolist())[1]
    sample = vectors[np.random.default_rng(0).permutation(1500)[: n_training("IVF16,SQ8")]]
    dense = build_clusters("IVF16,SQ8", sample, store.iter_vectors())
    texts = ((row_id, passage.text) for row_id, passage in store.iter_passages())
    with closing(Index(store, ENCODER, dense, LexicalIndex.build(texts))) as index:
        for query in ("w3 w3 w3", "w1 w20 w99", "12"):
            (vector,) = ENCODER.encode_queries([query])
            found = index.search_dense(vector, 10)
            assert len(found) == 10
            exact = [float(vectors[np.searchsorted(ids, row_id)] @ vector) for row_id, _ in found]
            assert [score for _, score in found] == pytest.approx(exact, abs=1e-6)
            assert found == sorted(found, key=lambda hit: (-hit[1], hit[0]))


def test_a_small_index_is_exact_and_its_card_says_so(tmp_path: Path) -> None:
    update_index(write_files(tmp_path / "c", {"a.txt": "A text."}), tmp_path / "i", ENCODER)
    with closing(Store.open(tmp_path / "i")) as store:
        found = read_card(store)
        assert found is not None
        card, n_bytes = found
        assert (card.factory, card.recall) == ("IDMap,Flat", 1.0)
        (path,) = (tmp_path / "i").glob("dense/*/vectors.faiss")
        assert n_bytes == path.stat().st_size
        path.unlink()  # cut off in place, a file that is mapped into memory ends the process
        path.write_bytes(b"harmed")
        assert read_card(store) is None


def test_what_was_rebuilt_after_damage_is_brought_up_to_date_like_any_other(
    tmp_path: Path,
) -> None:
    with Staging.open(tmp_path, Fingerprint.of(ENCODER, SIZE)) as staging:
        stage(staging, "a", 0, 2500)
        before = staging.publish([], derive).edition
    for part in ("dense", "lexical"):
        shutil.rmtree(tmp_path / part / before)
    with closing(Index.open(tmp_path, ENCODER)) as index:
        assert len(index.notices) == 2
    with Staging.open(tmp_path, Fingerprint.of(ENCODER, SIZE)) as staging:
        stage(staging, "b", 5000, 10)
        staging.publish([], partial(derive, before=before))
    with closing(Index.open(tmp_path, ENCODER)) as index:
        assert index.notices == ()
        assert index.n_passages == 2510
        (segment,) = (tmp_path / "lexical" / before).glob("*.term")
        assert any(
            path.samefile(segment) for path in (tmp_path / "lexical" / index.edition).iterdir()
        )


@pytest.mark.slow
def test_beyond_a_size_lists_are_searched_and_a_change_keeps_them(tmp_path: Path) -> None:
    n = EXACT_UP_TO + 1000
    with Staging.open(tmp_path, Fingerprint.of(ENCODER, SIZE)) as staging:
        stage(staging, "old", n, 100)
        for first in range(0, n, 1000):
            stage(staging, f"{first}", first, 1000)
        before = staging.publish([], derive).edition
        with closing(Index.open(tmp_path, ENCODER)) as index:
            first_card = index.dense_card
            assert index.notices == ()
        assert first_card.factory == "IVF512,SQ8"
        assert 0.5 < first_card.recall <= 1
        assert 16 <= first_card.n_probes <= 512 // 4
        assert first_card.n_measured == N_MEASURED
        stage(staging, "new", n + 500, 100)
        staging.publish(["old"], partial(derive, before=before))
    with closing(Index.open(tmp_path, ENCODER)) as index:
        assert index.notices == ()
        assert index.n_passages == n + 100
        assert index.dense_card == first_card
        for (document, (passage,)), is_there in (
            *((one, False) for one in numbered(n, 5)),
            *((one, True) for one in numbered(n + 500, 5)),
        ):
            (vector,) = ENCODER.encode_queries([embedded_text(passage)])
            near = [row_id for row_id, _ in index.search_dense(vector, 5)]
            hits = [row_id for row_id, _ in index.search_lexical(passage.text, 5)]
            found = {passage.doc_id for passage in index.passages([*near, *hits])}
            assert (document.doc_id in found) == is_there
