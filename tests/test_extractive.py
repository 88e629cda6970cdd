import re
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.generate.citations import (
    ABSTENTION,
    MARKER,
    check_citations,
    plain_text,
    split_cited,
)
from rag.generate.extractive import DOUBT_UNTOLD, DOUBT_UNTOLD_THING, ExtractiveGenerator
from rag.generate.lacking import doubt
from rag.generate.selection import estimate_confidence
from rag.generate.weights import lower
from rag.ingest.split import split_document
from rag.records import Answer, Document, Generator, Hit, Turn
from tests.fakes import WordEncoder

# Wide enough for no two words of the tests to share a column.
ENCODER = WordEncoder(dimension=4096)
SURE: Generator = ExtractiveGenerator(ENCODER, threshold=0.0)
NEVER: Generator = ExtractiveGenerator(ENCODER, threshold=1.0)

DOCUMENTS = {
    document.doc_id: document
    for document in (
        Document(
            "trams.md", "Trams", "# Trams\n\nA tram runs in **Lahore**. It is red [3]. It\nran."
        ),
        Document(
            "fares.md", "Fares", "Fares:\n\n- Trams cost 40 rupees.\n- Buses cost 30 rupees.\n"
        ),
        Document("walks.md", "Walks", "Nobody walks, since [trams](http://x.y) run. Khan said so."),
    )
}
FindText = Callable[[str], str]


def find_text(doc_id: str) -> str:
    return DOCUMENTS[doc_id].text


def hits_of(*documents: Document) -> list[Hit]:
    passages = [passage for document in documents for passage in split_document(document)]
    return [Hit(passage, 1 / rank, rank) for rank, passage in enumerate(passages, start=1)]


HITS = hits_of(*DOCUMENTS.values())


def answer(generator: Generator, question: str, hits: Sequence[Hit] = HITS) -> Answer:
    *_, last = generator.stream(question, hits, query=question)
    return last


def check_answer(answer: Answer, find_text: FindText) -> None:
    """Every sentence is, without Markdown, one of its cited spans, and these stand as they say.

    Before it may stand headings, which are others of its spans.
    """
    numbers = [int(marker[1:-1]) for marker in MARKER.findall(answer.text)]
    if answer.abstained:
        assert (answer.text, answer.citations) == (ABSTENTION, ())
        return
    assert list(dict.fromkeys(numbers)) == list(range(1, max(numbers) + 1))
    assert {citation.number for citation in answer.citations} == set(numbers)
    for citation in answer.citations:
        assert citation.quote == find_text(citation.passage.doc_id)[citation.start : citation.end]
        assert citation.passage in [hit.passage for hit in answer.hits]
    for sentence in split_cited(answer.text):
        text = re.sub(r"^- ", "", MARKER.sub("", sentence)).strip().replace("**", "")
        own = [int(marker[1:-1]) for marker in MARKER.findall(sentence)]
        assert text
        quotes = [
            plain_text(c.quote).replace("**", "") for c in answer.citations if c.number in own
        ]
        assert text in quotes or not peel(text, quotes)


def peel(text: str, quotes: Sequence[str]) -> str:
    """Return what is left of a sentence without the quotes, in their order, that it consists of."""
    for quote in quotes:
        text = text.removeprefix(quote.rstrip(" .!?…:")).lstrip(",: ")
    return text.rstrip(".!?…")


@pytest.mark.parametrize(
    "question",
    ["Which trams run in Lahore?", "List all the fares.", "Why?", "Who said so?", "trams"],
)
def test_every_sentence_is_its_citation_without_markdown(question: str) -> None:
    found = answer(SURE, question)
    assert not found.abstained
    check_answer(found, find_text)


def test_markdown_and_marks_of_the_article_are_not_in_the_answer() -> None:
    found = answer(SURE, "Is it red in Lahore?", hits_of(DOCUMENTS["trams.md"]))
    assert "**" not in found.text
    assert "[3]" not in found.text
    assert "# Trams" not in found.text


def test_a_list_is_asked_for_and_given_line_by_line() -> None:
    found = answer(
        SURE, "List all the rupees that trams and buses cost.", hits_of(DOCUMENTS["fares.md"])
    )
    lines = found.text.splitlines()
    assert len(lines) > 1
    assert all(re.fullmatch(r"- .+ \[1\]", line) for line in lines)
    assert "- Trams cost 40 rupees. [1]" in lines


