"""The Milvus store beside the local one: the same rankings, and what they cost, in one run.

    python benchmarks/milvus.py DATA/nfcorpus [--passages 100000] [--words] [--json FILE]

First, an index of so many passages, made of a BEIR set's sentences drawn with a seed, built and
asked in both; then nDCG@10 of both on the set, whole documents. The passages of the first part are
too many to encode: each gets the vector of a drawn document of the set with noise (0.05 a column,
then scaled to length 1), so its figures are of storing and searching, not of encoding. With
``--words`` the vectors of the documents are counts of words in 384 hashed columns instead of the
encoder's, which takes minutes less and compares the stores as well, but not with published figures.
Milvus is a file of milvus-lite, in this process; a server is another matter.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks.measuring import SEED, describe_machine
from rag.evaluate.beir import BeirSet, evaluate_beir, read_beir, whole_text
from rag.evaluate.beir_search import DocumentSearch
from rag.index.compiler import load_encoder
from rag.index.opened import OpenIndex
from rag.index.stores import IndexStore, find_store
from rag.records import Encoder, TokenVectors, Vectors
from rag.retrieve.retriever import N_CANDIDATES, Mode

MODES: tuple[Mode, ...] = ("dense", "lexical", "hybrid")
COLUMNS = 384  # as the default encoder has
NOISE = 0.05
SENTENCES = 4  # of a passage: about 100 words
LINES = 1_000  # of a file: a document, and a passage, each
N_QUESTIONS = 200


class HashedWords:
    """Counts words in hashed columns; with a ``pool``, draws a vector of it and adds noise."""

    name, weights_sha256, max_tokens, dimension = "hashed words", "0" * 64, 100_000, COLUMNS

    def __init__(self, pool: Vectors | None = None) -> None:
        self.pool = pool

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many words each text has."""
        return [len(text.split()) for text in texts]

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return the counts of each text's words."""
        rows = np.zeros((len(texts), COLUMNS), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()) or [""]:
                row[zlib.crc32(word.encode()) % COLUMNS] += 1
        return _scaled(rows)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return the counts of each text's words, or drawn rows of the pool with noise."""
        if self.pool is None:
            return self.encode_queries(texts)
        draw = np.random.default_rng([SEED, *(zlib.crc32(text.encode()) for text in texts)])
        rows = self.pool[draw.integers(len(self.pool), size=len(texts))]
        return _scaled(rows + draw.normal(0, NOISE, rows.shape).astype(np.float32))

    def embed_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return no tokens."""
        return [(self.encode_queries([]), []) for _ in texts]


def _scaled(rows: Vectors) -> Vectors:
    unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


class Remembered:
    """An encoder whose vectors of the set's documents are there already."""

    def __init__(self, encoder: Encoder, texts: Sequence[str]) -> None:
        self.dimension = encoder.dimension
        self.vectors = dict(zip(texts, encoder.encode_passages(texts), strict=True))
        self.encode_queries = encoder.encode_queries

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of texts of the set."""
        return np.stack([self.vectors[text] for text in texts])


def measure_quality(beir: BeirSet, encoder: Remembered, store: IndexStore) -> dict[str, float]:
    figures = {}
    with store.rank_texts() as ranker:
        search = DocumentSearch.from_documents(beir.documents, encoder, ranker=ranker)  # type: ignore[arg-type]
        for mode in MODES:
            found = evaluate_beir(
                beir, lambda queries, mode=mode: search.search(queries, mode=mode)
            )
            figures[mode] = 100 * (found["ndcg@10"].value or 0.0)
    return figures


def write_corpus(folder: Path, beir: BeirSet, n: int) -> Path:
    """Write so many short documents of drawn sentences, a thousand to a file."""
    draw = random.Random(SEED)
    sentences = [s for d in beir.documents for s in re.split(r"(?<=[.])\s+", d.text) if s]
    folder.mkdir()
    for first in range(0, n, LINES):
        with (folder / f"{first:07d}.jsonl").open("w", encoding="utf-8") as file:
            for number in range(first, min(first + LINES, n)):
                text = " ".join(draw.choices(sentences, k=SENTENCES))[:900]
                file.write(json.dumps({"_id": str(number), "title": "", "text": text}) + "\n")
    return folder


def time_questions(
    index: OpenIndex, questions: Sequence[tuple[str, Vectors]]
) -> dict[str, tuple[float, float]]:
    """Return median and 95th percentile of each part of a retrieval, in milliseconds."""
    parts: dict[str, list[float]] = {"dense": [], "lexical": [], "passages": [], "all": []}
    for query, vector in questions:

        def timed(part: str, call: Callable[[], list[tuple[int, float]]]) -> set[int]:
            start = time.perf_counter()
            found = {number for number, _ in call()}
            parts[part].append(1000 * (time.perf_counter() - start))
            return found

        ids = timed("dense", lambda v=vector: index.search_dense(v, N_CANDIDATES))
        ids |= timed("lexical", lambda q=query: index.search_lexical(q, N_CANDIDATES))
        start = time.perf_counter()
        index.passages(sorted(ids))
        parts["passages"].append(1000 * (time.perf_counter() - start))
        parts["all"].append(sum(parts[part][-1] for part in ("dense", "lexical", "passages")))
    return {
        part: (float(np.percentile(times, 50)), float(np.percentile(times, 95)))
        for part, times in parts.items()
    }


def size_of(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20


def measure_cost(
    name: str, store: IndexStore, place: Path, corpus: Path, pool: Vectors, queries: Sequence[str]
) -> dict[str, object]:
    encoder = HashedWords(pool)
    report = store.update(corpus, encoder)
    start = time.perf_counter()
    index = store.open(encoder)
    opening = time.perf_counter() - start
    draw = np.random.default_rng(SEED)
    vectors = pool[draw.integers(len(pool), size=len(queries))]
    vectors = _scaled(vectors + draw.normal(0, NOISE, vectors.shape).astype(np.float32))
    asked = list(zip(queries, vectors, strict=True))
    time_questions(index, asked[:5])  # what is loaded on first use
    times = time_questions(index, asked)
    rate = report.n_passages / report.seconds
    row: dict[str, object] = {
        "passages": report.n_passages,
        "passages_a_second": rate,
        "seconds_to_open": opening,
        "mib_on_disk": size_of(place),
        "milliseconds_p50_p95": times,
        "hits": [index.search_dense(vector, 10)[0][1] for _, vector in asked],
    }
    shown = ", ".join(f"{part} {low:.0f} / {high:.0f}" for part, (low, high) in times.items())
    print(
        f"{name:8} {report.n_passages:,} passages at {rate:,.0f} a second, opened in "
        f"{opening:.1f} s, {size_of(place):,.0f} MiB; ms p50 / p95: {shown} (n {len(asked)})",
        flush=True,
    )
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("beir", type=Path)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--words", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    versions = ", ".join(f"{name} {version(name)}" for name in ("pymilvus", "milvus-lite"))
    print(f"{describe_machine()}, {versions}; seed {SEED}", flush=True)
    beir = read_beir(options.beir)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        base: Encoder = (
            HashedWords() if options.words else load_encoder(cache=folder / "encoder")[0]
        )
        encoder = Remembered(base, [whole_text(document) for document in beir.documents])
        found: dict[str, object] = {"encoder": base.name}
        places = {"local": folder / "local", "milvus": folder / "milvus.db"}
        stores = {
            "local": find_store(None, folder / "corpus", places["local"]),
            "milvus": find_store(f"milvus:{places['milvus']}", folder / "corpus", folder / "lock"),
        }
        corpus = write_corpus(folder / "corpus", beir, options.passages)
        pool = np.stack(list(encoder.vectors.values()))
        queries = list(beir.queries.values())[:N_QUESTIONS]
        for name, store in stores.items():
            found[name] = measure_cost(name, store, places[name], corpus, pool, queries)
        for name, store in stores.items():
            figures = measure_quality(beir, encoder, store)
            found[f"{name} ndcg@10"] = figures
            shown = ", ".join(f"{mode} {value:.2f}" for mode, value in figures.items())
            print(f"{name:8} nDCG@10 with {base.name}: {shown} (n {len(beir.qrels)})", flush=True)
        print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GiB")
        if options.json:
            options.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
