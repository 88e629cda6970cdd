import math
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rag.ingest.tokens
from rag.ingest.tokens import (
    count_tokens,
    find_rank,
    load_encoding,
    most_tokens,
    rarity,
    token_offsets,
)

WORDS = (
    "the price don't it’s ² x² naïve 日本 3rd > é (new _the 's -car I'll EVs".split()  # noqa: SIM905
    + ["\n", "\u0301", "\u00a0of", ""]
)

PACKAGE = Path(rag.ingest.tokens.__file__).parent.parent

# Published with OpenAI's cookbook, "How to count tokens with tiktoken".
KNOWN = {
    "hello world": [15339, 1917],
    "tiktoken is great!": [83, 1609, 5963, 374, 2294, 0],
    "antidisestablishmentarianism": [519, 85342, 34500, 479, 8997, 2191],
    "2 + 2 = 4": [17, 489, 220, 17, 284, 220, 19],
    "お誕生日おめでとう": [33334, 45918, 243, 21990, 9080, 33334, 62004, 16556, 78699],
}


@pytest.mark.parametrize(("text", "ids"), KNOWN.items(), ids=ascii)
def test_ids_and_counts_are_the_published_ones(text: str, ids: list[int]) -> None:
    assert load_encoding().encode_ordinary(text) == ids
    assert count_tokens(text) == len(ids)


def test_no_text_has_no_tokens() -> None:
    assert count_tokens("") == 0
    assert list(token_offsets("")) == []


def test_every_byte_is_a_token_of_its_own_where_nothing_better_is_known() -> None:
    encoding = load_encoding()
    assert sorted(encoding.decode_single_token_bytes(i) for i in range(256)) == [
        bytes([i]) for i in range(256)
    ]
    assert encoding.max_token_value == 100_255


@pytest.mark.parametrize("special", ["<|endoftext|>", "<|fim_prefix|>", "<|endofprompt|>"])
def test_a_special_token_is_counted_as_the_text_that_it_is(special: str) -> None:
    ids = load_encoding().encode_ordinary(special)
    assert count_tokens(special) == len(ids) > 3
    assert load_encoding().decode(ids) == special


def slow_offsets(text: str) -> list[int]:
    """The characters that are whole before each token, from the bytes of all tokens before it."""
    encoding = load_encoding()
    pieces = [encoding.decode_single_token_bytes(i) for i in encoding.encode_ordinary(text)]
    return [len(b"".join(pieces[:i]).decode(errors="ignore")) for i in range(len(pieces))]


@pytest.mark.parametrize(
    "text",
    [
        "hello world",
        "naïve café",
        "🚋 und 👩‍🚀!",
        "ไทยแลนด์",
        "الكهرباء",
        "電気自動車",
        "a\r\n\r\nb",
        "𝔘𝔫𝔦",
    ],
    ids=ascii,
)
def test_offsets_are_those_of_the_slow_way(text: str) -> None:
    assert list(token_offsets(text)) == slow_offsets(text)


@given(st.text(max_size=60))
@settings(derandomize=True, deadline=None, max_examples=200)
def test_offsets_of_any_text_are_those_of_the_slow_way(text: str) -> None:
    offsets = list(token_offsets(text))
    assert offsets == slow_offsets(text)
    assert len(offsets) == count_tokens(text)
    assert offsets == sorted(offsets)
    assert all(0 <= offset < len(text) for offset in offsets)


def test_a_token_inside_a_character_starts_at_the_character() -> None:
    # The tram is four bytes, in three tokens; the first and last character are one token each.
    assert list(token_offsets("a🚋b")) == [0, 1, 1, 1, 2]


def test_long_texts_are_counted_at_once() -> None:
    assert count_tokens("x" * 200_000) == 200_000 / 8
    assert count_tokens(" " * 100_000) > 1


def run(code: str, *, package: Path = PACKAGE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=package.parent, timeout=60
    )


def test_a_damaged_rank_file_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    package = tmp_path / "rag"
    shutil.copytree(PACKAGE / "ingest", package / "ingest")
    for name in ("__init__.py", "records.py"):
        shutil.copy(PACKAGE / name, package)
    (package / "__init__.py").write_text("")
    ranks = package / "ingest" / "cl100k_base.tiktoken"
    code = "from rag.ingest.tokens import count_tokens; print(count_tokens('hello world'))"
    assert run(code, package=package).stdout == "2\n"
    ranks.write_bytes(ranks.read_bytes().replace(b" 1917\n", b" 1918\n", 1))
    failed = run(code, package=package)
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[-1] == (
        "RuntimeError: cl100k_base.tiktoken in the package is damaged; install it again"
    )


def test_counting_opens_no_connection() -> None:
    code = """
import sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        raise RuntimeError(event)

sys.addaudithook(refuse)
from rag.ingest.tokens import count_tokens
print(count_tokens("hello world"))
"""
    assert run(code).stdout == "2\n"


def test_importing_the_module_imports_no_tiktoken() -> None:
    code = "import sys, rag.ingest.tokens; print('tiktoken' in sys.modules)"
    assert run(code).stdout == "False\n"


def test_rarity_is_the_logarithm_of_a_words_number_between_two_marks() -> None:
    (number,) = load_encoding().encode_ordinary(" vehicle")
    expected = math.log(number / 500) / math.log(50_000 / 500)
    assert rarity("vehicle") == pytest.approx(expected)


def test_the_commonest_words_have_rarity_nought_and_unknown_ones_one() -> None:
    assert [rarity(word) for word in ("the", "and", "of")] == [0.0, 0.0, 0.0]
    assert [rarity(word) for word in ("Huaguan", "2030", "電気")] == [1.0, 1.0, 1.0]


def test_rarity_does_not_depend_on_case() -> None:
    assert rarity("Vehicle") == rarity("VEHICLE") == rarity("vehicle")


def rank_by_encoding(word: str) -> int | None:
    ranks = load_encoding().encode_ordinary(f" {word}")
    return ranks[0] if len(ranks) == 1 else None


def test_a_words_rank_is_the_one_that_the_encoding_gives() -> None:
    tokens = [load_encoding().decode_single_token_bytes(rank) for rank in range(0, 100_256, 7)]
    words = [token.decode(errors="replace").lstrip() for token in tokens]
    assert sum(find_rank(word) is not None for word in words) > 5_000
    for word in words:
        assert find_rank(word) == rank_by_encoding(word), word


@given(st.from_regex(r"\A\w[\w'’-]{0,12}\Z"))
@settings(derandomize=True, deadline=None)
def test_any_words_rank_is_the_one_that_the_encoding_gives(word: str) -> None:
    assert find_rank(word) == rank_by_encoding(word)


@given(st.one_of(st.text(), st.lists(st.sampled_from(WORDS)).map(" ".join)))
@settings(derandomize=True, deadline=None)
def test_a_text_has_at_most_so_many_tokens(text: str) -> None:
    assert most_tokens(text) >= count_tokens(text)


def test_the_most_tokens_of_plain_words_are_all_that_there_are() -> None:
    assert most_tokens(" the price of a new car rose again") == 8
