from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from rag.index.weights import DEFAULT_MODEL, find_model
from rag.index.wordpieces import WordPieces, pack


def read_wordpieces(max_tokens: int = 256, *, direction: str = "right") -> WordPieces:
    tokenizer = Tokenizer.from_file(str(find_model(DEFAULT_MODEL).folder / "tokenizer.json"))
    tokenizer.enable_padding(direction=direction, pad_id=0)
    return WordPieces(tokenizer, max_tokens)


@pytest.fixture(scope="module")
def wordpieces() -> WordPieces:
    return read_wordpieces()


def test_special_tokens_and_the_prompt_are_counted(wordpieces: WordPieces) -> None:
    assert wordpieces.count(["", "cat", "a cat"]) == [2, 3, 4]
    assert wordpieces.count(["", "cat"], prompt="query: ") == [4, 5]


def test_nothing_is_cut_where_tokens_are_counted(wordpieces: WordPieces) -> None:
    assert wordpieces.count(["cat " * 1000]) == [1002]


def test_no_texts_have_no_counts_and_no_batches(wordpieces: WordPieces) -> None:
    assert wordpieces.count([]) == []
    assert list(wordpieces.batches([])) == []


def test_a_text_is_cut_after_the_most_tokens_special_ones_included(wordpieces: WordPieces) -> None:
    (encoding,) = wordpieces.encode(["cat " * 1000])
    assert len(encoding) == 256
    assert encoding.tokens[0] == "[CLS]"
    assert encoding.tokens[-1] == "[SEP]"


def test_a_lone_surrogate_counts_as_a_question_mark(wordpieces: WordPieces) -> None:
    (found,) = wordpieces.encode(["a \ud83d b"])
    (expected,) = wordpieces.encode(["a ? b"])
    assert found.ids == expected.ids
    assert wordpieces.count(["a \ud83d b"]) == [5]


def test_batches_are_padded_behind_the_text(wordpieces: WordPieces) -> None:
    arrays = wordpieces.arrays(wordpieces.encode(["", "cat"]))
    assert arrays["input_ids"].tolist() == [[101, 102, *[0] * 14], [101, 4937, 102, *[0] * 13]]
    assert arrays["attention_mask"].tolist() == [[1] * 2 + [0] * 14, [1] * 3 + [0] * 13]
    assert arrays["token_type_ids"].tolist() == [[0] * 16] * 2
    assert arrays["input_ids"].dtype == np.int64


def test_batches_are_padded_before_the_text_where_the_model_wants_that() -> None:
    wordpieces = read_wordpieces(direction="left")
    arrays = wordpieces.arrays(wordpieces.encode(["", "cat"]))
    assert arrays["input_ids"].tolist() == [[*[0] * 14, 101, 102], [*[0] * 13, 101, 4937, 102]]
    assert wordpieces.span(2, 3) == slice(1, 3)


def test_no_batch_is_wider_than_what_the_model_sees() -> None:
    wordpieces = read_wordpieces(20)
    assert wordpieces.arrays(wordpieces.encode(["cat " * 15]))["input_ids"].shape == (1, 20)


@pytest.mark.parametrize("direction", ["left", "right"])
def test_what_was_saved_is_read_again(tmp_path: Path, direction: str) -> None:
    wordpieces = read_wordpieces(8, direction=direction)
    wordpieces.save(tmp_path / "tokenizer.json")
    again = WordPieces.from_file(tmp_path / "tokenizer.json", 8)
    texts = ["", "the cat", "cat " * 100]
    for key, expected in wordpieces.arrays(wordpieces.encode(texts)).items():
        assert again.arrays(again.encode(texts))[key].tolist() == expected.tolist()
    assert again.count(texts) == [2, 4, 102]


def test_every_text_is_in_one_batch(wordpieces: WordPieces) -> None:
    texts = ["cat " * (i % 300) for i in range(600)]
    rows = []
    for batch, encodings in wordpieces.batches(texts):
        rows += batch
        assert wordpieces.encode([texts[i] for i in batch])[0].ids == encodings[0].ids
    assert sorted(rows) == list(range(600))


@given(st.lists(st.integers(1, 50)), st.integers(1, 100))
def test_packing_keeps_all_texts_and_holds_the_limit(sizes: list[int], batch_tokens: int) -> None:
    batches = list(pack(sizes, batch_tokens=batch_tokens))
    assert sorted(i for batch in batches for i in batch) == list(range(len(sizes)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(sizes[i] for i in batch) <= batch_tokens


def test_a_tokenizer_without_padding_is_refused() -> None:
    tokenizer = Tokenizer.from_file(str(find_model(DEFAULT_MODEL).folder / "tokenizer.json"))
    tokenizer.no_padding()
    with pytest.raises(ValueError, match="tokenizer must have its padding set"):
        WordPieces(tokenizer, 8)
