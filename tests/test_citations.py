import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.generate.citations import (
    ABSTENTION,
    MARKER,
    Statement,
    Support,
    check_citations,
    cite,
    plain_text,
    split_cited,
)
from rag.records import Answer, Document, Passage, Unsupported

TEXT = "The tram runs. It is red. A bus runs. It is slow. A boat floats."
FindDocument = Callable[[str], Document]
DOCUMENTS = {name: Document(name, name, TEXT) for name in ("a.md", "b.md", "c.md")}


def passage(doc_id: str) -> Passage:
    return Passage(f"id of {doc_id}", doc_id, 0, len(TEXT), "", TEXT)


def support(doc_id: str, quote: str) -> Support:
    start = TEXT.index(quote)
    return Support(passage(doc_id), start, start + len(quote))


TRAM, RED = support("a.md", "The tram runs."), support("a.md", "It is red.")
BUS, BOAT = support("b.md", "A bus runs."), support("c.md", "A boat floats.")


def find_document(doc_id: str) -> Document:
    return DOCUMENTS[doc_id]


def changed(*doc_ids: str, text: str = "Something else, and longer. " * 3) -> FindDocument:
    """A source of documents in which these have another text than when they were indexed."""
    documents = {
        name: replace(document, text=text) if name in doc_ids else document
        for name, document in DOCUMENTS.items()
    }
    return documents.__getitem__


# Citing


def test_numbers_are_given_by_first_use() -> None:
    answer = cite([Statement("B.", (BUS,)), Statement("A.", (TRAM,)), Statement("C.", (BOAT, BUS))])
    assert answer.text == "B. [1] A. [2] C. [3][1]"
    assert [(c.number, c.passage.doc_id) for c in answer.citations] == [
        (1, "b.md"),
        (2, "a.md"),
        (3, "c.md"),
    ]


def test_a_passage_has_one_number_and_each_of_its_spans_a_citation() -> None:
    answer = cite([Statement("A.", (RED,)), Statement("B.", (TRAM,)), Statement("C.", (RED,))])
    assert answer.text == "A. [1] B. [1] C. [1]"
    assert [(c.number, c.quote) for c in answer.citations] == [
        (1, "The tram runs."),
        (1, "It is red."),
    ]


def test_two_spans_of_one_passage_give_a_sentence_one_marker() -> None:
    answer = cite([Statement("Both.", (TRAM, RED, BUS))])
    assert answer.text == "Both. [1][2]"
    assert len(answer.citations) == 3


def test_passages_with_the_same_text_in_two_articles_have_two_numbers() -> None:
    answer = cite([Statement("A.", (TRAM, support("b.md", "The tram runs.")))])
    assert answer.text == "A. [1][2]"


def test_a_list_has_a_line_for_each_sentence() -> None:
    answer = cite([Statement("A.", (TRAM,)), Statement("B.", (BUS,))], as_list=True)
    assert answer.text == "- A. [1]\n- B. [2]"


def test_citing_nothing_says_nothing() -> None:
    assert cite([]) == Answer("")


WORDS = st.text(alphabet="abc éß🚋,;'\"-", max_size=20).map(lambda text: " ".join(text.split()))
SENTENCES = st.builds(
    lambda words, end: f"X{words}{end}", WORDS, st.sampled_from([".", "!", "?", "", ".”", "…"])
)
STATEMENTS = st.lists(
    st.builds(
        Statement,
        SENTENCES,
        st.lists(st.sampled_from([TRAM, RED, BUS, BOAT]), min_size=1, max_size=3).map(tuple),
    ),
    min_size=1,
    max_size=6,
)


@given(STATEMENTS)
@settings(derandomize=True, deadline=None)
def test_what_was_cited_splits_into_its_sentences_with_their_markers(
    statements: list[Statement],
) -> None:
    answer = cite(statements)
    numbers = {c.passage.passage_id: c.number for c in answer.citations}
    expected = []
    for statement in statements:
        own = dict.fromkeys(numbers[support.passage.passage_id] for support in statement.supports)
        expected.append(f"{statement.text} {''.join(f'[{number}]' for number in own)}")
    assert split_cited(answer.text) == expected
    assert split_cited(cite(statements, as_list=True).text) == [f"- {line}" for line in expected]


