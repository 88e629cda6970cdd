import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rag.chatbot import Chatbot
from rag.generate.check.support import SupportChecker, find_verbatim
from rag.generate.citations import Support
from rag.generate.evidence import find_hit_sentences, gather_evidence
from rag.generate.extractive import ExtractiveGenerator, state
from rag.generate.selection import score_sentences, select_sentences
from rag.ingest.files import read_corpus
from rag.ingest.split import make_passage, split_document
from rag.records import Document, Encoder, Hit, Passage, TokenVectors
from tests.fakes import WordEncoder

ROOT = Path(__file__).parent.parent
PAIRS = [
    json.loads(line)
    for line in (ROOT / "tests/data/support.jsonl").read_text(encoding="utf-8").splitlines()
]
DOCUMENTS = {
    document.doc_id: document
    for document in read_corpus(ROOT / "corpus")
    if isinstance(document, Document)
}
PASSAGES = {doc_id: split_document(document) for doc_id, document in DOCUMENTS.items()}
POLICY = "pakistan-china-sodium-ion-batteries.md"


def section(doc_id: str, heading: str) -> Passage:
    """The passage under a heading; under none, the article's first."""
    return next(p for p in PASSAGES[doc_id] if not heading or p.heading.endswith(heading))


TARGETS = section(POLICY, "The national policy and its targets")
CONFERENCE = section(POLICY, "The business conference in September")


@pytest.fixture(scope="session")
def checker(encoder: Encoder) -> SupportChecker:
    return SupportChecker(encoder)


# Sentences of the articles


def own_sentences() -> Iterator[tuple[Passage, str, int, int]]:
    for passages in PASSAGES.values():
        for passage in passages:
            for sentence in find_hit_sentences(Hit(passage, 1.0, 1)):
                yield passage, state(sentence).text, sentence.start, sentence.end


def test_every_sentence_of_an_article_is_supported_by_itself_and_nothing_is_encoded() -> None:
    checker = SupportChecker(NoEncoder())
    n = 0
    for passage, sentence, start, end in own_sentences():
        verdict = checker.check(sentence, [passage])
        assert (verdict.supported, verdict.score, verdict.reason) == (True, 1.0, "")
        assert verdict.support == Support(passage, start, end)
        n += 1
    assert n == 48


class NoEncoder(WordEncoder):
    """Encodes nothing: whoever asks gets an error."""

    def embed_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        raise RuntimeError(texts)


def test_sentences_that_follow_each_other_are_supported_together() -> None:
    text = "So it is. It *rose*. It fell. Then it rose."
    assert find_verbatim("It rose. It fell.", text) == (10, 29)
    assert find_verbatim("It rose. Then it rose.", text) is None
    assert find_verbatim("It", text) is None
    assert find_verbatim("", "") is None


def test_part_of_a_sentence_is_not_the_sentence() -> None:
    assert find_verbatim("It rose.", "He denied it. It never rose.") is None
    assert find_verbatim("rose.", "It rose.") is None


# Sentences that somebody wrote


def test_a_reworded_sentence_is_supported_where_it_stands(checker: SupportChecker) -> None:
    verdict = checker.check("Thirty percent of new vehicles should be electric by 2030.", [TARGETS])
    assert verdict.supported
    assert verdict.passage == TARGETS
    text = DOCUMENTS[POLICY].text[verdict.start : verdict.end]
    assert text.startswith("Under the National Electric Vehicle Policy")
    assert text.endswith("by 2030.")


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("20 % of new vehicles should be electric by 2030.", 'the passage has no "20 %"'),
        ("Emissions are to reach net zero in May 2060.", 'the passage has no "May 2060"'),
        ("India wants 30% electric vehicles by 2030.", 'the passage does not name "India"'),
        ("It is “the best policy of all”.", "the passage does not have the words"),
    ],
)
def test_a_sentence_with_another_fact_is_not_and_the_reason_names_it(
    checker: SupportChecker, sentence: str, reason: str
) -> None:
    verdict = checker.check(sentence, [TARGETS])
    assert not verdict.supported
    assert verdict.support is None
    assert verdict.reason.startswith(reason)