def test_a_short_form_is_answered_with_the_sentence_that_spells_it_out() -> None:
    text = "The UTV came first. Then the Urban Tram Venture (UTV) was sold. A UTV has four wheels."
    hits = hits_of(Document("utv.md", "Trams", text))
    wary = ExtractiveGenerator(ENCODER, threshold=0.95)
    found = answer(wary, "What does UTV stand for?", hits)
    assert found.text == "Then the **Urban Tram Venture** (UTV) was sold. [1]"
    assert answer(wary, "What does XQZ stand for?", hits).abstained


@pytest.mark.parametrize("question", ["Why do trams run?", "List all the fares.", "What?"])
def test_answers_grow_by_a_sentence_and_each_can_be_checked(question: str) -> None:
    answers = list(SURE.stream(question, HITS, query=question))
    for partial in answers:
        check_answer(partial, find_text)
    for n, partial in enumerate(answers, start=1):
        assert len(split_cited(partial.text)) == n
    for shorter, longer in zip(answers, answers[1:], strict=False):
        assert longer.text.startswith(shorter.text)
        assert longer.confidence == shorter.confidence


def test_an_answer_says_what_it_was_made_of() -> None:
    *_, found = SURE.stream("And why?", HITS, query="And why? (trams)")
    assert found.query == "And why? (trams)"
    assert found.generator == SURE.name == "extractive"
    assert found.hits == tuple(HITS)
    assert 0 < found.confidence < 1
    assert found.notices == ()


def test_below_the_threshold_it_abstains_and_shows_the_nearest_passages() -> None:
    (found,) = NEVER.stream("Which trams run?", HITS, query="Which trams run?")
    assert (found.text, found.citations, found.abstained) == (ABSTENTION, (), True)
    assert found.hits == tuple(HITS)
    assert found.confidence == answer(SURE, "Which trams run?").confidence


@pytest.mark.parametrize(
    "question",
    ["What do the articles say about elephants?", "Who is Ana Reis?"],
    ids=["all about a subject", "who a name is"],
)
def test_what_nothing_tells_is_doubted_and_another_question_is_not(question: str) -> None:
    generator = ExtractiveGenerator(ENCODER)
    judged = generator.judge(question, HITS, query=question)
    best = judged.evidence.sentences[judged.scores.argmax()]
    estimated = doubt(
        estimate_confidence(judged.evidence, judged.scores), question, judged.evidence, best
    )
    assert not judged.telling
    assert judged.confidence == pytest.approx(lower(estimated, DOUBT_UNTOLD))
    other = "Which trams run in Lahore?"
    judged = generator.judge(other, HITS, query=other)
    assert judged.confidence == pytest.approx(estimate_confidence(judged.evidence, judged.scores))


@pytest.mark.parametrize(
    ("question", "query", "by"),
    [
        ("What is that place?", "What is Lahore?", DOUBT_UNTOLD_THING),
        ("Who is that?", "Who is Khan?", DOUBT_UNTOLD),
    ],
)
def test_what_a_place_is_that_was_named_before_is_doubted_more(
    question: str, query: str, by: float
) -> None:
    generator = ExtractiveGenerator(ENCODER, threshold=0.5)
    told = [Turn("Where do trams run?", "In Lahore, says Khan. [1]")]
    judged = generator.judge(question, HITS, query=query, history=told)
    estimated = estimate_confidence(judged.evidence, judged.scores)
    assert not judged.telling
    assert judged.confidence == pytest.approx(lower(estimated, by))


@pytest.mark.parametrize("generator", [SURE, NEVER, ExtractiveGenerator(ENCODER)])
def test_without_hits_it_abstains(generator: Generator) -> None:
    (found,) = generator.stream("Which trams run?", [], query="Which trams run?")
    assert (found.text, found.abstained, found.confidence) == (ABSTENTION, True, 0.0)


@pytest.mark.parametrize("text", ["# Trams\n\n## Costs", "[3]", "***", "🚋", "—\n\n—"], ids=ascii)
def test_a_passage_that_says_nothing_gives_no_empty_sentence(text: str) -> None:
    document = Document("a.md", "", text)
    found = answer(SURE, "Which trams run?", hits_of(document))
    check_answer(found, lambda doc_id: text)


@pytest.mark.parametrize(
    "text", ["It rose [**7**] by 3.", "It rose [[1]2].", "See [`9`]: it rose."]
)
def test_an_article_cannot_add_a_citation_to_the_answer(text: str) -> None:
    found = answer(SURE, "How much did it rise?", hits_of(Document("a.md", "", text)))
    assert MARKER.findall(found.text) == ["[1]"]


@pytest.mark.parametrize(
    "question", ["", "???", "🚋", "Who?", "\x00", "a" * 2_000], ids=lambda q: ascii(q)[:9]
)
def test_whatever_is_asked_there_is_an_answer(question: str) -> None:
    check_answer(answer(SURE, question), find_text)


