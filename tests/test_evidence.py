import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.generate.asked import find_focus, unit
from rag.generate.evidence import Evidence, find_hit_sentences, gather_evidence, weigh_locally
from rag.generate.features import FEATURES, READ, holds, pair_overlap, share_missing
from rag.ingest.split import split_document
from rag.records import Document, Encoder, Hit, Passage
from rag.retrieve.match import QueryTokens
from rag.retrieve.terms import read_terms
from tests.fakes import WordEncoder, WordReader

# Wide enough for no two words of the tests to share a column.
ENCODER = WordEncoder(dimension=4096)


def hits(*texts: str, title: str = "", heading: str = "") -> list[Hit]:
    """Hits for passages of these texts, each from the middle of an article of its own."""
    return [
        Hit(
            Passage(f"id{n}", f"{n}.md", 100 * n, 100 * n + len(text), heading, text, title),
            1 / n,
            n,
        )
        for n, text in enumerate(texts, start=1)
    ]


def column(evidence: Evidence, name: str) -> list[float]:
    found: list[float] = evidence.features[:, FEATURES.index(name)].tolist()
    return found


# Sentences


def test_sentences_are_those_of_the_hits_in_order_without_headings() -> None:
    evidence = gather_evidence(
        "tram", hits("# Trams\n\nA tram runs. It is red.", "- A bus.\n- A boat."), ENCODER
    )
    assert [(sentence.hit.rank, sentence.text) for sentence in evidence.sentences] == [
        (1, "A tram runs."),
        (1, "It is red."),
        (2, "- A bus."),
        (2, "- A boat."),
    ]


def test_the_first_lines_are_no_sentences_where_they_only_say_title_and_heading_again() -> None:
    text = "Ramblers\n\nFees\n\nThey rise.\n\nFees"
    (hit,) = hits(text, title="Ramblers", heading="Fees")
    assert [sentence.text for sentence in find_hit_sentences(hit)] == ["They rise.", "Fees"]
    (alone,) = hits("Ramblers\n\nFees", title="Ramblers", heading="Fees")
    assert [sentence.text for sentence in find_hit_sentences(alone)] == ["Ramblers", "Fees"]


def test_the_names_of_a_table_s_columns_are_no_sentence() -> None:
    (hit,) = hits("| City | Year |\n|---|---|\n| Lahore | 2020 |")
    assert [sentence.text for sentence in find_hit_sentences(hit)] == ["| Lahore | 2020 |"]


def test_a_sentence_has_its_characters_of_the_document() -> None:
    text = "# Trams\r\n\r\nEin 🚋 fährt. Er ist rot.\r\n\r\n## Costs\r\n\r\nThey fell. " * 9
    document = Document("a.md", "Trams", text)
    found = 0
    for passage in split_document(document, size=20):
        for sentence in find_hit_sentences(Hit(passage, 1.0, 1)):
            assert sentence.text == text[sentence.start : sentence.end]
            assert passage.start <= sentence.start < sentence.end <= passage.end
            assert not sentence.text.startswith("#")
            found += 1
    assert found == 9 * 3


def test_what_has_no_word_is_no_sentence() -> None:
    (held,) = hits("***\n\nA tram runs.\n\n🚋\n\n- [3]\n\n|---|---|\n| a | b |")
    assert [sentence.text for sentence in find_hit_sentences(held)] == ["A tram runs.", "| a | b |"]


def test_no_hits_and_hits_of_headings_only_hold_no_sentence() -> None:
    for nothing in ([], hits("# Trams", "## Costs\n\n### 2025")):
        evidence = gather_evidence("Which trams run in Lahore?", nothing, ENCODER)
        assert evidence.sentences == ()
        assert evidence.features.shape == (0, len(FEATURES))
        assert evidence.matches.shape == evidence.overlaps.shape == (0, 3)
        assert evidence.weights.sum() == pytest.approx(1)


# What speaks for them, worked out by hand


def test_matches_are_cosines_and_overlaps_compare_stems() -> None:
    evidence = gather_evidence(
        "Which trams run in Lahore?", hits("Trams stand in Lahore. A tram will run."), ENCODER
    )
    assert [term.text for term in evidence.terms] == ["trams", "run", "Lahore"]
    assert evidence.matches.tolist() == [[1, 0, 1], [0, 1, 0]]
    assert evidence.overlaps.tolist() == [[1, 0, 1], [1, 1, 0]]
    trams, run, lahore = evidence.weights.tolist()
    assert column(evidence, "match") == pytest.approx([trams + lahore, run])
    assert column(evidence, "match unweighted") == pytest.approx([2 / 3, 1 / 3])
    assert column(evidence, "match of worst term") == [0, 0]
    assert column(evidence, "overlap") == pytest.approx([trams + lahore, trams + run])


