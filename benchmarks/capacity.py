"""What an index of a million to a billion passages takes, on paper: writes ``docs/scale.md``.

    python benchmarks/capacity.py [--corpus corpus] [--measure] > docs/scale.md

Sizes of rows are counted on the passages of the corpus. ``--measure`` says on standard error how
many passages a core encodes in a second of its time, for the constant below. All that is taken from
others has its source in the page.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.encoder import PASSAGE_WORDS, draw_texts
from rag.index.compiler import load_encoder
from rag.index.milvus.records import document_records
from rag.index.milvus.schema import passage_row
from rag.ingest.files import SourceFile, read_corpus
from rag.ingest.split import split_document
from rag.records import Document

COLUMNS = 384
VECTOR = 4 * COLUMNS  # bytes of a float32 row
SIZES = (10**6, 10**7, 10**8, 10**9)

# Measured with --measure: 96 passages of 180 word pieces, CPU time, so that other processes do not
# count; x86-64, OpenVINO 2026.4.
PER_CORE = 27.7  # passages a second of one core
QUERY_MS = 10.4  # of CPU time, the same way, n 30
ANSWER_MS = (26, 40)  # a whole question here, median and 95th percentile, n 174: see the README

# Published, or from the engine's documentation; the page names the sources.
HNSW_LINKS = 18  # M of Milvus's AUTOINDEX
DISKANN_DEGREE, DISKANN_CODES, DISKANN_CACHE = 56, 0.125, 0.1
SECTOR = 4096  # bytes that DiskANN reads at once, holding whole nodes
V100_SENTENCES = 14_200  # a second, all-MiniLM-L6-v2
SENTENCE_PIECES, PASSAGE_PIECES = 25, 180  # of such a sentence (assumed); of a passage (measured)
ALONE, AT_EIGHT = 75, 75 * 6.6  # tokens a second of an 8B model on an A100: one question, eight
ANSWER_TOKENS = 128

FULL = 0.7  # of a node's memory: the rest is for growing segments, compaction and loading
NODE_GIB = 256  # memory of a query node


@dataclass(frozen=True, slots=True)
class IndexType:
    """Bytes of a vector in memory and on a query node's disk."""

    name: str
    memory: float
    disk: float
    what: str


def index_types() -> list[IndexType]:
    nodes = SECTOR // (VECTOR + 4 * DISKANN_DEGREE)
    return [
        IndexType("FLAT", VECTOR, 0, "exact; every vector is compared"),
        IndexType("HNSW", VECTOR + 2 * 4 * HNSW_LINKS, 0, "what a server chooses by itself"),
        IndexType("IVF_SQ8", COLUMNS, 0, "a byte a column"),
        IndexType(
            "DISKANN",
            (DISKANN_CODES + DISKANN_CACHE) * VECTOR,
            SECTOR / nodes,
            "codes and a cache in memory, the rest on NVMe",
        ),
    ]


@dataclass(frozen=True, slots=True)
class Row:
    """Mean bytes of a passage's row without its vector, of its terms, of its share of records."""

    scalars: float
    terms: float
    records: float
    n: int


def count_row(corpus: Path) -> Row:
    documents = [found for found in read_corpus(corpus) if isinstance(found, Document)]
    scalars = terms = records = n = 0
    for document in documents:
        file = SourceFile(document.path, document.doc_id, document.sha256, 0)
        for record in document_records(document, 0, file, 1):
            records += sum(len(str(record[name]).encode()) for name in record)
        for place, passage in enumerate(split_document(document)):
            row = passage_row(passage, f"{place:030x}", None, 1)
            scalars += sum(len(str(row[name]).encode()) for name in row if name != "vector")
            terms += 8 * len(set(row["terms"].split()))  # a number and a count each
            n += 1
    return Row(scalars / n, terms / n, records / n, n)


