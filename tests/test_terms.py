import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.index.lexical import find_terms
from rag.ingest.tokens import rarity
from rag.retrieve.kinds import expected_kind
from rag.retrieve.terms import (
    CONTEXT_WEIGHT,
    content_terms,
    is_content,
    query_terms,
    read_terms,
    split_context,
)

TEXTS = st.text(max_size=60) | st.text(alphabet="aB1 .,'’-%()?", max_size=40)


def words(text: str) -> list[str]:
    return [term.text for term in read_terms(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Khan's vehicles: 30%!", ["Khan's", "vehicles", "30%"]),
        ("3.5 and 1,000 (sodium-ion)", ["3.5", "and", "1,000", "sodium-ion"]),
        ("U.S.-made, isn’t it?", ["U.S", "made", "isn’t", "it"]),
        ("snake_case 🚋 e-mail@x.y", ["snake", "case", "e-mail", "x.y"]),
        ("Größe naïve Çeşme", ["Größe", "naïve", "Çeşme"]),
        ("…—?!", []),
        ("", []),
    ],
)
def test_terms_are_words_and_numbers_as_they_are_written(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(TEXTS)
@settings(derandomize=True)
def test_every_term_is_its_span_with_a_weight_above_nought_and_a_stem(text: str) -> None:
    end = 0
    for term in read_terms(text):
        assert term.text == text[term.start : term.end]
        assert end <= term.start < term.end
        assert 0 < term.weight <= 1
        assert term.stem
        end = term.end


@pytest.mark.parametrize("word", ["vehicles", "batteries", "Lahore", "3.5", "café", "sodium-ion"])
def test_a_stem_is_that_of_the_lexical_index_so_that_both_find_the_same(word: str) -> None:
    (term,) = read_terms(word)
    assert term.stem == "".join(find_terms(word))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Khan's", "Khan"),
        ("vehicle", "VEHICLES"),
        ("30%", "30"),
        ("naïve", "naive"),
        ("Khan’s", "Khan"),
    ],
)
def test_forms_of_one_word_have_one_stem(one: str, other: str) -> None:
    assert read_terms(one)[0].stem == read_terms(other)[0].stem


def test_a_weight_is_the_rarity_of_the_word_and_never_nought() -> None:
    the, vehicle, huaguan = read_terms("the vehicle Huaguan")
    assert (the.weight, vehicle.weight, huaguan.weight) == (0.05, rarity("vehicle"), 1.0)


def test_numbers_and_names_are_told_by_how_they_are_written() -> None:
    terms = {term.text: term for term in read_terms("30% of EVs, Khan and covid-19 in iPad 2030")}
    assert {text for text, term in terms.items() if term.is_number} == {"30%", "covid-19", "2030"}
    assert {text for text, term in terms.items() if term.is_name} == {"EVs", "Khan", "iPad"}


def test_content_terms_leave_out_the_words_of_asking() -> None:
    question = "According to the article, who’s said that Khan's trams don't cost more than 3.5?"
    assert [term.text for term in content_terms(question)] == ["Khan's", "trams", "cost", "3.5"]


@pytest.mark.parametrize("question", ["Who is it?", "And why?", "WHAT WAS THAT", "How so?"])
def test_a_question_of_function_words_keeps_them_all(question: str) -> None:
    assert content_terms(question) == read_terms(question) != []
    assert not any(is_content(term) for term in read_terms(question))


@pytest.mark.parametrize("question", ["", "???", "🚋", " \n"], ids=ascii)
def test_a_question_without_words_has_no_terms(question: str) -> None:
    assert content_terms(question) == query_terms(question) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("And by when? (share cars)", ("And by when?", "share cars")),
        ("And by when?(share cars) ", ("And by when?", "share cars")),
        ("Who (in Lahore) said so?", ("Who (in Lahore) said so?", "")),
        ("Who? (one) (two)", ("Who? (one)", "two")),
        ("Who? ((one))", ("Who? ((one))", "")),
        ("Who? ()", ("Who?", "")),
        ("(share)", ("", "share")),
        ("Who?", ("Who?", "")),
        ("", ("", "")),
    ],
)
def test_the_context_of_a_query_stands_in_brackets_at_its_end(
    query: str, expected: tuple[str, str]
) -> None:
    assert split_context(query) == expected


@pytest.mark.parametrize("query", ["(" * 2_000, f"a{' ' * 2_000}b", ") " * 1_000, "(a " * 700])
def test_a_hostile_query_takes_no_time(query: str) -> None:
    started = time.process_time()
    split_context(query)
    query_terms(query)
    expected_kind(query)
    assert time.process_time() - started < 0.5


def test_terms_of_the_context_weigh_less_and_keep_their_place_in_the_query() -> None:
    query = "Which cars (share of cars in Lahore)"
    terms = query_terms(query)
    assert [query[term.start : term.end] for term in terms] == ["cars", "share", "cars", "Lahore"]
    assert [term.text for term in terms] == ["cars", "share", "cars", "Lahore"]
    assert terms[2].weight == pytest.approx(terms[0].weight * CONTEXT_WEIGHT)


@given(TEXTS)
@settings(derandomize=True)
def test_terms_of_any_query_stand_where_they_say(query: str) -> None:
    assert all(query[term.start : term.end] == term.text for term in query_terms(query))


def test_an_acronym_is_content() -> None:
    (who, recommend) = content_terms("What does the WHO recommend?")
    assert (who.text, recommend.text) == ("WHO", "recommend")
    assert [term.text for term in content_terms("WHAT DOES THE WHO RECOMMEND?")] == ["RECOMMEND"]
