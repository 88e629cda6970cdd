"""Tokenizers that share their vocabulary, which takes 8 MB and is read once."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from rag.ingest.hashing import hash_file

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_opened: WeakValueDictionary[str, Tokenizer] = WeakValueDictionary()
_opening = Lock()


def open_tokenizer(path: Path) -> Tokenizer:
    """Return the tokenizer in a ``tokenizer.json``: the same for all files of the same content.

    As others may hold it, nobody may change it; `copy_uncut` returns one that may be.
    """
    from tokenizers import Tokenizer

    key = hash_file(path)
    with _opening:
        tokenizer = _opened.get(key)
        if tokenizer is None:
            tokenizer = _opened[key] = Tokenizer.from_file(str(path))
    return tokenizer


def copy_uncut(tokenizer: Tokenizer) -> Tokenizer:
    """Return a tokenizer of the same vocabulary, not copied, that cuts and pads nothing."""
    copy = type(tokenizer)(tokenizer.model)
    for part in ("normalizer", "pre_tokenizer", "post_processor", "decoder"):
        if (its := getattr(tokenizer, part)) is not None:
            setattr(copy, part, its)
    added = tokenizer.get_added_tokens_decoder()
    copy.add_tokens([added[token_id] for token_id in sorted(added)])
    return copy


def save_tokenizer(tokenizer: Tokenizer, path: Path, *, pad_id: int, pads_left: bool) -> None:
    """Write the tokenizer, cutting nothing and with its padding, as a ``tokenizer.json``.

    What is the same tokenizer becomes the same content, whatever its user cuts.
    """
    copy = copy_uncut(tokenizer)
    copy.enable_padding(direction="left" if pads_left else "right", pad_id=pad_id)
    copy.save(str(path))