def test_similarity_is_the_cosine_of_the_question_and_the_sentence() -> None:
    evidence = gather_evidence("trams run", hits("Trams stand. Trams run."), ENCODER)
    assert column(evidence, "similarity") == pytest.approx([1 / 2, 1])
    assert column(evidence, "similarity below best") == pytest.approx([-1 / 2, 0])


def test_what_is_said_in_title_heading_and_the_sentence_before_is_in_context() -> None:
    evidence = gather_evidence(
        "When did trams reach Lahore?",
        hits("They reach it. It was in 2020.", title="Trams", heading="Lahore"),
        ENCODER,
    )
    assert column(evidence, "overlap in context") == pytest.approx([1, 1])
    assert column(evidence, "overlap")[0] < 1


def test_what_the_section_says_before_a_passage_is_in_context_of_its_first_sentence() -> None:
    (found,) = hits("It was in 2020. Nobody knew.")
    passage = replace(found.passage, before="Trams came to Lahore.")
    evidence = gather_evidence("When did trams reach Lahore?", [Hit(passage, 1.0, 1)], ENCODER)
    first, last = column(evidence, "overlap in context")
    assert first > last == 0


def test_a_reader_sees_title_and_headings_and_what_stands_before() -> None:
    reader = WordReader()
    passage = replace(hits("It is red.", title="Trams")[0].passage, before="One came.")
    gather_evidence("Which tram?", [Hit(passage, 1.0, 1)], ENCODER, reader)
    assert reader.contexts == ["Trams\nOne came."]


def test_rank_place_and_length_are_told() -> None:
    evidence = gather_evidence("zebra", hits("One two three. Four.", "Five."), ENCODER)
    assert column(evidence, "rank of passage") == [1, 1, 1 / 2]
    assert column(evidence, "is first") == [1, 0, 1]
    assert column(evidence, "length") == pytest.approx([math.log(4), math.log(2), math.log(2)])


def test_kind_negation_and_opposites_are_told() -> None:
    evidence = gather_evidence(
        "How many public firms came?",
        hits("Forty firms came.", "No private firms came.", "Public firms came."),
        ENCODER,
    )
    assert evidence.kind == "number"
    agrees, disagrees = column(evidence, "kind agrees"), column(evidence, "kind disagrees")
    assert agrees == [1 - value for value in disagrees]
    assert agrees[2] == 0
    assert column(evidence, "negation differs") == [0, 1, 0]
    assert column(evidence, "opposite") == [0, 1, 0]


def test_names_and_numbers_that_are_missing_are_told() -> None:
    evidence = gather_evidence(
        "What did Khan sell in 2030?", hits("He sold trams.", "In 2030 trams were sold."), ENCODER
    )
    assert column(evidence, "names missing") == [1, 1]
    assert column(evidence, "numbers missing") == [1, 0]
    evidence = gather_evidence("What did he sell?", hits("He sold trams."), ENCODER)
    assert column(evidence, "names missing") == column(evidence, "numbers missing") == [0]


def test_a_sentence_that_opens_with_a_pronoun_is_read_with_the_one_before() -> None:
    evidence = gather_evidence(
        "Which trams run?", hits("Trams stand. They run. Buses run."), ENCODER
    )
    assert evidence.matches.tolist() == [[1, 0], [1, 1], [0, 1]]
    # The first of a passage has none before it, and what another passage says is not before it.
    evidence = gather_evidence("Which trams run?", hits("Trams stand.", "They run."), ENCODER)
    assert evidence.matches.tolist() == [[1, 0], [0, 1]]


def test_the_kind_is_that_of_the_question_and_not_of_its_context() -> None:
    evidence = gather_evidence("And by when? (who came, how many)", hits("A tram."), ENCODER)
    assert evidence.kind == "when"


# Laws


