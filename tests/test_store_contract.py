"""What an index promises wherever it is kept: in a folder, or in Milvus."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.chatbot import Chatbot
from rag.index import IndexMismatchError, IndexPlan
from rag.index.opened import StoredIndex
from rag.index.texts import TextRanker
from rag.ingest.split import embedded_text
from rag.records import Vectors
from tests.fakes import WordEncoder, write_files
from tests.stores import KINDS, NEEDS_MILVUS, MakeStore, opened

TEXTS = {
    "trams.md": "# Trams\n\nA tram runs on rails.\n\n# Buses\n\nA bus runs on the road.",
    "sub/boats.txt": "Boats\n\nA boat floats on the water.",
    "naïve.txt": 'Café\n\nمرحبا 🚋 नमस्ते, it\'s "5.5 %" \\ of Zürich.',
    "lines.jsonl": '{"_id": "1", "title": "Planes", "text": "A plane flies."}\n{"_id": "2"}\n',
}
QUERIES = ("a boat on the road", "trams and buses run", "café", "nothing of this kind")


@pytest.fixture(params=KINDS)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeStore]:
    with opened(request.param, tmp_path) as made:
        yield made


Index = Callable[..., StoredIndex]


@pytest.fixture
def index(make: MakeStore, tmp_path: Path) -> Index:
    """Index the texts as the corpus, and open what is published."""

    def run(texts: dict[str, str] = TEXTS) -> StoredIndex:
        store = make()
        store.update(write_files(tmp_path / "corpus", texts), WordEncoder())
        return store.open(WordEncoder())

    return run


def vector_of(query: str) -> Vectors:
    vector: Vectors = WordEncoder().encode_queries([query])[0]
    return vector


def found_by(index: StoredIndex, ranking: Sequence[tuple[int, float]]) -> list[tuple[str, int]]:
    """Where the passages of a ranking stand, which is the same in every store."""
    return [(p.doc_id, p.start) for p in index.passages([number for number, _ in ranking])]


def everything(index: StoredIndex) -> set[tuple[str, int, int, str, str, str]]:
    return {
        (p.doc_id, p.start, p.end, p.heading, p.title, p.text) for _, p in index.iter_passages()
    }


def test_it_says_what_it_holds(index: Index) -> None:
    found = index()
    assert (found.generation, found.n_documents, found.n_passages) == (1, 4, 5)
    assert [(row.doc_id, row.n_passages) for row in found.documents()] == [
        ("lines.jsonl#1", 1),
        ("naïve.txt", 1),
        ("sub/boats.txt", 1),
        ("trams.md", 2),
    ]
    assert (found.fingerprint.encoder, found.fingerprint.dimension) == ("words", 64)
    assert found.built_at.endswith("+00:00")
    assert found.notices == ()


def test_every_passage_is_its_span_in_every_script(index: Index) -> None:
    found = index()
    for _, passage in found.iter_passages():
        assert found.document(passage.doc_id).text[passage.start : passage.end] == passage.text
    naive = found.document("naïve.txt")
    assert naive.text == TEXTS["naïve.txt"]
    assert (naive.title, naive.path) == ("Café", Path("naïve.txt"))
    assert naive.sha256 != ""
    with pytest.raises(KeyError, match="no document has the id 'trams'"):
        found.document("trams")


def test_passages_are_iterated_by_number_and_neighbours_are_one_apart(index: Index) -> None:
    found = index()
    numbers = [number for number, _ in found.iter_passages()]
    assert numbers == sorted(numbers)
    first, second = (number for number, p in found.iter_passages() if p.doc_id == "trams.md")
    assert second == first + 1
    assert [p.heading for p in found.passages([second, first])] == ["Buses", "Trams"]


@pytest.mark.parametrize("query", QUERIES)
def test_dense_hits_are_in_the_order_of_their_cosines(index: Index, query: str) -> None:
    found = index()
    texts = {number: embedded_text(passage) for number, passage in found.iter_passages()}
    cosines = WordEncoder().encode_passages(list(texts.values())) @ vector_of(query)
    exact = dict(zip(texts, cosines.tolist(), strict=True))
    ranking = found.search_dense(vector_of(query), 100)
    assert dict(ranking) == pytest.approx(exact, abs=1e-5)
    assert ranking == sorted(ranking, key=lambda hit: (-hit[1], hit[0]))
    assert found.cosines(vector_of(query), list(exact)) == pytest.approx(exact, abs=1e-5)
    best = found.search_dense(vector_of(query), 2)
    assert [score for _, score in best] == [score for _, score in ranking[:2]]


def test_lexical_hits_have_a_word_of_the_query_in_any_of_its_forms(index: Index) -> None:
    found = index()
    assert found_by(found, found.search_lexical("floating boats", 100)) == [("sub/boats.txt", 0)]
    (tram, score), *_ = found.search_lexical("trams run on rails", 100)
    assert found.passages([tram])[0].heading == "Trams"
    assert score > 0
    assert found.search_lexical("zurich 5.5", 5)[0][0] == found.search_lexical("नमस्ते", 5)[0][0]
    for nothing in ("", "?!", "bicycle", "doc_id == '' or true"):
        assert found.search_lexical(nothing, 5) == []


def test_ties_are_in_order_of_number(index: Index) -> None:
    found = index({f"{n}.txt": "Same\n\nA tram runs." for n in range(7)})
    for ranking in (
        found.search_dense(vector_of("tram"), 7),
        found.search_lexical("tram", 7),
    ):
        assert len({round(score, 5) for _, score in ranking}) == 1
        assert [number for number, _ in ranking] == sorted(number for number, _ in ranking)
        assert len(ranking) == 7


def test_k_may_be_more_than_there_are_and_must_be_one_at_least(index: Index) -> None:
    found = index()
    assert len(found.search_dense(vector_of("tram"), 100_000)) == 5
    assert len(found.search_lexical("a", 100_000)) >= 4
    for k in (0, -1):
        with pytest.raises(ValueError, match="k must be at least 1"):
            found.search_dense(vector_of("tram"), k)
        with pytest.raises(ValueError, match="k must be at least 1"):
            found.search_lexical("tram", k)


def test_a_vector_that_is_no_number_is_refused(index: Index) -> None:
    found = index()
    with pytest.raises(ValueError, match="vector must"):
        found.search_dense(np.full(64, np.nan, np.float32), 1)


def test_an_index_without_passages_finds_nothing(index: Index) -> None:
    found = index(
        {"blank.jsonl": '{"_id": "1", "text": ""}\n{"_id": "2", "title": "T", "text": " "}'}
    )
    assert found.n_passages == 0
    assert found.search_dense(vector_of("tram"), 5) == []
    assert found.search_lexical("tram", 5) == []
    assert list(found.iter_passages()) == []
    assert found.passages([]) == []


def test_nothing_is_open_before_anything_is_published(make: MakeStore) -> None:
    with pytest.raises(FileNotFoundError, match="there is no index.*rag index"):
        make().open(WordEncoder())


def test_an_unchanged_corpus_costs_nothing(make: MakeStore, tmp_path: Path, index: Index) -> None:
    before = index()
    encoder = WordEncoder()
    report = make().update(tmp_path / "corpus", encoder)
    assert report.plan == IndexPlan(n_unchanged=4)
    assert [part.reason for part in report.skipped] == ["line 2: no text"]
    assert (report.n_documents, report.n_passages, report.generation) == (4, 5, 1)
    assert encoder.n_encoded == report.n_encoded == report.n_cached == 0
    assert before.refresh() is before


def test_changed_moved_and_deleted_files(make: MakeStore, tmp_path: Path, index: Index) -> None:
    index()
    texts = {**TEXTS, "trams.md": TEXTS["trams.md"] + "\n\n# Trains\n\nA train is long."}
    texts["ships.txt"] = texts.pop("sub/boats.txt")
    del texts["lines.jsonl"]
    corpus = write_files(tmp_path / "corpus", texts)
    assert make().plan(corpus) == IndexPlan(
        changed=("trams.md",),
        removed=("lines.jsonl",),
        moved=(("sub/boats.txt", "ships.txt"),),
        n_unchanged=1,
    )
    encoder = WordEncoder()
    report = make().update(corpus, encoder)
    assert (report.n_documents, report.n_passages, report.generation) == (3, 5, 2)
    assert (report.n_encoded, report.n_cached, encoder.n_encoded) == (1, 3, 1)
    found = make().open(encoder)
    assert (found.generation, found.n_documents, found.n_passages) == (2, 3, 5)
    assert {doc_id for doc_id, *_ in everything(found)} == {"naïve.txt", "ships.txt", "trams.md"}
    assert found.search_lexical("plane", 5) == []
    assert len(found.search_dense(vector_of("plane"), 9)) == 5
    with pytest.raises(KeyError):
        found.document("lines.jsonl#1")


def test_a_file_that_comes_back_is_as_it_was(make: MakeStore, tmp_path: Path, index: Index) -> None:
    first = everything(index())
    for texts in ({**TEXTS, "trams.md": "# Other\n\nWords."}, TEXTS, {"a.txt": "A."}, TEXTS):
        found = index(texts)
    assert found.generation == 5
    assert everything(found) == first


def test_a_reader_sees_its_generation_until_it_moves_on(index: Index) -> None:
    old = index()
    seen, ranking = everything(old), old.search_dense(vector_of(QUERIES[0]), 9)
    index({"trams.md": "# Trams\n\nNone is left.", "new.txt": "New\n\nA boat is new."})
    assert everything(old) == seen
    assert old.search_dense(vector_of(QUERIES[0]), 9) == ranking
    assert old.document("trams.md").text == TEXTS["trams.md"]
    assert (old.generation, old.n_documents, len(old.documents())) == (1, 4, 4)
    new = old.refresh()
    assert (new.generation, new.n_documents) == (2, 2)
    assert found_by(new, new.search_lexical("boats", 5)) == [("new.txt", 0)]
    assert new.edition != old.edition


@pytest.mark.slow
def test_many_read_while_one_writes(make: MakeStore, tmp_path: Path, index: Index) -> None:
    """Every reader sees one generation or another, whole: as many trams as boats."""
    held = index({f"{n}.txt": f"T{n}\n\nA tram and a boat." for n in range(2)})
    done, wrong = threading.Event(), []

    def read() -> None:
        found = held
        while not done.is_set():
            found = found.refresh()
            trams, boats = (len(found.search_lexical(word, 99)) for word in ("tram", "boat"))
            if not trams == boats == found.n_passages:
                wrong.append((trams, boats, found.n_passages))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for total in (5, 3, 8):
        index({f"{n}.txt": f"T{n} {total}\n\nA tram and a boat." for n in range(total)})
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert held.refresh().n_documents == 8


def test_another_encoder_is_refused(make: MakeStore, tmp_path: Path, index: Index) -> None:
    index()
    for other in (WordEncoder("other"), WordEncoder(weights="1" * 64), WordEncoder(dimension=8)):
        with pytest.raises(
            IndexMismatchError, match="was built with the encoder 'words'.*rag index"
        ):
            make().open(other)
        (tmp_path / "corpus" / "new.txt").write_text("New.")
        with pytest.raises(IndexMismatchError, match="was built with the encoder 'words'"):
            make().update(tmp_path / "corpus", other)


def test_an_encoder_that_returns_no_unit_rows_changes_nothing(
    make: MakeStore, tmp_path: Path, index: Index
) -> None:
    class Broken(WordEncoder):
        def encode_passages(self, texts: Sequence[str]) -> Vectors:
            rows: Vectors = super().encode_passages(texts) * np.float32(2)
            return rows

    before = everything(index())
    (tmp_path / "corpus" / "new.txt").write_text("New.")
    with pytest.raises(ValueError, match="encoder must return unit rows"):
        make().update(tmp_path / "corpus", Broken())
    assert everything(make().open(WordEncoder())) == before
    assert make().update(tmp_path / "corpus", WordEncoder()).n_encoded == 1


def test_a_chatbot_answers_from_it(make: MakeStore, tmp_path: Path, index: Index) -> None:
    index()
    bot = Chatbot.from_corpus(tmp_path / "corpus", store=make(), encoder=WordEncoder())
    (hit, *_) = bot.retrieve("Where does a boat float?")
    assert (hit.passage.doc_id, hit.rank, hit.dense_rank, hit.lexical_rank) == (
        *("sub/boats.txt", 1),
        *(1, 1),
    )
    for citation in bot.ask("Where does a boat float?").citations:
        assert bot.document(citation.passage.doc_id).text[citation.start : citation.end]


def test_whole_texts_are_ranked(make: MakeStore) -> None:
    texts = ["Green tea grows on hills.", "Cars have four wheels.", ""]

    def rank(ranker: TextRanker) -> tuple[list[int], list[int]]:
        ranker.add(texts, WordEncoder().encode_passages(texts))
        dense = ranker.search_dense(vector_of("four green wheels"), 9)
        return [n for n, _ in dense], [n for n, _ in ranker.search_lexical("hill wheels tea", 9)]

    with make().rank_texts() as ranker:
        assert rank(ranker) == ([1, 0, 2], [0, 1])


@NEEDS_MILVUS
def test_both_stores_give_the_same_hits(tmp_path: Path) -> None:
    texts = {
        f"{n}.md": f"# Report {n}\n\nThe {word} of {other} costs {n} euros.\n\n# Notes\n\n{word}."
        for n, (word, other) in enumerate(
            (word, other) for word in ("tram", "bus", "boat") for other in ("Lyon", "Oslo", "Riga")
        )
    }
    corpus = write_files(tmp_path / "corpus", texts)
    with opened("local", tmp_path) as local, opened("milvus", tmp_path) as milvus:
        indexes = []
        for make in (local, milvus):
            make().update(corpus, WordEncoder())
            indexes.append(make().open(WordEncoder()))
        assert everything(indexes[0]) == everything(indexes[1])
        for query in ("the tram of Oslo", "what does a boat cost in Riga", "a bus in Lyon"):
            dense = [i.search_dense(vector_of(query), 5) for i in indexes]
            assert [s for _, s in dense[0]] == pytest.approx([s for _, s in dense[1]], abs=1e-6)
            lexical = [
                {
                    i.passages([number])[0].text: score
                    for number, score in i.search_lexical(query, 99)
                }
                for i in indexes
            ]
            assert lexical[0].keys() == lexical[1].keys()
            assert lexical[0] == pytest.approx(lexical[1], rel=0.1)  # tantivy rounds lengths
            hits = [Chatbot(i, WordEncoder()).retrieve(query, k=1) for i in indexes]
            assert [h.passage.text for h in hits[0]] == [h.passage.text for h in hits[1]]
