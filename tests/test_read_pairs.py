from pathlib import Path

import numpy as np
import pytest

from rag.index.weights import DEFAULT_MODEL, find_model
from rag.read.pairs import MAX_QUESTION, STRIDE, PairTokens

TEXT = "The tram is red. It runs in Zürich, 日本 and Lahore 🚋 every day."


@pytest.fixture(scope="module")
def tokens() -> PairTokens:
    return PairTokens.from_file(find_model(DEFAULT_MODEL).folder / "tokenizer.json")


def test_the_tokens_of_the_passage_know_their_place_in_its_text(tokens: PairTokens) -> None:
    (window,) = tokens.windows("Which colour?", [TEXT])
    words = [TEXT[start:end] for start, end in window.offsets[window.in_passage]]
    assert words[:5] == ["The", "tram", "is", "red", "."]
    assert "".join(words) == TEXT.replace(" ", "")
    assert window.types[window.in_passage].tolist() == [1] * len(words)
    assert window.offsets[0].tolist() == [-1, -1]  # the first token stands for no answer


def test_a_long_passage_is_seen_in_windows_that_overlap(tokens: PairTokens) -> None:
    text = " ".join(f"word{number}" for number in range(400))
    windows = tokens.windows("Which?", [TEXT, text])
    assert [window.text for window in windows] == [0] + [1] * (len(windows) - 1)
    assert len(windows) > 2
    seen: set[int] = set()
    for before, after in zip(windows[1:], windows[2:], strict=False):
        shared = {tuple(o) for o in before.offsets.tolist()} & {
            tuple(o) for o in after.offsets.tolist()
        }
        assert len(shared - {(-1, -1)}) == STRIDE
    for window in windows[1:]:
        assert len(window.ids) <= 384
        for start, end in window.offsets[window.in_passage]:
            seen.update(range(start, end))
    assert {text[place] for place in set(range(len(text))) - seen} == {" "}


def test_a_context_is_seen_above_the_passage_and_is_no_part_of_it(tokens: PairTokens) -> None:
    (bare,) = tokens.windows("Which colour?", [TEXT])
    with_context, without = tokens.windows("Which colour?", [TEXT, TEXT], ["Trams > Zürich", ""])
    assert without.ids.tolist() == bare.ids.tolist()
    n = len(with_context.ids) - len(bare.ids)
    assert n == 3  # trams, >, zurich
    place = int(bare.in_passage.argmax())
    assert with_context.ids.tolist()[place + n :] == bare.ids.tolist()[place:]
    assert with_context.offsets.tolist()[place + n :] == bare.offsets.tolist()[place:]
    assert (with_context.offsets[: place + n] == -1).all()


def test_a_long_question_leaves_the_passage_its_room(tokens: PairTokens) -> None:
    (window,) = tokens.windows("why " * 500, [TEXT])
    (short,) = tokens.windows("why", [TEXT])
    assert int((~window.in_passage).sum()) <= MAX_QUESTION + 3
    assert window.in_passage.sum() == short.in_passage.sum()


def test_padding_is_masked_and_empty_texts_have_a_window(tokens: PairTokens) -> None:
    windows = tokens.windows("Which?", ["", TEXT])
    arrays = tokens.pad(windows)
    sizes = [len(window.ids) for window in windows]
    assert arrays["attention_mask"].sum(axis=1).tolist() == sizes
    assert max(sizes) == 23
    assert arrays["input_ids"].shape == (2, 32)
    assert np.all(arrays["input_ids"][0, sizes[0] :] == tokens.pad_id)
    assert not windows[0].in_passage.any()
    assert tokens.windows("Which?", []) == []


def test_a_saved_tokenizer_reads_as_before(tokens: PairTokens, tmp_path: Path) -> None:
    tokens.save(tmp_path / "tokenizer.json")
    again = PairTokens.from_file(tmp_path / "tokenizer.json")
    (one,), (other,) = (each.windows("Which?", [TEXT]) for each in (tokens, again))
    assert one.ids.tolist() == other.ids.tolist()
    assert one.offsets.tolist() == other.offsets.tolist()
