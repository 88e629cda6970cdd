import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from rag.index.fingerprint import Fingerprint, settings_of
from rag.records import Encoder, TokenVectors
from rag.retrieve.memory import N_REMEMBERED, RememberingEncoder
from tests.fakes import WordEncoder

TEXTS = ["A tram runs on rails.", "A bus runs on the road.", "", "A boat floats.", "🚋"]


class CountingEncoder(WordEncoder):
    """Counts how often each text's tokens are read, and in how many calls."""

    def __init__(self) -> None:
        super().__init__()
        self.n_read: Counter[str] = Counter()
        self.n_calls = 0
        self._counting = threading.Lock()

    def embed_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        with self._counting:
            self.n_read.update(texts)
            self.n_calls += 1
        return super().embed_tokens(texts)


def same(first: Sequence[TokenVectors], second: Sequence[TokenVectors]) -> bool:
    return len(first) == len(second) and all(
        np.array_equal(one[0], two[0]) and one[1] == two[1]
        for one, two in zip(first, second, strict=True)
    )


def test_everything_is_as_the_encoder_says_it() -> None:
    bare = WordEncoder()
    encoder: Encoder = RememberingEncoder(bare)
    assert (encoder.name, encoder.weights_sha256) == (bare.name, bare.weights_sha256)
    assert (encoder.dimension, encoder.max_tokens) == (bare.dimension, bare.max_tokens)
    assert encoder.count_tokens(TEXTS) == bare.count_tokens(TEXTS)
    assert np.array_equal(encoder.encode_queries(TEXTS), bare.encode_queries(TEXTS))
    assert np.array_equal(encoder.encode_passages(TEXTS), bare.encode_passages(TEXTS))
    assert same(encoder.embed_tokens(TEXTS), bare.embed_tokens(TEXTS))


def test_an_index_of_the_encoder_is_one_of_the_encoder_that_remembers(encoder: Encoder) -> None:
    assert settings_of(encoder) != ""
    assert Fingerprint.of(RememberingEncoder(encoder), 160) == Fingerprint.of(encoder, 160)


def test_tokens_from_memory_are_those_of_the_first_time_in_the_order_asked() -> None:
    encoder = RememberingEncoder(WordEncoder())
    encoder.embed_tokens(TEXTS[:3])
    wanted = [TEXTS[3], TEXTS[0], TEXTS[3], TEXTS[2], TEXTS[0]]
    assert same(encoder.embed_tokens(wanted), WordEncoder().embed_tokens(wanted))


def test_each_text_is_read_once_and_what_is_new_in_one_call() -> None:
    counting = CountingEncoder()
    encoder = RememberingEncoder(counting)
    encoder.embed_tokens([TEXTS[0], TEXTS[1], TEXTS[0]])
    assert (counting.n_read, counting.n_calls) == ({TEXTS[0]: 1, TEXTS[1]: 1}, 1)
    encoder.embed_tokens([TEXTS[1], TEXTS[3], TEXTS[4]])
    assert set(counting.n_read.values()) == {1}
    assert counting.n_calls == 2


def test_what_is_known_needs_no_call_and_neither_does_nothing() -> None:
    counting = CountingEncoder()
    encoder = RememberingEncoder(counting)
    assert encoder.embed_tokens([]) == []
    assert counting.n_calls == 0
    encoder.embed_tokens(TEXTS)
    encoder.embed_tokens(TEXTS[::-1])
    assert counting.n_calls == 1


def test_the_least_recently_used_text_is_forgotten_first() -> None:
    counting = CountingEncoder()
    encoder = RememberingEncoder(counting, n_texts=2)
    encoder.embed_tokens(["a", "b"])
    encoder.embed_tokens(["a"])  # now b was not used for longest
    encoder.embed_tokens(["c"])
    encoder.embed_tokens(["a"])
    assert counting.n_read == {"a": 1, "b": 1, "c": 1}
    encoder.embed_tokens(["b"])
    assert counting.n_read == {"a": 1, "b": 2, "c": 1}


def test_more_texts_than_are_remembered_come_back_all_the_same() -> None:
    texts = [f"text {i}" for i in range(2 * N_REMEMBERED)]
    counting = CountingEncoder()
    encoder = RememberingEncoder(counting)
    assert same(encoder.embed_tokens(texts), WordEncoder().embed_tokens(texts))
    encoder.embed_tokens(texts[N_REMEMBERED:])
    assert set(counting.n_read.values()) == {1}
    encoder.embed_tokens(texts[:N_REMEMBERED])
    assert sum(counting.n_read.values()) == len(texts) + N_REMEMBERED


def test_without_memory_every_text_is_read_each_time() -> None:
    counting = CountingEncoder()
    encoder = RememberingEncoder(counting, n_texts=0)
    for _ in range(3):
        assert same(encoder.embed_tokens(TEXTS), WordEncoder().embed_tokens(TEXTS))
    assert set(counting.n_read.values()) == {3}


def test_eight_threads_get_what_one_gets() -> None:
    encoder = RememberingEncoder(WordEncoder(), n_texts=5)  # so that texts come and go
    texts = [f"text number {i % 20}" for i in range(400)]
    expected = {text: WordEncoder().embed_tokens([text]) for text in texts}
    start = threading.Barrier(8)

    def read(offset: int) -> bool:
        start.wait()
        mine = texts[offset:] + texts[:offset]
        return all(same(encoder.embed_tokens([text]), expected[text]) for text in mine)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(read, range(0, 400, 50))) == [True] * 8