@given(STATEMENTS)
@settings(derandomize=True, deadline=None)
def test_markers_are_the_numbers_of_the_citations_in_order_of_first_use(
    statements: list[Statement],
) -> None:
    answer = cite(statements)
    used = list(dict.fromkeys(MARKER.findall(answer.text)))
    assert used == [f"[{number}]" for number in range(1, len(used) + 1)]
    assert {c.number for c in answer.citations} == set(range(1, len(used) + 1))
    wanted = {(s.passage.passage_id, s.start, s.end) for one in statements for s in one.supports}
    assert {(c.passage.passage_id, c.start, c.end) for c in answer.citations} == wanted
    assert len(answer.citations) == len(wanted)


@given(STATEMENTS)
@settings(derandomize=True, deadline=None)
def test_a_growing_answer_only_grows(statements: list[Statement]) -> None:
    texts = [cite(statements[:n]).text for n in range(1, len(statements) + 1)]
    assert all(
        longer.startswith(f"{text} ") for text, longer in zip(texts, texts[1:], strict=False)
    )


# Splitting


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "It rose [1]. It fell. [2][3] And so on",
            ["It rose [1].", "It fell. [2][3]", "And so on"],
        ),
        ("One. Two. [1]", ["One. Two. [1]"]),
        ("A [1] [2]! B [3]?", ["A [1] [2]!", "B [3]?"]),
        ("A. [1]\n\nB. [2]\n", ["A. [1]", "B. [2]"]),
        ("- A. [1]\n- B. [12]", ["- A. [1]", "- B. [12]"]),
        ("No marker at all.", ["No marker at all."]),
        ("x[i] is an array [1].", ["x[i] is an array [1]."]),
        ("In [2024] it rose. [1] It fell. [2]", ["In [2024] it rose. [1]", "It fell. [2]"]),
        ("", []),
        (" \n", []),
    ],
)
def test_a_sentence_of_an_answer_ends_with_its_last_marker(text: str, expected: list[str]) -> None:
    assert split_cited(text) == expected


@given(st.text(alphabet="aB. \n[]12!?-", max_size=40))
@settings(derandomize=True)
def test_splitting_loses_nothing_but_gaps(text: str) -> None:
    assert "".join("".join(split_cited(text)).split()) == "".join(text.split())


# Checking


def test_citations_that_stand_are_left_as_they_are() -> None:
    answer = cite([Statement("A.", (TRAM, BUS)), Statement("B.", (BOAT,))])
    assert check_citations(answer, find_document) is answer


def test_an_answer_without_citations_passes() -> None:
    answer = Answer(ABSTENTION, abstained=True)
    assert check_citations(answer, find_document) is answer


def check(answer: Answer, *doc_ids: str) -> Answer:
    checked = check_citations(answer, changed(*doc_ids))
    assert checked.notices[-1:] == (
        "A citation did not stand in its article and was left out; index the articles again.",
    )
    return checked


def test_a_sentence_whose_citation_does_not_stand_is_left_out() -> None:
    answer = cite([Statement("A.", (TRAM,)), Statement("B.", (BUS,)), Statement("C.", (BOAT,))])
    checked = check(answer, "b.md")
    assert [re.sub(r" \[\d\]", "", sentence) for sentence in split_cited(checked.text)] == [
        "A.",
        "C.",
    ]
    assert {c.passage.doc_id for c in checked.citations} == {"a.md", "c.md"}
    assert not checked.abstained


def test_a_year_in_brackets_is_no_citation_of_an_answer() -> None:
    answer = cite([Statement("In [2024] A.", (TRAM,)), Statement("B.", (BUS,))])
    assert check(answer, "b.md").text == "In [2024] A. [1]"
    assert check(answer, "a.md").text == "B. [2]"


def test_a_sentence_that_rests_on_another_citation_too_stays_with_that() -> None:
    answer = cite([Statement("A.", (TRAM, BUS)), Statement("B.", (BOAT,))])
    checked = check(answer, "b.md")
    assert [re.sub(r" \[\d\]", "", sentence) for sentence in split_cited(checked.text)] == [
        "A.",
        "B.",
    ]


@pytest.mark.parametrize(
    "failing", [("a.md",), ("b.md",), ("c.md",), ("a.md", "b.md"), ("a.md", "c.md")], ids="+".join
)
@pytest.mark.parametrize("last", [BUS, RED, BOAT], ids=["b.md", "a.md", "c.md"])
def test_numbers_and_citations_of_a_checked_answer_are_the_same(
    failing: tuple[str, ...], last: Support
) -> None:
    statements = [Statement("A.", (TRAM, BUS)), Statement("B.", (BOAT,)), Statement("C.", (last,))]
    checked = check(cite(statements), *failing)
    written = {int(marker[1:-1]) for marker in MARKER.findall(checked.text)}
    assert written == {c.number for c in checked.citations}