TIDEPOOL = Document(
    "changes.md",
    "Changelog",
    "# Changelog\n\nAll changes to Tidepool.\n\n## [3.0.0] - 2024-02-01\n\n### Removed\n- Support "
    "for Python 3.8.\n- The command `sync`.\n\n### Changed\n- The default port is 8443.\n\n"
    "## [2.9.4] - 2023-10-11\n\n### Fixed\n- Time zones were off by one hour.\n",
)


def test_an_item_of_a_list_is_told_and_cited_with_the_headings_that_turn_its_sense() -> None:
    found = answer(SURE, "Does Tidepool support Python 3.8?", hits_of(TIDEPOOL))
    assert found.text == "[3.0.0] - 2024-02-01, Removed: Support for Python 3.8. [1]"
    quotes = [citation.quote for citation in found.citations]
    assert quotes == ["## [3.0.0] - 2024-02-01", "### Removed", "- Support for Python 3.8."]
    assert check_citations(found, lambda doc_id: TIDEPOOL) == found


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("When was 3.0.0 released?", "[3.0.0] - **2024-02-01** [1]"),
        (
            "What changed in Tidepool 3.0.0?",
            "[3.0.0] - 2024-02-01: [1][2]\n- Removed: Support for Python 3.8. [1]\n"
            "- Removed: The command sync. [1]\n- Changed: The default port is 8443. [2]",
        ),
        (
            "What was fixed in 2.9.4?",
            "[2.9.4] - 2023-10-11, Fixed: Time zones were off by one hour. [1]",
        ),
    ],
)
def test_a_version_that_a_heading_names_is_told_of(question: str, text: str) -> None:
    hits = hits_of(TIDEPOOL)
    found = answer(ExtractiveGenerator(ENCODER, threshold=0.5), question, hits)
    assert found.text == text
    assert check_citations(found, lambda doc_id: TIDEPOOL) == found


CAKE = Document(
    "cake.md",
    "Apple cake",
    "# Apple cake\n\nServes 12.\n\n## Ingredients\n\n- 4 eggs\n- 1 lemon\n\n## Method\n\n"
    "1. Peel the apples. Use a knife.\n2. Bake the cake.\n\n## Tips\n\nThe cake keeps for days.",
)


def test_the_list_that_a_heading_names_is_given_alone() -> None:
    for question in (
        "Which ingredients are in the apple cake?",
        "List the apple cake ingredients.",
    ):
        found = answer(SURE, question, hits_of(CAKE))
        assert found.text == "Ingredients: [1]\n- 4 eggs [1]\n- 1 lemon [1]"


def test_how_to_do_something_is_told_in_all_its_steps_and_no_others() -> None:
    steps = "Method: [1]\n- Peel the apples. [1]\n- Use a knife. [1]\n- Bake the cake. [1]"
    assert answer(SURE, "How do I bake the apple cake?", hits_of(CAKE)).text == steps


def test_a_list_of_a_heading_with_no_sentence_is_refused() -> None:
    assert answer(SURE, "List all.", hits_of(Document("a.md", "", "# Trams"))).abstained


def test_what_was_said_before_changes_the_answer_only_by_what_is_left_out() -> None:
    question = "Why do trams run?"
    first = answer(SURE, question)
    *_, again = SURE.stream(question, HITS, query=question, history=[Turn(question, first.text)])
    check_answer(again, find_text)


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_threshold_that_is_no_probability_is_an_error(threshold: float) -> None:
    with pytest.raises(ValueError, match=rf"^threshold must be between 0 and 1, got {threshold}$"):
        ExtractiveGenerator(ENCODER, threshold=threshold)


TEXTS = st.lists(
    st.sampled_from(
        [
            "A tram runs. ",
            "It is **red**. ",
            "# Trams\n",
            "\n- item [3] ",
            "|a|b|\n",
            "🚋 ",
            "…",
            "Khan ",
        ]
        + [
            "\n\n",
            "\r\n",
            "\n```\n",
            "no ",
            "電気。",
            "[a](b) ",
            "[1]",
            "2030. ",
            "*",
            "_x_ ",
            "> ",
            "`",
        ]
    ),
    min_size=1,
    max_size=14,
).map("".join)


@given(TEXTS, st.sampled_from(["Which trams run?", "List all.", "When was it?", "Who is it?"]))
@settings(derandomize=True, deadline=None, max_examples=150)
def test_an_answer_from_any_article_is_made_of_its_sentences(text: str, question: str) -> None:
    check_answer(answer(SURE, question, hits_of(Document("a.md", "", text))), lambda doc_id: text)
