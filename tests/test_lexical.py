from pathlib import Path

import pytest

from rag.index.lexical import LexicalIndex, find_terms

TEXTS = {
    1: "The tram runs every ten minutes.",
    2: "Buses were running late; the bus was full.",
    3: "Trams and buses share a lane.",
    4: "Nothing else happened.",
}


def build(texts: dict[int, str] = TEXTS) -> LexicalIndex:
    return LexicalIndex.build(texts.items())


def ids(found: list[tuple[int, float]]) -> list[int]:
    return [row_id for row_id, _ in found]


def test_a_passage_is_found_by_another_form_of_its_word() -> None:
    assert ids(build().search("trams", 10)) == [1, 3]
    assert ids(build().search("run", 10)) == [1, 2]


def test_more_of_the_words_and_rarer_words_rank_higher() -> None:
    index = LexicalIndex.build(
        [(1, "common word here"), (2, "common rare here"), (3, "common word here")]
    )
    assert ids(index.search("common rare", 10)) == [2, 1, 3]


def test_scores_are_bm25() -> None:
    # Two passages of two terms; N = 2, n(boat) = 1, f = 1, length = mean length; k1 = 1.2.
    # idf = ln(1 + (N - n + 0.5) / (n + 0.5)) = ln 2, times f (k1 + 1) / (f + k1) = 1.
    ((row_id, score),) = LexicalIndex.build([(1, "a boat"), (2, "a car")]).search("boat", 10)
    assert row_id == 1
    assert score == pytest.approx(0.6931, abs=1e-4)


def test_equal_scores_are_ordered_by_id() -> None:
    index = LexicalIndex.build([(row_id, "the same text") for row_id in (9, 4, 7)])
    assert ids(index.search("same", 10)) == [4, 7, 9]


@pytest.mark.parametrize(
    "query",
    [
        '"tram',
        "tram:",
        "(tram",
        "tram AND",
        "+tram -",
        "text:tram^2",
        "[tram TO",
        "tram~",
        "tram*",
        "\\tram",
        "{tram}",
        "NOT tram OR",
        "<tram>",
    ],
)
def test_nothing_in_a_query_is_syntax(query: str) -> None:
    assert 1 in ids(build().search(query, 10))


def test_words_that_a_query_language_would_reserve_are_words() -> None:
    index = LexicalIndex.build([(1, "and then"), (2, "not now"), (3, "neither")])
    assert ids(index.search("AND", 10)) == [1]
    assert ids(index.search("NOT", 10)) == [2]


@pytest.mark.parametrize("query", ["", " \n", "?!…", "\x00", "zeppelin"])
def test_a_query_without_known_words_finds_nothing(query: str) -> None:
    assert build().search(query, 10) == []


def test_an_empty_index_finds_nothing() -> None:
    assert build({}).search("tram", 10) == []


def test_k_is_the_most_that_is_found() -> None:
    assert ids(build().search("trams", 1)) == [1]
    assert len(build().search("trams", 10**9)) == 2


def test_k_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="k must be at least 1, got 0"):
        build().search("tram", 0)


def test_saying_a_word_twice_changes_nothing() -> None:
    assert build().search("tram tram lane", 10) == build().search("lane tram", 10)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Das Café in Zürich", "CAFE zurich"),
        ("cafe\u0301", "café"),
        ("of\ufb01ce hours", "office"),
        ("東京タワーは高い", "東京"),
        ("กรุงเทพมหานคร", "กรุงเทพ"),
        ("صحيفة الصباح", "الصباح"),
        ("नमस्ते दुनिया", "दुनिया"),
        ("full-width ２０３０", "2030"),
        ("a 🚋 tram", "🚋 tram"),
    ],
)
def test_words_of_any_script_are_found(text: str, query: str) -> None:
    index = LexicalIndex.build([(1, text), (2, "something else entirely")])
    assert ids(index.search(query, 10)) == [1]


def test_a_number_keeps_its_decimals() -> None:
    assert find_terms("It grew 3.5% to 1,000, in 2030.") == [
        *("it", "grew", "3.5", "to", "1,000", "in", "2030")
    ]


def test_document_frequency_counts_passages_by_word_and_not_by_form() -> None:
    assert build().document_frequency(
        ["trams", "lanes", "Running", "zeppelin", "?", "bus-lane"]
    ) == {
        "trams": 2,
        "lanes": 1,
        "Running": 2,
        "zeppelin": 0,
        "?": 0,
        "bus-lane": 1,
    }


def test_an_index_in_a_folder_loads_with_the_same_results(tmp_path: Path) -> None:
    built = LexicalIndex.build(TEXTS.items(), tmp_path)
    loaded = LexicalIndex.load(tmp_path)
    assert loaded.n_passages == built.n_passages == 4
    assert (
        loaded.search("tram bus", 10)
        == built.search("tram bus", 10)
        == build().search("tram bus", 10)
    )


def test_a_query_of_a_megabyte_is_answered() -> None:
    query = " ".join(f"word{number}" for number in range(100_000)) + " tram"
    assert 1 in ids(build().search(query, 10))


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OSError, match="the lexical index could not be written"):
        LexicalIndex.build(TEXTS.items(), tmp_path / "file")