def test_of_several_passages_the_one_that_supports_it_is_found(checker: SupportChecker) -> None:
    verdict = checker.check(
        "The conference takes place on Sept. 4 in China.", [TARGETS, CONFERENCE]
    )
    assert verdict.supported
    assert verdict.passage == CONFERENCE


def test_of_two_that_support_it_alike_the_first_is_taken(checker: SupportChecker) -> None:
    twin = replace(TARGETS, passage_id="twin")
    sentence = "Emissions from transport should be at net zero by 2060."
    assert checker.check(sentence, [TARGETS, twin]).passage == TARGETS
    assert checker.check(sentence, [twin, TARGETS]).passage == twin


def test_markers_and_markdown_are_passed_over(checker: SupportChecker) -> None:
    plain = checker.check("Emissions reach net zero by 2060.", [TARGETS])
    marked = checker.check("- **Emissions** reach net zero by 2060 [1][2].", [TARGETS])
    assert marked == plain


@pytest.mark.parametrize("sentence", ["", " ", "[1]", "**", "…", "- ", "_"])
def test_what_says_nothing_is_not_supported(checker: SupportChecker, sentence: str) -> None:
    verdict = checker.check(sentence, [TARGETS])
    assert not verdict.supported
    assert verdict.reason


def test_without_a_passage_nothing_is_supported(checker: SupportChecker) -> None:
    verdict = checker.check("It rose.", [])
    assert (verdict.supported, verdict.passage, verdict.support) == (False, None, None)
    empty = make_passage(Document("a", "", "# Title"), 0, 7)
    assert not checker.check("It rose.", [empty]).supported


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan")])
def test_a_threshold_is_a_probability(threshold: float) -> None:
    with pytest.raises(ValueError, match="threshold must be between 0 and 1"):
        SupportChecker(NoEncoder(), threshold)


def test_the_threshold_is_a_trade_between_the_two_errors(encoder: Encoder) -> None:
    sentence = "Emissions from transport should be at net zero by 2060."
    assert SupportChecker(encoder, 0.0).check(sentence, [TARGETS]).supported
    assert not SupportChecker(encoder, 1.0).check(sentence, [TARGETS]).supported


def test_a_line_beyond_what_the_encoder_sees_is_checked_too(checker: SupportChecker) -> None:
    text = "Trams run on rails in the old town. " * 60 + "The museum shows 17 red trams."
    passage = make_passage(Document("a", "Trams", text), 0, len(text))
    verdict = checker.check("In the museum there are 17 red trams.", [passage])
    assert text[verdict.start : verdict.end] == "The museum shows 17 red trams."


# Pairs written by hand, which nothing was fitted on

FACTS = {"date", "name", "number", "quotation", "unit"}


@pytest.mark.slow
def test_of_pairs_written_by_hand_no_other_fact_passes_and_few_others_do(
    checker: SupportChecker,
) -> None:
    wrong: dict[bool, list[str]] = {True: [], False: []}
    for pair in PAIRS:
        passage = section(pair["doc_id"], pair["heading"])
        if checker.check(pair["sentence"], [passage]).supported is not pair["supported"]:
            wrong[pair["supported"]].append(pair["kind"])
    assert FACTS & set(wrong[False]) == set()
    # Measured: 11 of 126 false ones pass, 18 of 74 true ones do not; the rest is for rounding.
    assert len(wrong[False]) <= 13
    assert len(wrong[True]) <= 21


@pytest.mark.slow
def test_no_answer_to_the_shipped_questions_is_lost(encoder: Encoder, tmp_path: Path) -> None:
    corpus = ROOT / "corpus"
    bot = Chatbot.from_corpus(corpus, folder=tmp_path / "index", encoder=encoder)
    generator = ExtractiveGenerator(encoder)
    lines = (corpus / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    for question in [json.loads(line)["question"] for line in lines]:
        hits = bot.retrieve(question)
        *_, answer = generator.stream(question, hits, query=question)
        assert answer.abstained is (answer.confidence < generator.threshold)
        if not answer.abstained:
            evidence = gather_evidence(question, hits, encoder)
            telling = generator.judge(question, hits, query=question).telling
            chosen = [*telling] or select_sentences(question, evidence, score_sentences(evidence))
            assert {(c.start, c.end) for c in answer.citations} == {
                (sentence.start, sentence.end) for sentence in chosen
            }
