from collections.abc import Sequence

import numpy as np
import pytest

from rag.generate.evidence import Evidence, gather_evidence
from rag.generate.lists import find_named_lists, find_steps
from rag.ingest.split import split_document
from rag.records import Document, Hit
from tests.fakes import WordEncoder

ENCODER = WordEncoder(dimension=4096)
CAKE = Document(
    "cake.md",
    "Apple cake",
    "# Apple cake\n\nServes 12.\n\n## Ingredients\n\nAll fresh.\n\n- 4 eggs\n- 1 lemon\n\n"
    "## Method\n\nDo so:\n\n1. Peel the apples. Use a knife.\n   - or a peeler\n\n   Take care.\n\n"
    "2. Grease a tin.\n- Done.\n\nThe end.\n\n## Tips\n\n1. Eat it.",
)
STEPS = [
    "Do so:",
    "1. Peel the apples.",
    "Use a knife.",
    "- or a peeler",
    "Take care.",
    "2. Grease a tin.",
    "- Done.",
]


def evidence_of(question: str, *documents: Document) -> Evidence:
    passages = [passage for document in documents for passage in split_document(document)]
    hits = [Hit(passage, 1 / rank, rank) for rank, passage in enumerate(passages, start=1)]
    return gather_evidence(question, hits, ENCODER)


def named(question: str, *documents: Document, best: int = 0) -> list[str]:
    """Return the sentences of the list that is named, where that sentence is the best."""
    evidence = evidence_of(question, *documents)
    scores = np.eye(len(evidence.sentences))[best]
    found = find_named_lists(evidence, scores)
    return [s.text for s, is_named in zip(evidence.sentences, found, strict=True) if is_named]


def steps(question: str, best: str, document: Document = CAKE) -> list[str]:
    """Return the steps where that sentence is the best."""
    evidence = evidence_of(question, document)
    scores = np.array([float(sentence.text == best) for sentence in evidence.sentences])
    return [sentence.text for sentence in find_steps(question, evidence, scores)]


def test_a_list_is_named_where_title_and_heading_hold_all_that_is_asked_for() -> None:
    assert named("Which ingredients are in the apple cake?", CAKE) == [
        "All fresh.",
        "- 4 eggs",
        "- 1 lemon",
    ]


@pytest.mark.parametrize(
    "question",
    [
        "Which ingredients are in the pear cake?",
        "What are the parts of the apple cake?",  # the title alone
        "What are the tips for an apple cake?",  # one item is no list
        "???",
    ],
)
def test_a_list_is_not_named_by_less(question: str) -> None:
    assert named(question, CAKE) == []


def test_lists_of_several_articles_may_be_named() -> None:
    texts = {"a.md": "- tea", "b.md": "- ale\n- gin", "c.md": "- rum\n- rye"}
    documents = [Document(name, "", f"# All drinks\n\n{text}") for name, text in texts.items()]
    found = named("List all drinks.", *documents, best=1)
    assert found == ["- ale", "- gin", "- rum", "- rye"]


def test_a_list_is_not_named_where_another_article_answers_best() -> None:
    prose = Document("b.md", "Bars", "There are drinks.")
    assert named("List all drinks.", prose, Document("a.md", "", "# Drinks\n\n- ale\n- gin")) == []


def test_rows_of_a_table_are_no_list() -> None:
    rows = "- Drink: ale; Price: 3\n- Drink: gin; Price: 5"
    assert named("List all drinks.", Document("a.md", "", f"# Drinks\n\n{rows}")) == []


@pytest.mark.parametrize(
    "question",
    [
        "How do I bake an apple cake?",
        "And how can we make the apple cake?",
        "How to make apple cake",
        "What are the steps of the apple cake method?",
    ],
)
def test_how_to_do_something_is_its_numbered_list_with_what_belongs_to_it(question: str) -> None:
    assert steps(question, "2. Grease a tin.") == STEPS


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("How do I grease the tin?", "2. Grease a tin."),  # what one step says
        ("How do I know that the apple cake is done?", "- Done."),
        ("How does one fold an apple cake box?", "2. Grease a tin."),
        ("Is an apple cake hard to make?", "2. Grease a tin."),
        ("How do I bake an apple cake?", "- 4 eggs"),  # no numbers
        ("How do I bake an apple cake?", "1. Eat it."),  # one item is no list
    ],
)
def test_other_questions_are_not_answered_with_steps(question: str, best: str) -> None:
    assert steps(question, best) == []


def test_steps_go_on_in_the_next_passage_of_their_section() -> None:
    lines: Sequence[str] = [
        f"{n}. Turn the bolt number {n} with the red key." for n in range(1, 31)
    ]
    document = Document("a.md", "Bolts", "# Bolts\n\n" + "\n".join(lines))
    assert len(split_document(document)) > 1
    assert steps("How do I turn the bolts?", lines[20], document) == lines


def test_without_sentences_there_is_no_list() -> None:
    evidence = gather_evidence("How do I bake?", [], ENCODER)
    assert find_steps("How do I bake?", evidence, np.zeros(0)) == []
    assert find_named_lists(evidence, np.zeros(0)).tolist() == []
