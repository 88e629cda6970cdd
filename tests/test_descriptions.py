"""Who or what a name is, is read where a sentence says it, and only where that is asked."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.generate.descriptions import describe, find_descriptions
from rag.generate.evidence import find_hit_sentences
from rag.ingest.split import make_passage
from rag.records import Document, Hit

TEXT = (
    "Judge Graça Valdemar found the beekeeper guilty. The chemist Leonor Pavia had looked at the "
    "pollen. Pavia, 41, a former nurse, works in Lisbon. The mayor, Tomas Weidlich, refused to "
    "step in. Ana Reis was late. The old bridge stands in the spa town of Zelenkamen, above the "
    "Yasmin sluice."
)


def ask(question: str, text: str = TEXT) -> dict[str, str]:
    passage = make_passage(Document("a", "A", text), 0, len(text))
    found = find_descriptions(question, find_hit_sentences(Hit(passage, 1.0, 1)))
    return {sentence.text: words for sentence, words in found.items()}


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Who is Graça Valdemar?", ["Judge"]),
        ("who is graca valdemar", ["Judge"]),
        ("Tell me who Tomas Weidlich is.", ["The mayor"]),
        ("Tomas Weidlich - who is that?", ["The mayor"]),
        ("Who exactly is Mr Weidlich, please?", ["The mayor"]),
        ("What does Leonor Pavia do?", ["The chemist"]),
        ("What is Leonor Pavia's job?", ["The chemist"]),
        ("What position does Tomas Weidlich hold?", ["The mayor"]),
        ("Who's Pavia?", ["a former nurse", "The chemist"]),
        ("What is Zelenkamen?", ["the spa town"]),
        ("What is the Yasmin?", ["sluice"]),
    ],
)
def test_the_description_is_found(question: str, words: list[str]) -> None:
    assert list(ask(question).values()) == words


@pytest.mark.parametrize(
    "question",
    [
        "Who is Ana Reis?",  # late, but that is not who she is
        "Who is Rosa Quintal?",
        "Who is the mayor?",
        "Who is he?",
        "Who found the beekeeper guilty?",
        "What did Leonor Pavia look at?",
        "When was Graça Valdemar a judge?",
        f"Who is {'very ' * 60}Graça Valdemar?",
    ],
)
def test_where_it_is_not_asked_or_not_said_nothing_is(question: str) -> None:
    assert ask(question) == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ana Reis is a poet.", "a poet"),
        ("Ana Reis, who lives in Graz, is now the head of the school.", "the head of the school"),
        ("Our guide was Ana Reis.", "Our guide"),
        ("Questions go to Ana Reis, the travel coordinator, in Graz.", "the travel coordinator"),
        ("Ana Reis (a baker) came.", "a baker"),
        ("Ana Reis, site director", "site director"),
        ("A former customs officer, Ana Reis, makes them.", "A former customs officer"),
        ("It was asked of its salesman, Ana Reis, by all.", "its salesman"),
        ("A retired teacher named Ana Reis saw him.", "A retired teacher"),
        ("She asked Lisbon's building officer Ana Reis.", "Lisbon's building officer"),
        ("Ana Reis, who runs a shop, came.", "who runs a shop"),
        ("The committee, chaired by Ana Reis, met.", "chaired by"),
    ],
)
def test_patterns_of_persons(text: str, words: str) -> None:
    found = describe(text, ["ana", "reis"], is_person=True)
    assert found is not None
    assert found[1] == words


@pytest.mark.parametrize(
    "text",
    [
        "Ana Reis is tired.",
        "Unlike the mayor, Ana Reis, 58, agreed.",
        "In the end, Ana Reis, 58, agreed.",
        "Ana Reis, who was in hospital, sent a card.",
        "After Ana Reis came, it rained.",
        "In Graz, Ana Reis, the archaeologist Feliks Oyelaran will be called.",
        "ana reis, a poet",
    ],
)
def test_what_is_no_description(text: str) -> None:
    assert describe(text, ["ana", "reis"], is_person=True) is None


def test_a_thing_is_described_by_its_kind() -> None:
    def of(text: str) -> str:
        found = describe(text, ["borvale"], is_person=False)
        return found[1] if found else ""

    assert of("The Norwegian food group Borvale bought it.") == "The Norwegian food group"
    assert of("It went to the same company, Borvale, again.") == "the same company"
    assert of("Half of it comes from Borvale, the rest from Graz.") == ""
    assert of("It stood in the Borvale for years.") == ""


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=120), st.text(max_size=200))
def test_any_text_may_be_asked_about(name: str, text: str) -> None:
    for words in ask(f"Who is {name}?", f"{text} {name}, a poet, {text}").values():
        assert words
