"""Counting tokens with tiktoken, from the ``cl100k_base`` rank file that ships with the package."""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tiktoken

RANKS_SHA256 = "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"

# How cl100k_base cuts text before merging bytes; part of the encoding's definition.
PATTERN = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"
    r"|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
)
SPACED_WORD = re.compile(r" ([^\W\d_]+)")
SPACED = re.compile(rb"^(I[A-P]\S+) (\d+)$", re.MULTILINE)  # in base 64, what a space begins


def count_tokens(text: str) -> int:
    """Return the number of ``cl100k_base`` tokens of the text.

    Special tokens have no special meaning: they are counted as the text that they are.

    >>> count_tokens("hello world")
    2
    >>> count_tokens("<|endoftext|>") > 1
    True
    """
    return len(load_encoding().encode_ordinary(text))


def most_tokens(text: str) -> int:
    """Return a number of tokens that the text does not exceed; quicker than to count them.

    A word that the encoding knows behind a space is one token, and no other byte is more than one.

    >>> count_tokens("Prices of sodium-ion cells"), most_tokens("Prices of sodium-ion cells")
    (5, 13)
    """
    n_bytes = len(text.encode("utf-8", "replace"))
    known = (word[0] for word in SPACED_WORD.finditer(text) if find_rank(word[1]) is not None)
    return n_bytes - sum(len(word.encode()) - 1 for word in known)


def token_offsets(text: str) -> Sequence[int]:
    """Return the character at which each token starts; a token inside a character starts at it.

    >>> list(token_offsets("hello world"))
    [0, 5]
    """
    encoding = load_encoding()
    # Adding up the lengths of decoded tokens breaks where a character spans several tokens.
    return encoding.decode_with_offsets(encoding.encode_ordinary(text))[1]


@cache
def load_encoding() -> tiktoken.Encoding:
    """Return ``cl100k_base``, read from the package: tiktoken itself would download it.

    Raises:
        RuntimeError: The rank file is damaged.
    """
    import tiktoken

    # Each line has a token and its rank, and the ranks count up from 0.
    ranks = {binascii.a2b_base64(token): i for i, token in enumerate(_read_ranks().split()[::2])}
    # Text is only ever encoded as ordinary text, so no special tokens are named.
    return tiktoken.Encoding(
        "cl100k_base", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={}
    )


@cache
def rarity(word: str) -> float:
    """Return how rare a word is in general English, from 0 (``the``) to 1 (rare, or unknown).

    The tokens of a byte-pair encoding are numbered in the order in which they were merged, so a
    number grows as a word's frequency falls; by Zipf's law its logarithm stands in for an inverse
    document frequency. That serves where a corpus is too small to tell rare words from common.

    >>> rarity("the") < rarity("vehicle") < rarity("Huaguan") == 1.0
    True
    """
    rank = find_rank(word.lower())
    if rank is None:
        return 1.0
    common, rare = math.log(500), math.log(50_000)
    return min(1.0, max(0.0, (math.log(rank) - common) / (rare - common)))


@cache
def is_usually_capital(word: str) -> bool | None:
    """Return whether general English has a word more often with a capital letter than without.

    ``None`` where it has the word in neither form. It is read off as `rarity` is.

    >>> is_usually_capital("china"), is_usually_capital("vehicle"), is_usually_capital("Huaguan")
    (True, False, None)
    """
    lower, upper = find_rank(word.lower()), find_rank(word.capitalize())
    if lower is None and upper is None:
        return None
    return upper is not None and (lower is None or upper < lower)


def find_rank(word: str) -> int | None:
    """Return the number of the token that a space and the word are; ``None`` if they are several.

    A question needs no more of the encoding, all of which takes 40 MB and a fifth of a second.
    """
    rank = _words().get(base64.b64encode(f" {word}".encode("utf-8", "replace")))
    return None if rank is None else int(rank)


@cache
def _words() -> dict[bytes, bytes]:
    return dict(SPACED.findall(_read_ranks()))


def _read_ranks() -> bytes:
    content = files("rag.ingest").joinpath("cl100k_base.tiktoken").read_bytes()
    if hashlib.sha256(content).hexdigest() != RANKS_SHA256:
        raise RuntimeError("cl100k_base.tiktoken in the package is damaged; install it again")
    return content