TEXTS = st.lists(
    st.sampled_from(
        [
            "A tram runs. ",
            "It is red.",
            "# Trams\n",
            "- item\n",
            "|a|b|\n",
            "🚋 ",
            "…",
            "Khan ",
            "2030",
        ]
        + [
            "\n\n",
            "\r\n",
            "```\n",
            "no ",
            "電気。",
            "e\u0301",
            "Lahore ",
            "***",
            "[3] ",
            "\x00",
            "' ",
        ]
    ),
    max_size=12,
).map("".join)
QUERIES = st.sampled_from(
    ["Which trams run in Lahore?", "???", "Who?", "", "And when? (Khan trams)", "How many?", "電気"]
)


@given(st.lists(TEXTS.filter(str.strip), max_size=4), QUERIES)
@settings(derandomize=True, deadline=None, max_examples=200)
def test_whatever_the_hits_hold_every_number_is_finite_and_in_its_range(
    texts: list[str], query: str
) -> None:
    evidence = gather_evidence(query, hits(*texts, title="Trams", heading="Costs"), ENCODER)
    n, n_terms = len(evidence.sentences), len(evidence.terms)
    assert evidence.features.shape == (n, len(FEATURES))
    assert evidence.matches.shape == evidence.overlaps.shape == (n, n_terms)
    assert np.isfinite(evidence.features).all()
    assert (np.abs(evidence.matches) <= 1 + 1e-5).all()
    assert set(evidence.overlaps.flat) <= {0.0, 1.0}
    if n_terms:
        assert evidence.weights.sum() == pytest.approx(1)
        assert evidence.local_weights.sum() == pytest.approx(1)
        assert (evidence.local_weights > 0).all()
    for name in ("overlap", "overlap local", "overlap in context", "overlap of pairs"):
        assert all(-1e-9 <= value <= 1 + 1e-9 for value in column(evidence, name))
    for name in ("similarity below best", "match below best"):
        assert max(column(evidence, name), default=0) == 0
    ranks = [sentence.hit.rank for sentence in evidence.sentences]
    assert ranks == sorted(ranks)


def test_every_feature_has_a_name_of_its_own_and_none_is_left_out() -> None:
    assert len(set(FEATURES)) == len(FEATURES)
    questions = ["How many public trams did Khan not buy in 2030?", "Who came to Lahore?"]
    said = "Khan bought 40 private trams in 2020. [1]"
    texts = (
        "Trams are red. Khan bought 40 private trams in 2020. They run.",
        "Nobody came to Lahore but Ahsan Iqbal, who left. Lahore is large.",
    )
    tables = [
        gather_evidence(question, hits(*texts), ENCODER, said=said).features
        for question in questions
    ]
    constant = np.vstack(tables).std(axis=0) == 0
    assert [name for name, is_constant in zip(FEATURES, constant, strict=True) if is_constant] == []


def test_the_order_of_the_hits_changes_only_their_rank(encoder: Encoder) -> None:
    first, second = "The tram runs in Lahore. It is red.", "Nobody walks. Buses run."
    one = gather_evidence("Where do trams run?", hits(first, second), encoder)
    other = gather_evidence("Where do trams run?", hits(second, first), encoder)
    rank = FEATURES.index("rank of passage")
    swapped = other.features[[2, 3, 0, 1]]
    swapped[:, rank] = one.features[:, rank]
    assert swapped == pytest.approx(one.features, abs=1e-4)


def test_a_sentence_beyond_what_the_encoder_sees_is_read_all_the_same(encoder: Encoder) -> None:
    filler = "Nobody walks there, since it is too hot for that in summer. " * 40
    last = "The tram to Lahore costs 40 rupees."
    assert encoder.count_tokens([filler])[0] > encoder.max_tokens
    query = "What does the tram to Lahore cost?"
    beyond = gather_evidence(query, hits(filler + last), encoder)
    alone = gather_evidence(query, hits(last), encoder)
    assert beyond.matches[-1] == pytest.approx(alone.matches[0], abs=0.1)  # what is near differs
    assert beyond.matches[-1].min() > beyond.matches[:-1].max(axis=0).min()


# Parts


def test_local_weights_are_weights_times_the_logarithm_of_rarity_here() -> None:
    weights, overlaps = np.array([0.5, 0.5]), np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    common, rare = math.log(4 / 2.5), math.log(4 / 1.5)
    assert weigh_locally(weights, overlaps).tolist() == pytest.approx(
        [common / (common + rare), rare / (common + rare)]
    )


