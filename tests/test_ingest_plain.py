from __future__ import annotations

import codecs
import random
from pathlib import Path

import pytest

from rag.ingest.article import Limits, ReadError
from rag.ingest.plain import decode, join_cut_words, read_plain

FRENCH = "L’été dernier, la forêt a brûlé près de Nîmes, où 3 élèves étaient réunis. C’était où ?"
GERMAN = "Die Straße in München führt über den Fluß."
SPANISH = "¿Cuándo llegó el señor Muñoz a la reunión? Pagó 5 € más."
CZECH = "Příliš žluťoučký kůň úpěl ďábelské ódy."
POLISH = "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności."
TURKISH = "Türkiye'nin en büyük şehri İstanbul'dur ve ışık doğudan yükselir."
RUSSIAN = "Это новая статья о реках и озёрах Сибири."
GREEK = "Αυτό είναι ένα άρθρο για τα ποτάμια."
ARABIC = "هذه مقالة عن السيارات الكهربائية في باكستان"
JAPANESE = "新しい電気自動車の販売は2030年までに三割になる見込みだと大臣が述べた。"
CHINESE = "这是一个关于电动汽车的新闻。"


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"],
)
@pytest.mark.parametrize(
    "text", [FRENCH, "Плюс 30 % к 2030, ok.\nДа, 42!\n", "plain 👩\u200d🚀"], ids=ascii
)
def test_unicode_is_read_with_and_without_a_byte_order_mark(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_big_endian_marks_are_read() -> None:
    assert decode(codecs.BOM_UTF16_BE + "né".encode("utf-16-be")) == "né"
    assert decode(codecs.BOM_UTF32_BE + "né".encode("utf-32-be")) == "né"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (FRENCH, "cp1252"),
        (GERMAN, "latin-1"),
        (SPANISH, "cp1252"),
        (CZECH, "cp1250"),
        (POLISH, "cp1250"),
        (TURKISH, "cp1254"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8_r"),
        (GREEK, "cp1253"),
        (ARABIC, "cp1256"),
        (JAPANESE, "shift-jis"),
        (CHINESE, "gb18030"),
    ],
)
def test_a_legacy_encoding_is_recognised(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_a_character_on_the_edge_of_the_sample_is_read() -> None:
    text = f"{JAPANESE}\n" * 4000
    assert decode(text.encode("shift-jis")) == text


def test_a_declared_encoding_is_used_where_the_bytes_are_not_utf_8() -> None:
    assert decode("ő".encode("iso8859-2"), declared="iso8859-2") == "ő"
    assert decode("ő".encode(), declared="iso8859-1") == "ő"
    assert decode(GERMAN.encode("cp1252"), declared="no-such-encoding") == GERMAN


def test_damaged_utf_8_stays_utf_8() -> None:
    assert decode(FRENCH.encode() + b"\xe2\x80") == f"{FRENCH}\ufffd"


def test_line_ends_are_made_one() -> None:
    assert decode(b"one\r\ntwo\rthree\n") == "one\ntwo\nthree\n"


@pytest.mark.parametrize(
    "data",
    [
        b"GIF89a\x01\x00\x01\x00",
        random.Random(0).randbytes(5000).replace(b"\x00", b"\x01"),
        random.Random(1).randbytes(20_000),
        "text".encode("utf-16-le") + bytes(range(32)) * 20,
        codecs.BOM_UTF16_LE + random.Random(2).randbytes(5000),
    ],
    ids=["gif", "random bytes without NUL", "random bytes", "UTF-16 and binary", "marked"],
)
def test_binary_is_refused(data: bytes) -> None:
    with pytest.raises(ReadError, match="^binary, not text$"):
        decode(data)


def test_a_pdf_under_another_name_is_refused() -> None:
    with pytest.raises(ReadError, match="rename it to .pdf"):
        decode(b"%PDF-1.4\n1 0 obj\n")


def test_no_bytes_are_no_text() -> None:
    assert decode(b"") == ""


def test_the_first_line_is_the_title_where_it_stands_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"River floods rise\r\n\r\nThe river rose.\r\n")
    article = read_plain(path, Limits())
    assert article.title == "River floods rise"
    assert article.text == "River floods rise\n\nThe river rose.\n"


def test_a_line_of_megabytes_is_read() -> None:
    text = "word " * 1_000_000
    assert decode(text.encode()) == text


@pytest.mark.parametrize(
    ("cut", "whole"),
    [
        ("the engi-\nneer, Paul Renner", "the engineer,\nPaul Renner"),
        ("the Engi-\nneer Paul Renner", "the Engineer\nPaul Renner"),
        ("the em\u00ad\nbankment there", "the embankment\nthere"),
        ("the em-\n  bankment  there", "the embankment\nthere"),
        ("the engi-\nneer\n\nNext", "the engineer\n\nNext"),
        ("the engi-\nneer", "the engineer"),
        ("a long-\nterm plan", "a long-term\nplan"),
        ("a grubble-\nfuss of it", "a grubblefuss\nof it"),
        ("a rail-\nway and a rail-way", "a rail-way\nand a rail-way"),
        ("a low-\nlying and a lowlying field", "a lowlying\nand a lowlying field"),
    ],
)
def test_a_word_that_is_cut_at_the_end_of_a_line_is_made_whole(cut: str, whole: str) -> None:
    line = "In nineteen hundred and some there was "
    assert join_cut_words(f"{line}{cut}") == f"{line}{whole}"


@pytest.mark.parametrize(
    "text",
    [
        "Short engi-\nneer",
        "In nineteen hundred and some there was pre-\nand post-war housing",
        "In nineteen hundred and some there was Jean-\nPaul",
        "In nineteen hundred and some there was COVID-\n19",
        "In nineteen hundred and some there was a break -\nafter it",
        "In nineteen hundred and some there was engi-\n\nneer",
        "No cut at all.\n",
    ],
)
def test_a_hyphen_that_cuts_no_word_stays(text: str) -> None:
    assert join_cut_words(text) == text


@pytest.mark.timeout(20)
def test_words_are_made_whole_in_time() -> None:
    for part in ("-", "ab-\n", "a-", "a" * 50, f"{'word ' * 10}engi-\nneer "):
        assert join_cut_words(part * 200_000)