def test_an_answer_without_a_sentence_left_abstains_and_cites_nothing() -> None:
    answer = cite([Statement("A.", (TRAM,)), Statement("B.", (RED,))])
    checked = check(answer, "a.md")
    assert (checked.text, checked.citations, checked.abstained) == (ABSTENTION, (), True)


def test_an_answer_that_abstains_never_cites() -> None:
    checked = check(cite([Statement("A.", (TRAM, BUS))]), "a.md", "b.md")
    assert (checked.text, checked.citations, checked.abstained) == (ABSTENTION, (), True)
    checked = check(cite([Statement("A.", (TRAM, BUS))]), "a.md")
    assert not (checked.abstained and checked.citations)


def test_what_was_never_cited_is_no_answer_once_all_citations_have_gone() -> None:
    answer = cite([Statement("A.", (TRAM,))])
    checked = check(replace(answer, text=f"{answer.text} And so on."), "a.md")
    assert (checked.text, checked.citations, checked.abstained) == (ABSTENTION, (), True)


def test_a_list_of_which_a_line_is_left_out_is_still_a_list() -> None:
    statements = [Statement("A.", (TRAM,)), Statement("B.", (BUS,)), Statement("C.", (BOAT,))]
    checked = check(cite(statements, as_list=True), "b.md")
    assert [line[:4] for line in checked.text.splitlines()] == ["- A.", "- C."]


def test_what_was_said_before_is_kept_beside_the_notice() -> None:
    answer = replace(
        cite([Statement("A.", (TRAM,))]), notices=("Earlier.",), query="q", confidence=0.4
    )
    checked = check(answer, "a.md")
    assert (checked.notices[0], checked.query, len(checked.notices)) == ("Earlier.", "q", 2)


@pytest.mark.parametrize(
    "text", ["", TEXT[:5], f" {TEXT}", TEXT.upper(), TEXT.replace(" ", "\xa0")]
)
def test_one_character_that_differs_is_enough(text: str) -> None:
    answer = cite([Statement("A.", (TRAM,))])
    checked = check_citations(answer, changed("a.md", text=text))
    assert checked.abstained


