from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.generate.cues import DANGLING, OPPOSITE_OF, read_cues
from rag.retrieve.kinds import Kind
from rag.retrieve.terms import read_terms


def stems(question: str) -> frozenset[str]:
    return frozenset(term.stem for term in read_terms(question))


ANSWERS: list[tuple[Kind, str, str]] = [
    ("number", "How many trams run?", "More than 250 trams run."),
    ("number", "How many trams run?", "Dozens of trams run."),
    ("number", "What share is electric?", "It is 30% of them."),
    ("when", "When did it open?", "It opened on 4 September."),
    ("when", "When did it open?", "It opened in 1990."),
    ("when", "When will it open?", "It opens next week."),
    ("when", "When did it open?", "It opened ten years ago."),
    ("who", "Who opened the tram?", "The tram was opened by Khan."),
    ("who", "Who opened the tram?", "Ahsan Iqbal opened it."),
    ("where", "Where is it built?", "It is built in Lahore."),
    ("where", "Where is it built?", "It comes from the Punjab."),
    ("where", "Where does the water go?", "It flows towards the Atlantic."),
    ("where", "Where is it built?", "It is built in northern Italy."),
    ("why", "Why is it red?", "It is red because paint was cheap."),
    ("why", "Why is it red?", "It is red due to a rule."),
]


@pytest.mark.parametrize(("kind", "question", "sentence"), ANSWERS)
def test_a_sentence_that_holds_what_is_asked_for_agrees(
    kind: Kind, question: str, sentence: str
) -> None:
    assert read_cues(sentence, stems(question)).agrees(kind) is True


OTHERS: list[tuple[Kind, str, str]] = [
    ("number", "How many trams run?", "The trams run on rails."),
    ("number", "How many of the 250 trams run?", "All 250 trams run."),
    ("when", "When did it open?", "It opened with a speech."),
    ("when", "What happened in 1990?", "In 1990 it opened."),
    ("who", "Who is Khan?", "Khan came."),
    ("who", "Who opened it?", "It was opened by nobody."),
    ("who", "Who opened it?", "Trams are red."),
    ("who", "Who speaks first?", "The first speech is on Monday, 4 September."),
    ("where", "Where is it built?", "It is built in a hurry."),
    ("where", "Where is it built?", "Khan builds it in a hurry, on a Monday in May."),
    ("where", "What is made in Lahore?", "In Lahore it is made."),
    ("why", "Why is it red?", "It is red and slow."),
]


@pytest.mark.parametrize(("kind", "question", "sentence"), OTHERS)
def test_a_sentence_that_only_repeats_the_question_or_holds_something_else_does_not_agree(
    kind: Kind, question: str, sentence: str
) -> None:
    assert read_cues(sentence, stems(question)).agrees(kind) is False


@pytest.mark.parametrize("kind", ["yes/no", "how", "which", "what", "other"])
def test_some_questions_can_be_answered_by_anything(kind: Kind) -> None:
    assert kind in get_args(Kind)
    assert read_cues("It is red.").agrees(kind) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is not red.", True),
        ("It never runs.", True),
        ("It isn't red.", True),
        ("It isn’t red.", True),
        ("It cannot run.", True),
        ("Nobody said so.", True),
        ("It runs without a driver.", True),
        ("It is red.", False),
        ("It is noted in the notice.", False),
        ("", False),
    ],
)
def test_a_negation_is_seen(text: str, expected: bool) -> None:
    assert read_cues(text).is_negated is expected


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("Which private firms came?", "The public firms came.", True),
        ("Which private firms came?", "The private and public firms came.", False),
        ("Which firms came?", "The public firms came.", False),
        ("What is the TALLEST tower?", "It is the shortest tower.", True),
        ("What is the tallest tower?", "It is a tower.", False),
        ("Who lives in the north?", "In the West they live.", True),
    ],
)
def test_a_sentence_opposes_a_word_that_only_the_question_has(
    question: str, sentence: str, expected: bool
) -> None:
    assert read_cues(sentence).opposes(read_cues(question)) is expected


def test_opposites_are_mutual_and_no_word_is_its_own() -> None:
    for word, others in OPPOSITE_OF.items():
        assert word not in others
        assert all(word in OPPOSITE_OF[other] for other in others)
        assert word == word.lower()


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("It is red.", True),
        ("They run on lithium.", True),
        ("And he said so.", True),
        ("These drones are sold.", True),
        ("There, it runs.", True),
        ("This timetable is new.", True),
        ("This week Khan met her.", False),
        ("This Thursday, it runs.", False),
        ("Italy is red.", False),
        ("Trams run.", False),
        ("There are some trams.", False),
        ("The tram and its driver came.", False),
    ],
)
def test_a_sentence_dangles_if_it_opens_with_a_word_for_what_came_before(
    sentence: str, expected: bool
) -> None:
    assert (DANGLING.match(sentence) is not None) is expected


@given(st.text(max_size=60), st.frozensets(st.text(max_size=6), max_size=3))
@settings(derandomize=True)
def test_any_text_has_cues_and_does_not_oppose_itself(text: str, known: frozenset[str]) -> None:
    cues = read_cues(text, known)
    assert not cues.opposes(cues)
    assert cues.words == {term.text.lower() for term in read_terms(text)}
    assert cues.has_name or not cues.has_place


@given(st.text(max_size=60))
@settings(derandomize=True)
def test_a_text_holds_no_name_that_the_question_knows(text: str) -> None:
    assert not read_cues(text, stems(text)).has_name
