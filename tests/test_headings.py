import pytest

from rag.generate.citations import Statement, Support, cite
from rag.generate.evidence import find_hit_sentences
from rag.generate.extractive import state
from rag.generate.features import Sentence
from rag.generate.headings import add_headings, find_headings, needs_heading
from rag.ingest.split import split_document
from rag.records import Document, Hit, Passage


def passages_of(text: str, title: str = "Cake", size: int = 160) -> list[Passage]:
    return split_document(Document("a.md", title, text), size=size)


def sentences_of(text: str, title: str = "Cake") -> list[Sentence]:
    hits = [Hit(p, 1 / rank, rank) for rank, p in enumerate(passages_of(text, title), start=1)]
    return [sentence for hit in hits for sentence in find_hit_sentences(hit)]


def tell(text: str, *, as_list: bool = False) -> str:
    lead, statements = add_headings([(s, state(s)) for s in sentences_of(text)], as_list=as_list)
    return cite(statements, as_list=as_list, lead=lead).text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Cake\n\n## **Parts** ##\n\n- egg", ["Parts"]),
        ("Cake\n\nEggs come first.\n\nPARTS\n\n1. An egg.\n2. Salt.", [[], ["PARTS"]]),
        ("# Cake\n\n## A\n## B\n\n- egg", ["B"]),  # the item does not stand below A
        ("# Cake\n\n## A\n### B\n\n- egg", ["A", "B"]),
        ("# Cake\n\n- egg", []),
        ("- egg", []),
    ],
)
def test_headings_are_those_that_a_passage_stands_below_without_the_title(
    text: str, expected: list[str] | list[list[str]]
) -> None:
    passages = passages_of(text)
    found = [[heading.text for heading in find_headings(passage)] for passage in passages]
    assert found == (expected if len(passages) > 1 else [expected])
    for passage in passages:
        for heading in find_headings(passage):
            assert heading.text in passage.cut(heading.start, heading.end)


def test_a_passage_that_goes_on_with_a_section_has_no_heading_to_be_cited() -> None:
    items = "\n".join(f"- {n} pounds of the finest flour" for n in range(2, 40))
    first, *others = passages_of(f"# Cake\n\n## Parts\n\n{items}")
    assert [heading.text for heading in find_headings(first)] == ["Parts"]
    assert others
    assert [find_headings(passage) for passage in others] == [()] * len(others)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## Removed\n\n- red\n- blue. Or so.", [True, True, False]),
        ("## Removed\n\nIn May.\n\n- red", [False, False]),
        ("## Removed\n\nThese:\n- red", [False, False]),
        ("## Removed\n\nRed is gone.", [False]),
        ("## Prices\n\n- City: Lahore; Fare: 40 rupees", [False]),
    ],
)
def test_an_item_needs_the_heading_where_only_its_list_stands_between(
    text: str, expected: list[bool]
) -> None:
    assert [needs_heading(sentence) for sentence in sentences_of(text)] == expected


def test_in_prose_the_headings_of_a_passage_are_said_once() -> None:
    text = "# Cake\n\n## 2.0\n\n### Removed:\n- red\n- blue\n\n## Added\n- grey"
    assert tell(text) == "2.0, Removed: red [1] blue [1] Added: grey [2]"


def test_a_list_is_led_by_the_headings_that_all_its_items_stand_below() -> None:
    text = "# Cake\n\n## Parts\n- egg\n- salt. Not much.\n"
    assert tell(text, as_list=True) == "Parts: [1]\n- egg [1]\n- salt. [1]\n- Not much. [1]"
    text = "# Cake\n\n## 2.0\n\n### Removed\n- red\n\n### Added\n- grey"
    assert tell(text, as_list=True) == "2.0: [1][2]\n- Removed: red [1]\n- Added: grey [2]"
    text = "# Cake\n\n## Removed\n- red\n\n## Added\n- grey"
    assert tell(text, as_list=True) == "- Removed: red [1]\n- Added: grey [2]"


def test_what_is_shown_of_a_heading_is_support() -> None:
    text = "# Cake\n\n## 2.0\n\n### Removed\n- red\n\n### Added\n- grey"
    lead, (first, second) = add_headings([(s, state(s)) for s in sentences_of(text)], as_list=True)
    assert lead == "2.0"
    assert [s.passage.cut(s.start, s.end) for s in first.supports] == [
        "## 2.0",
        "### Removed",
        "- red",
    ]
    assert [s.passage.cut(s.start, s.end) for s in second.supports] == ["### Added", "- grey"]


def test_a_few_words_below_a_question_are_told_with_it() -> None:
    assert tell("## Is it free?\n\nYes. Ask us.") == "Is it free? [1] Yes. [1] Ask us. [1]"
    assert tell("## Is it free?\n\nYou pay at the door.") == "You pay at the door. [1]"
    assert tell("## Fares\n\nNone.") == "None. [1]"


def test_without_headings_nothing_is_added() -> None:
    (sentence,) = sentences_of("- red", title="")
    statement = Statement("red", (Support(sentence.hit.passage, 0, 5),))
    assert add_headings([(sentence, statement)]) == ("", [statement])
    assert add_headings([], as_list=True) == ("", [])