# Plain text


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("A tram runs.", "A tram runs."),
        ("- The **tram** [line](http://x.y) opened [3] in *May*.", "The tram line opened in May."),
        ("* item", "item"),
        ("+ item", "item"),
        ("• item", "item"),
        ("3. item", "item"),
        ("12) item", "item"),
        ("> - quoted item", "quoted item"),
        ("## A heading", "A heading"),
        ("It is ***very*** __red__ and ~~slow~~ `fast`.", "It is very red and slow fast."),
        ('See [the map](http://x.y/z "Map of it").', "See the map."),
        ("![A tram](tram.png) runs.", "A tram runs."),
        ("It\nruns\r\n  on   rails.", "It runs on rails."),
        ("It rose [1][2], then fell [3].", "It rose, then fell."),
        ("2 * 3 * 4 = 24 and 2*3*4 = 24", "2 * 3 * 4 = 24 and 2*3*4 = 24"),
        ("snake_case_name and __init__", "snake_case_name and init"),
        ("-5 degrees and 3.5%", "-5 degrees and 3.5%"),
        ("2030 is the year. ", "2030 is the year."),
        ("He paid 5 * 3", "He paid 5 * 3"),
        ("a [sic] b", "a [sic] b"),
        ("f(x)[0] is", "f(x) is"),
        ("“Quoted,” he said .", "“Quoted,” he said."),
        ("It uses .NET and .5 mg .", "It uses .NET and .5 mg."),
        ("It rose [3].Then it fell [5],too.", "It rose.Then it fell,too."),
        ("In [2024] sales rose [12].", "In [2024] sales rose."),
        ("", ""),
    ],
)
def test_markdown_is_read_as_a_person_reads_it(sentence: str, expected: str) -> None:
    assert plain_text(sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The **very *fast* tram** runs.", "The very fast tram runs."),
        ("It opened in _May_.", "It opened in May."),
        ("The [tram](https://en.wikipedia.org/wiki/Tram_(vehicle)) runs.", "The tram runs."),
        ("It rose.[[1]](https://x.y/#cite-1)", "It rose."),
        ("It rose [[1]](#cite-1) slowly.", "It rose slowly."),
    ],
    ids=["nested", "underscores", "brackets in a link", "linked note", "linked note within"],
)
def test_markdown_of_real_pages_is_read_as_a_person_reads_it(sentence: str, expected: str) -> None:
    assert plain_text(sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("| Coldwell | 12.4 | **88%** | |", "Coldwell – 12.4; 88%"),
        ("Coldwell | 12.4", "Coldwell – 12.4"),
        ("Levels of the reservoirs |", "Levels of the reservoirs"),
        (r"| a \| b | `c|d` |", "a | b – c|d"),
        ("| Reservoir | Capacity (**m³**) |\n|---|:-:|", ""),
        ("|---|---|", ""),
        ("P(A | B) is small.", "P(A | B) is small."),
        ("Type `ls | grep` now.", "Type ls | grep now."),
    ],
)
def test_a_table_row_is_read_in_words_and_the_names_of_its_columns_say_nothing(
    sentence: str, expected: str
) -> None:
    assert plain_text(sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Call `parser.__init__(*x)` twice.", "Call parser.__init__(*x) twice."),
        ("**Use `a*b*c` here**", "Use a*b*c here"),
        ("Read `[^1]` and `<!-- a -->`.", "Read [^1] and <!-- a -->."),
        ("``a`b`` and `c", "a`b and `c"),
        ("Call it before `data[0]` and `[10]`.", "Call it before data[ 0] and [ 10]."),
    ],
)
def test_code_keeps_its_letters_and_holds_no_marker(sentence: str, expected: str) -> None:
    assert plain_text(sentence) == expected
    assert MARKER.findall(plain_text(sentence)) == []


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("It fell.[^1]", "It fell."),
        ("It has inns[^inns], too.", "It has inns, too."),
        ("[^1]: The survey.", "The survey."),
        ("It <!-- TODO: check --> fell. <!-- or", "It fell."),
        ("**The valley is long.", "The valley is long."),
        ("It has inns.**", "It has inns."),
    ],
)
def test_comments_footnote_marks_and_half_of_an_emphasis_are_not_shown(
    sentence: str, expected: str
) -> None:
    assert plain_text(sentence) == expected


@pytest.mark.parametrize("sentence", ["[[1]2]", "It rose [**7**].", "[`3`]", "[1[2]]", "[*4*]"])
def test_no_article_can_write_a_marker_into_an_answer(sentence: str) -> None:
    assert MARKER.findall(plain_text(sentence)) == []


@given(st.text(alphabet="ab1[]()*_`~#>-.!|^< \n\0", max_size=30))
@settings(derandomize=True, max_examples=500)
def test_plain_text_of_any_sentence_has_no_marker_and_no_gaps_to_spare(sentence: str) -> None:
    text = plain_text(sentence)
    assert MARKER.findall(text) == []
    assert text == " ".join(text.split())


@given(st.text(alphabet="abc éß🚋,;", max_size=30))
@settings(derandomize=True)
def test_a_sentence_without_markdown_keeps_every_letter(sentence: str) -> None:
    assert "".join(plain_text(sentence).split()) == "".join(sentence.split())


def test_a_sentence_without_support_says_so_and_by_which_source() -> None:
    first = Passage("p1", "a.md", 0, 8, "", "A tram. ")
    second = Passage("p2", "b.md", 0, 6, "", "A bus.")
    wrong = Statement("It flies.", (), cited=(second,), reason="no")
    right = Statement("A tram.", (Support(first, 0, 7),))
    answer = cite([right, wrong])
    assert answer.text == "A tram. [1] It flies. (not supported by the articles)"
    assert answer.unsupported == (Unsupported("It flies. (not supported by the articles)", "no"),)
    assert answer.stated == "A tram. [1]"
    answer = cite([wrong, right, Statement("A bus.", (Support(second, 0, 6),))])
    assert answer.text == "It flies. (not supported by [1]) A tram. [2] A bus. [1]"
    assert answer.stated == "A tram. [2] A bus. [1]"


def test_what_is_stated_of_a_list_is_its_supported_items() -> None:
    passage = Passage("p1", "a.md", 0, 8, "", "A tram. ")
    statements = [Statement("A tram", (Support(passage, 0, 7),)), Statement("A kite", ())]
    answer = cite(statements, as_list=True)
    assert answer.text == "- A tram [1]\n- A kite (not supported by the articles)"
    assert answer.stated == "- A tram [1]"