def measure() -> tuple[float, float]:
    """Return the passages that a core encodes in a second, and the milliseconds of a query."""
    with tempfile.TemporaryDirectory() as cache:
        encoder, _ = load_encoder(cache=Path(cache))
        texts = draw_texts(96, PASSAGE_WORDS)
        encoder.encode_passages(texts[:8])
        start = time.process_time()
        encoder.encode_passages(texts)
        rate = len(texts) / (time.process_time() - start)
        start = time.process_time()
        for number in range(30):
            encoder.encode_queries([f"When was treaty {number} signed?"])
        return rate, 1000 * (time.process_time() - start) / 30


def show_bytes(n: float) -> str:
    for unit, size in (("TiB", 2**40), ("GiB", 2**30), ("MiB", 2**20)):
        if n >= size:
            return f"{n / size:,.1f} {unit}"
    return f"{n:,.0f} B"


def show_time(seconds: float) -> str:
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= size:
            return f"{seconds / size:,.1f} {unit}"
    return f"{seconds:,.0f} s"


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def draw_sizes(row: Row) -> str:
    rows = []
    for kind in index_types():
        memory = kind.memory + row.terms
        rows.append(
            [kind.name, f"{kind.memory:,.0f}", f"{memory:,.0f}", f"{kind.disk:,.0f}"]
            + [show_bytes(memory * n) for n in SIZES]
        )
    return table(
        ["index", "vector, B", "with BM25, B", "node's disk, B", *(f"{n:,}" for n in SIZES)], rows
    )


def draw_nodes(row: Row) -> str:
    rows = []
    for kind in index_types():
        cells = [kind.name, kind.what]
        for n in SIZES:
            nodes = math.ceil((kind.memory + row.terms) * n / (FULL * NODE_GIB * 2**30))
            cells.append(f"{nodes:,} × 2")
        rows.append(cells)
    return table(["index", "what it is", *(f"{n:,}" for n in SIZES)], rows)


def draw_encoding() -> str:
    gpu = V100_SENTENCES * SENTENCE_PIECES / PASSAGE_PIECES
    rows = [
        [
            f"{n:,}",
            show_time(n / PER_CORE),
            show_time(n / PER_CORE / (8 * 32)),
            show_time(n / gpu),
            show_time(n / gpu / 8),
        ]
        for n in SIZES
    ]
    head = ["passages", "1 core", "8 machines of 32 cores", "1 GPU (V100)", "8 such GPUs"]
    return table(head, rows)


def draw_page(row: Row) -> str:
    text = Path(__file__).with_name("scale.md.txt").read_text(encoding="utf-8")
    stored = row.scalars + row.records + VECTOR
    alone, eight = ANSWER_TOKENS / ALONE, 8 * ANSWER_TOKENS / AT_EIGHT
    return text.format(
        n=row.n,
        vector=VECTOR,
        scalars=row.scalars,
        terms=row.terms,
        records=row.records,
        stored=stored,
        stored_all=", ".join(f"{show_bytes(stored * n)} for {n:,}" for n in SIZES),
        sizes=draw_sizes(row),
        nodes=draw_nodes(row),
        encoding=draw_encoding(),
        per_core=PER_CORE,
        gpu=V100_SENTENCES * SENTENCE_PIECES / PASSAGE_PIECES,
        query=QUERY_MS,
        questions=1000 / ANSWER_MS[0],
        p50=ANSWER_MS[0],
        p95=ANSWER_MS[1],
        alone=alone,
        eight=eight,
        alone_ms=1000 * alone,
        eight_ms=1000 * eight,
        a_second=AT_EIGHT / ANSWER_TOKENS,
        full=100 * FULL,
        node=NODE_GIB,
        pieces=PASSAGE_PIECES,
        sentence=SENTENCE_PIECES,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, default=Path(__file__).parent.parent / "corpus")
    parser.add_argument("--measure", action="store_true")
    options = parser.parse_args()
    if options.measure:
        rate, query = measure()
        print(f"{rate:.1f} passages a core-second, {query:.1f} ms a query", file=sys.stderr)
    print(draw_page(count_row(options.corpus)), end="")


if __name__ == "__main__":
    main()
