"""Plain text: the encoding of bytes, and the reader of ``.txt``."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from charset_normalizer import from_bytes

from rag.ingest.article import Article, Limits, ReadError, clean_text, first_line_title
from rag.ingest.plain_tables import name_aligned
from rag.ingest.tokens import find_rank
from rag.ingest.underlines import drop_underlines

# The longer marks first: that of UTF-32 LE begins with that of UTF-16 LE.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LEGACY = [  # what text files are in practice; among all encodings a guess is often an exotic one
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r"),
    *("cp932", "euc_jp", "gb18030", "big5", "cp949", "cp874"),
]
_WESTERN = frozenset(
    "àáâãäåæçèéêëìíîïñòóôõöøùúûüÿœßÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜŸŒ"
    "‘’“”„‚‹›«»–—…•·€£¥§©®™°±²½¼¾¿¡ªº´\u00a0\u00ad"
)
_CUT = re.compile(
    r"(?<![\w-])([^\W\d_]{2,40})([-\u2010\u00ad])\n"
    r"[ \t]{0,20}([^\W\d_]{2,40})(\S{0,40})(?!\S)[ \t]*"
)
_WRAPPED = 30  # characters; a line of fewer is hardly full, so a word at its end is not cut
_SUSPENDED = frozenset({"and", "or", "to", "und", "oder", "bis", "et", "ou", "y", "o"})  # pre- and
_CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_HEAD = 8000  # bytes in which a NUL means binary; git looks at as many
_SAMPLE = 200_000  # bytes that a guess looks at


def read_plain(path: Path, limits: Limits) -> Article:
    """Return the text of a ``.txt`` file, with words that were cut in two made whole.

    Headings stand alone, without a line that underlines them, and rows are told with the names of
    their columns. Its first line is the title where it looks like one.
    """
    text = name_aligned(drop_underlines(join_cut_words(decode(path.read_bytes()))))
    return Article(text, title=first_line_title(text))


def join_cut_words(text: str) -> str:
    r"""Return the text with words that a line's end cuts in two on the first of the two lines.

    The hyphen goes where the whole word is a common one or stands elsewhere in the text, and where
    its halves are no words; it stays where the word is written with it elsewhere, and where both
    are. Only small letters are joined, at the end of a line that is long enough to be full.

    >>> join_cut_words("It was drawn in the year 1927 by the engi-\nneer Paul Renner.")
    'It was drawn in the year 1927 by the engineer\nPaul Renner.'
    """
    if not _CUT.search(text):
        return text
    words = set(re.findall(r"\w+(?:-\w+)*", text.lower()))

    def join(cut: re.Match[str]) -> str:
        first, hyphen, second, rest = cut.groups()
        length = cut.start() - (text.rfind("\n", 0, cut.start()) + 1)
        if length + len(first) < _WRAPPED or not f"{first[-1]}{second}".islower():
            return cut[0]
        if second in _SUSPENDED:
            return cut[0]
        is_whole = hyphen == "\u00ad" or _is_whole(first.lower(), second, words)
        end = "" if text[cut.end() : cut.end() + 1] in ("\n", "") else "\n"
        return f"{first}{'' if is_whole else '-'}{second}{rest}{end}"

    return _CUT.sub(join, text)


def _is_whole(first: str, second: str, words: set[str]) -> bool:
    """Return whether two halves are one word that is written without a hyphen."""
    if f"{first}{second}" in words or f"{first}-{second}" in words:
        return f"{first}-{second}" not in words
    if find_rank(f"{first}{second}") is not None:
        return True
    return find_rank(first) is None or find_rank(second) is None


def decode(data: bytes, declared: str = "") -> str:
    r"""Return the bytes as clean text, line ends as ``\n``.

    In this order: a byte order mark, UTF-16 by where its NUL bytes lie, strict UTF-8, the
    ``declared`` encoding, UTF-8 with a few broken characters (which become ``\ufffd``), and the
    likeliest legacy encoding. A short text in one of those may be misread.

    >>> decode("Å\r\n".encode("utf-16")), decode("naïve".encode("cp1252"))
    ('Å\n', 'naïve')

    Raises:
        ReadError: the bytes are not text, or no encoding fits.
    """
    encoding = _marked(data) or _unmarked_utf16(data)
    if encoding:
        text = data.decode(encoding, errors="replace")
        if 50 * text.count("\ufffd") > len(text):
            raise ReadError("binary, not text")
        return clean_text(text)
    _refuse_binary(data)
    for strict in ("utf-8", declared):
        try:
            return clean_text(data.decode(strict))
        except (UnicodeError, LookupError):  # LookupError: no such encoding
            continue
    broken = data.decode("utf-8", errors="replace")
    n_broken = broken.count("\ufffd")
    n_sound = sum(character > "\x7f" for character in broken) - n_broken
    # Sequences of several bytes are hardly ever valid by chance: this is UTF-8 that was damaged.
    if n_sound > n_broken:
        return clean_text(broken)
    return clean_text(data.decode(_guess(data), errors="replace"))


def _marked(data: bytes) -> str:
    return next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "")


def _unmarked_utf16(data: bytes) -> str:
    """Return UTF-16 LE or BE where nearly all NUL bytes of the head are on one side of the pairs.

    True of text with Latin letters or even only spaces and digits among others.
    """
    head = data[: _HEAD - _HEAD % 2]
    n_first, n_second = head[::2].count(0), head[1::2].count(0)
    for encoding, n_high, n_low in (
        ("utf-16-le", n_second, n_first),
        ("utf-16-be", n_first, n_second),
    ):
        if n_high > len(head) / 10 and n_low <= n_high / 50:
            try:
                sample = head.decode(encoding, errors="strict" if len(data) <= _HEAD else "ignore")
            except UnicodeDecodeError:
                return ""
            return encoding if not _CONTROLS.search(sample.encode("utf-8", "ignore")) else ""
    return ""


def _refuse_binary(data: bytes) -> None:
    head = data[:_HEAD]
    if head.lstrip().startswith(b"%PDF-"):
        raise ReadError("a PDF by its content; rename it to .pdf")
    # Text has hardly any control characters; random bytes have 1 in 9.
    if b"\x00" in head or 50 * len(_CONTROLS.findall(head)) > len(head):
        raise ReadError("binary, not text")


def _guess(data: bytes) -> str:
    sample = data[:_SAMPLE]
    if len(data) > _SAMPLE:  # not to cut a character of several bytes in two
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    best = from_bytes(sample, cp_isolation=_LEGACY).best()
    if best is None:
        raise ReadError("text in an unknown encoding; save it as UTF-8")
    # In Latin script many encodings fit the same bytes, and the guess among them is alphabetical.
    if all(character < "\u0250" for character in str(best) if character.isalpha()):
        western = sample.decode("cp1252", errors="replace")
        if all(character < "\x80" or character in _WESTERN for character in western):
            return "cp1252"
    return best.encoding