def test_a_term_of_every_sentence_still_counts() -> None:
    local = weigh_locally(np.array([0.5, 0.5]), np.array([[1.0, 0.0]] * 50))
    assert 0 < local[0] < local[1]


def test_local_weights_without_terms_or_sentences_are_the_weights() -> None:
    assert weigh_locally(np.zeros(0), np.zeros((3, 0))).shape == (0,)
    weights = np.array([0.3, 0.7])
    assert weigh_locally(weights, np.zeros((0, 2))).tolist() == pytest.approx([0.3, 0.7])


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Which banks will attend?", ["banks"]),
        ("How many electric vehicles are sold?", ["electric", "vehicles"]),
        ("What is the price?", []),
        ("Who came?", []),
        ("Trams", []),
        ("", []),
    ],
)
def test_the_focus_is_what_stands_after_the_word_of_asking(
    question: str, expected: list[str]
) -> None:
    terms = read_terms(question)
    focus = find_focus(terms, question)
    assert [term.text for term, weight in zip(terms, focus, strict=True) if weight] == expected
    assert focus.sum() == pytest.approx(1 if expected else 0)


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("electric vehicles sold", "Electric vehicles were bought.", 1 / 2),
        ("electric vehicles sold", "Vehicles, electric, sold.", 1 / 2),
        ("electric vehicles sold", "Sold were vehicles that are electric.", 1),
        ("vehicles", "vehicles", 0),
        ("electric vehicles", "", 0),
    ],
)
def test_pairs_are_neighbours_in_either_order_over_function_words(
    question: str, sentence: str, expected: float
) -> None:
    assert pair_overlap(read_terms(question), read_terms(sentence)) == expected


def test_holding_is_by_stem() -> None:
    assert holds(read_terms("trams ran Lahore"), {"tram", "lahor"}).tolist() == [1, 0, 1]


def test_the_share_missing_is_by_weight() -> None:
    tokens = QueryTokens.of("Khan sold Huaguan trams", ENCODER)
    khan, _, huaguan, _ = tokens.weights.tolist()
    present = np.array([1.0, 0.0, 0.0, 0.0])
    assert share_missing(tokens, present, "is_name") == pytest.approx(huaguan / (khan + huaguan))
    assert share_missing(tokens, present, "is_number") == 0


def test_a_vector_of_noughts_stays_as_it_is() -> None:
    assert unit(np.zeros(3, dtype=np.float32)).tolist() == [0, 0, 0]
    assert unit(np.array([3, 4], dtype=np.float32)).tolist() == pytest.approx([0.6, 0.8])


# What a reader adds


def test_a_reader_adds_columns_and_changes_none() -> None:
    found = hits("Trams run. Ten trams stand.", "Buses run.")
    alone = gather_evidence("How many trams run?", found, ENCODER)
    read = gather_evidence("How many trams run?", found, ENCODER, WordReader("ten"))
    assert (alone.is_read, read.is_read) == (False, True)
    assert (read.features[:, : len(FEATURES)] == alone.features).all()
    assert read.features.shape == (3, len(FEATURES) + len(READ))
    columns = dict(zip(READ, read.features[:, len(FEATURES) :].T.tolist(), strict=True))
    assert columns["read span"] == [-8.0, 8.0, -8.0]
    assert columns["read answerable"] == [3.0, 3.0, -3.0]
    assert columns["read support"] == pytest.approx([1.0, -1 / 3, 0.0])
    assert columns["read span below best"] == [-16.0, 0.0, -16.0]


def test_short_answers_are_words_of_sentences_that_the_reader_is_sure_of() -> None:
    read = gather_evidence("How many?", hits("Trams. It has ten."), ENCODER, WordReader("ten"))
    (sentence,) = read.short_answers()
    assert sentence.text == "It has ten."
    assert read.short_answers() == {sentence: "ten"}
    none = gather_evidence("How many?", hits("Trams. It has ten."), ENCODER, WordReader())
    assert none.short_answers() == {}
    assert gather_evidence("How many?", hits("It has ten."), ENCODER).short_answers() == {}


def test_a_reader_of_nothing_adds_nothing() -> None:
    empty = gather_evidence("How many?", [], ENCODER, WordReader("ten"))
    assert empty.features.shape == (0, len(FEATURES) + len(READ))
    assert empty.short_answers() == {}
