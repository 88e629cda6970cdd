import gc
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tokenizers import (
    AddedToken,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
)

from rag.index.vocabulary import copy_uncut, open_tokenizer, save_tokenizer
from rag.index.weights import DEFAULT_MODEL, find_model
from rag.index.wordpieces import WordPieces
from rag.read.pairs import PairTokens

TEXT = "The Übermut of naïve <new> readers, [MASK] 中文 and unbelievable\ttales."


def make_wordpiece() -> Tokenizer:
    return Tokenizer.from_file(str(find_model(DEFAULT_MODEL).folder / "tokenizer.json"))


def make_bare() -> Tokenizer:
    tokenizer = Tokenizer(models.WordLevel({"the": 0, "[UNK]": 1}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer


def make_bytes() -> Tokenizer:
    alphabet = {letter: i for i, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE({**alphabet, "th": 256}, [("t", "h")]))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<s>", "</s>"])
    tokenizer.add_tokens([AddedToken("<new>", lstrip=True, normalized=False)])
    ends = [("<s>", 257), ("</s>", 258)]
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A </s>", None, ends)
    return tokenizer


def make_unigram() -> Tokenizer:
    letters = [(letter, -3.0) for letter in "abcdefghiklmnorst"]
    pieces = [("<unk>", 0.0), ("▁", -1.0), ("▁the", -2.0), *letters]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    return tokenizer


Make = Callable[[], Tokenizer]
KINDS: list[Make] = [make_wordpiece, make_bare, make_bytes, make_unigram]


@pytest.mark.parametrize("make", KINDS)
def test_a_copy_reads_as_its_original_and_cuts_and_pads_nothing(make: Make) -> None:
    original = make()
    original.enable_truncation(4)
    original.enable_padding(length=90)
    before = original.to_str()
    copy = copy_uncut(original)
    copy.enable_truncation(3)
    assert original.to_str() == before
    copy.no_truncation()
    assert (copy.truncation, copy.padding) == (None, None)
    original.no_truncation()
    original.no_padding()
    assert copy.to_str() == original.to_str()
    one, other = (each.encode(TEXT) for each in (original, copy))
    assert (one.ids, one.offsets) == (other.ids, other.offsets)
    assert len(one) > 4


def test_files_of_the_same_content_are_read_once(tmp_path: Path) -> None:
    first, second, other = (tmp_path / f"{name}.json" for name in ("first", "second", "other"))
    save_tokenizer(make_bytes(), first, pad_id=0, pads_left=False)
    shutil.copy(first, second)
    save_tokenizer(make_bytes(), other, pad_id=1, pads_left=False)
    held = open_tokenizer(first)
    assert open_tokenizer(second) is held
    assert open_tokenizer(other) is not held


def test_what_nobody_holds_any_more_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    save_tokenizer(make_bytes(), path, pad_id=0, pads_left=False)
    held = open_tokenizer(path)
    held.add_tokens(["mark"])
    del held
    gc.collect()
    assert open_tokenizer(path).token_to_id("mark") is None


def test_encoder_and_reader_of_one_vocabulary_share_it(tmp_path: Path) -> None:
    tokenizer = make_wordpiece()
    tokenizer.enable_padding(pad_id=0)
    WordPieces(tokenizer, 256).save(tmp_path / "encoder.json")
    PairTokens(make_wordpiece()).save(tmp_path / "reader.json")
    held = open_tokenizer(tmp_path / "encoder.json")
    assert open_tokenizer(tmp_path / "reader.json") is held
