"""What a reader is trained on: that every target is right, and no negative holds the answer."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent.parent / "training"))

from altered import add_altered  # noqa: E402
from batches import IGNORED, find_target, make_rows, shuffle, to_tensors  # noqa: E402
from examples import (  # noqa: E402
    JOINED,
    Example,
    Passages,
    add_negatives,
    join_sentences,
    make,
    without,
)
from measure import area, best_threshold  # noqa: E402

from rag.index.weights import DEFAULT_MODEL, find_model  # noqa: E402
from rag.read.pairs import PairTokens  # noqa: E402

TEXT = "The tram is red. It was built in Lahore in 1932. Nobody rides it."
LAHORE = (TEXT.index("Lahore"), TEXT.index("Lahore") + 6)


@pytest.fixture(scope="module")
def tokens() -> PairTokens:
    return PairTokens.from_file(find_model(DEFAULT_MODEL).folder / "tokenizer.json")


def example(**how: object) -> Example:
    made = make("set", "article", "1", "Where was it built?", TEXT, [LAHORE])
    return Example(**{**{name: getattr(made, name) for name in made.__slots__}, **how})


def test_the_sentence_of_the_answer_supports_it() -> None:
    made = example()
    assert [TEXT[start:end] for start, end in made.support] == ["It was built in Lahore in 1932."]
    assert made.is_answerable
    assert not make("set", "article", "2", "Who rides it?", TEXT, []).is_answerable


def test_the_target_of_a_window_is_the_answers_tokens(tokens: PairTokens) -> None:
    (row,) = make_rows([example()], tokens)
    first, last = (row.window.offsets[place] for place in (row.target.start, row.target.end))
    assert TEXT[first[0] : last[1]] == "Lahore"
    supporting = row.window.offsets[row.target.support == 1]
    assert TEXT[supporting[0][0] : supporting[-1][1]] == "It was built in Lahore in 1932."
    assert (row.target.support[~row.window.in_passage] == -1).all()


def test_an_answer_beyond_a_window_is_no_answer_there(tokens: PairTokens) -> None:
    text = TEXT + " It is old." * 400
    rows = make_rows([example(text=text)], tokens)
    assert rows[0].target.start > 0
    assert all(row.target.start == row.target.end == 0 for row in rows[2:])
    assert [row.target.is_answerable for row in rows] == [True] + [False] * (len(rows) - 1)


def test_a_long_answer_has_sentences_but_no_span(tokens: PairTokens) -> None:
    (row,) = make_rows([example(spans=())], tokens)
    assert row.target.start == row.target.end == IGNORED
    assert row.target.is_answerable


def test_a_negative_does_not_hold_the_answer_and_the_examples_stay() -> None:
    other = example(text="The depot in lahore is closed.", spans=(), support=(), identity="2")
    third = example(text="The bus is slow.", spans=(), support=(), identity="3")
    examples = [example(), other, third]
    found = add_negatives(examples, 1.0, seed=0)
    assert found[:3] == examples
    assert len(found) == 4
    assert not found[3].is_answerable
    assert "lahore" not in found[3].text.lower()
    assert add_negatives(examples, 0.0, seed=0) == examples


def test_an_altered_question_is_another_one_that_has_no_answer() -> None:
    asked = example(question="Where was the first tram built in 1932?")
    for seed in range(20):
        same, altered = add_altered([asked], 1.0, seed)
        assert same == asked
        assert altered.text == asked.text
        assert altered.question != asked.question
        assert (altered.is_answerable, altered.spans, altered.support) == (False, (), ())
    questions = {add_altered([asked], 1.0, seed)[1].question for seed in range(20)}
    assert "Where was the last tram built in 1932?" in questions
    assert len(questions) > 3


def test_a_question_that_someone_asked_is_not_made_up() -> None:
    first = example(question="Who came first?")
    last = example(question="Who came last?", identity="2")
    assert add_altered([first, last], 1.0, seed=0) == [first, last]


def test_a_question_with_nothing_to_alter_stays_alone() -> None:
    plain = example(question="Why?", text="It rained.", spans=((0, 2),))
    assert add_altered([plain], 1.0, seed=1) == [plain]
    assert add_altered([example()], 0.0, seed=1) == [example()]


def test_the_likest_passage_shares_the_rare_words_and_has_no_answer() -> None:
    texts = [f"It is number {number} of them." for number in range(30)]
    karachi = "Old trams stand in Karachi."
    passages = Passages([*texts, karachi, "Old trams stand in Lahore."])
    assert passages.find_likest("Where do old trams stand?", ["lahore"]) == karachi
    assert passages.find_likest("Where is it?", []) == ""  # words of nearly all
    assert passages.find_likest("日本", []) == ""


def test_single_sentences_are_put_among_others_and_keep_their_answers() -> None:
    import random

    others = [example(text=f"Bus {n} is slow.", spans=(), support=()) for n in range(50)]
    text = "It was built in Lahore."
    alone = make("set", "article", "1", "Where was it built?", text, [(16, 22)])
    whole = example(text=TEXT * 3)
    joined = join_sentences([alone, whole, *others], random.Random(0))
    first, second = joined[:2]
    assert second == whole
    assert len(first.text) >= JOINED
    assert [first.text[start:end] for start, end in first.spans] == ["Lahore"]
    assert [first.text[start:end] for start, end in first.support] == [text]


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9)), max_size=4))
@settings(derandomize=True, deadline=None)
def test_what_is_taken_away_is_gone(parts: list[tuple[int, int]]) -> None:
    text = "".join(chr(0x4E00 + number) for number in range(70))
    spans = [(start, start + n) for start, n in parts]
    left = set(without(text, spans))
    gone = {character for start, end in spans for character in text[start:end]}
    assert not left & gone


def test_batches_hold_every_row_once_and_rows_of_similar_length(tokens: PairTokens) -> None:
    import random

    import torch

    examples = [example(text=TEXT + " Old." * n, identity=str(n)) for n in range(10)]
    rows = make_rows(examples, tokens)
    batches = list(shuffle(rows, 3, random.Random(0)))
    assert sorted(row.example for batch in batches for row in batch) == list(range(10))
    inputs, targets = to_tensors(batches[0], tokens, torch.device("cpu"))
    assert inputs["input_ids"].shape == targets["support"].shape
    assert (targets["support"][inputs["attention_mask"] == 0] == -1).all()


@pytest.mark.slow
def test_a_network_learns_what_it_is_shown(tokens: PairTokens) -> None:
    """A network that is too small to read learns a handful of answers by heart."""
    import torch
    from learn import Recipe, find_loss
    from transformers import BertConfig

    from rag.read.network import build_network

    torch.manual_seed(0)
    size: dict[str, Any] = {"hidden_size": 32, "num_hidden_layers": 1, "intermediate_size": 32}
    network = build_network(BertConfig(num_attention_heads=2, hidden_dropout_prob=0.0, **size))
    rows = make_rows([example(), example(spans=(), support=(), is_answerable=False)], tokens)
    inputs, targets = to_tensors(rows[:1], tokens, torch.device("cpu"))
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    losses = []
    for _ in range(40):
        loss = find_loss(network(**inputs), inputs, targets, Recipe())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0] / 4
    start, end, _, answerable = network(**inputs)
    assert (int(start.argmax()), int(end.argmax())) == (rows[0].target.start, rows[0].target.end)
    assert float(answerable.detach()) > 0


def test_a_mean_of_networks_has_the_mean_of_each_of_their_weights() -> None:
    import torch
    from learn import average

    networks = [torch.nn.Linear(2, 1) for _ in range(3)]
    weights = [network.weight.detach().clone() for network in networks]
    assert torch.allclose(average(networks).weight, sum(weights, torch.zeros(1, 2)) / 3)


def test_the_threshold_keeps_what_is_right_and_refuses_what_is_not() -> None:
    confidences = np.array([0.1, 0.2, 0.3, 0.4])
    said, is_none = np.array([0.0, 0.0, 1.0, 0.5]), np.array([1.0, 1.0, 0.0, 0.0])
    assert best_threshold(confidences, said, is_none) == 0.3
    assert best_threshold(confidences, said, 0 * is_none) == 0.1
    assert best_threshold(confidences, 0 * said, 0 * is_none + 1) == float("inf")


def test_the_area_is_the_share_of_pairs_in_order() -> None:
    scores, labels = np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True])
    assert area(scores, labels) == 3 / 4


def test_targets_are_found_in_every_kind_of_row(tokens: PairTokens, tmp_path: Path) -> None:
    import gzip

    from examples import read_rows

    path = tmp_path / "some.jsonl.gz"
    answers = [{"text": "Lahore", "start": LAHORE[0]}]
    row = {"id": "1", "context": TEXT, "question": "Where?", "answers": answers}
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n" + json.dumps({**row, "answers": []}) + "\n")
    first, second = read_rows(path)
    assert (first.source, first.is_answerable, second.is_answerable) == ("some", True, False)
    (window,) = tokens.windows(first.question, [first.text])
    assert find_target(first, window).start > 0
    assert find_target(second, window).start == 0
