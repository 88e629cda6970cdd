from concurrent.futures import ThreadPoolExecutor

from rag.read.memory import RememberingReader
from rag.read.reader import Reader
from tests.fakes import WordReader

TEXTS = ["It has ten.", "", "It has none.", "It has ten."]


def test_what_was_read_is_not_read_again() -> None:
    bare = WordReader("ten")
    reader: Reader = RememberingReader(bare)
    found = reader.read("How many?", TEXTS)
    assert [reading.answerable for reading in found] == [3.0, -3.0, -3.0, 3.0]
    assert bare.n_read == 3  # one of the four is there twice
    assert reader.read("How many?", TEXTS[::-1]) == found[::-1]
    assert bare.n_read == 3
    reader.read("How much?", TEXTS[:1])
    assert bare.n_read == 4
    assert reader.read("How many?", []) == []
    assert reader.name == bare.name


def test_the_least_recent_readings_are_forgotten_first() -> None:
    bare = WordReader()
    reader = RememberingReader(bare, n_readings=2)
    for text in ("a", "b", "a", "c"):
        reader.read("?", [text])
    assert bare.n_read == 3
    reader.read("?", ["a"])
    assert bare.n_read == 3
    reader.read("?", ["b"])
    assert bare.n_read == 4


def test_more_texts_than_are_remembered_all_have_a_reading() -> None:
    reader = RememberingReader(WordReader("b"), n_readings=2)
    assert [r.answerable for r in reader.read("?", list("abcab"))] == [-3.0, 3.0, -3.0, -3.0, 3.0]


def test_threads_may_share_it() -> None:
    reader = RememberingReader(WordReader("ten"), n_readings=2)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: reader.read("How many?", TEXTS), range(50)))
    assert all([r.answerable for r in readings] == [3.0, -3.0, -3.0, 3.0] for readings in found)
