"""How the index grows from 10,000 to a million passages: time, memory, disk, and what it finds.

    python benchmarks/scale.py DATA [--sizes 10000 100000 1000000] [--work DIR] [--json OUT]
        [--plot OUT]

DATA holds ``nfcorpus/``, ``squad2/`` and ``reader_train/``. Their texts are the real passages,
encoded once. A million is made of them: each passage has sentences of one real passage, and some
of a second one that is among its 20 nearest; its vector lies between the two real ones, moved in
the direction between two random others. So words and vectors are spread as real ones are, but
nobody has waited hours for the encoder. Passages are staged as the reader and the splitter would
have; questions are real ones, and the long ones are 2,000 characters of several real texts.

Each stage runs in a process of its own, whose peak memory is reported. Beside the clock stands
processor time, which is what compares on a machine that is shared. A machine with room for
3.5 GB of index and 1 GB of memory builds a million passages in about a quarter of an hour.
"""

from __future__ import annotations

import argparse
import gzip
import json
import multiprocessing
import random
import re
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from measuring import SEED, describe_machine

from rag.index import Index
from rag.index.clusters import N_NEAREST
from rag.index.compiler import load_encoder
from rag.index.derived import derive
from rag.index.fingerprint import Fingerprint
from rag.index.staging import Staging
from rag.index.store import Store
from rag.index.weights import DEFAULT_MODEL
from rag.ingest.article import SourceFile
from rag.ingest.split import SIZE, embedded_text
from rag.records import Document, Encoder, Passage, Vectors
from rag.retrieve.retriever import N_CANDIDATES, IndexRetriever

N_REAL = 12_000  # passages that are encoded
N_NEIGHBOURS = 20
PASSAGE_CHARACTERS = 900  # about 200 tokens
LONG_CHARACTERS = 2_000  # the longest question that a chatbot takes
N_QUESTIONS, N_LONG, N_HYBRID = 200, 50, 40
AT_ONCE = 10_000  # passages of one staged file
NOISE = 0.35  # cosine of a made passage to the real one about 0.9
SENTENCE = re.compile(r"(?<=[.!?]) +")


def read_texts(data: Path) -> tuple[list[str], list[str]]:
    """Return the real passages and the real questions, both in a random but fixed order."""
    texts = []
    with (data / "nfcorpus" / "corpus.jsonl").open(encoding="utf-8") as lines:
        texts += [f"{record['title']} {record['text']}" for record in map(json.loads, lines)]
    squad = json.loads((data / "squad2" / "tune.json").read_bytes())["data"]
    texts += [paragraph["context"] for article in squad for paragraph in article["paragraphs"]]
    questions = []
    for path in sorted((data / "reader_train").glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for record in map(json.loads, lines):
                texts.append(record["context"])
                questions.append(record["question"])
    draw = random.Random(SEED)
    texts = sorted({text[:PASSAGE_CHARACTERS] for text in texts})
    return draw.sample(texts, N_REAL), draw.sample(sorted(set(questions)), N_QUESTIONS)


class Maker:
    """Makes passages and their vectors from real ones, each from its number alone."""

    def __init__(self, texts: Sequence[str], vectors: Vectors) -> None:
        self.vectors = vectors
        self.sentences = [SENTENCE.split(text) for text in texts]
        self.near = np.empty((len(texts), N_NEIGHBOURS), dtype=np.int64)
        for first in range(0, len(texts), 1000):
            scores = vectors[first : first + 1000] @ vectors.T
            best = np.argpartition(-scores, N_NEIGHBOURS, axis=1)[:, : N_NEIGHBOURS + 1]
            order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1)[:, 1:]
            self.near[first : first + 1000] = np.take_along_axis(best, order, axis=1)

    def make(self, first: int, n: int) -> tuple[list[str], Vectors]:
        """Return the texts and unit rows of ``n`` passages, the same for a ``first``."""
        draw = np.random.default_rng([SEED, first])
        real = np.arange(first, first + n) % len(self.sentences)
        other = self.near[real, draw.integers(0, N_NEIGHBOURS, n)]
        share = draw.uniform(0, 0.5, (n, 1)).astype(np.float32)
        a, b = draw.integers(0, len(self.vectors), (2, n))
        direction = self.vectors[a] - self.vectors[b]
        direction /= np.linalg.norm(direction, axis=1, keepdims=True) + 1e-9
        noise = NOISE * draw.uniform(0.5, 1.5, (n, 1)).astype(np.float32)
        rows = (1 - share) * self.vectors[real] + share * self.vectors[other] + noise * direction
        texts = [
            self._mix(int(i), int(j), float(t), draw)
            for i, j, t in zip(real, other, share[:, 0], strict=True)
        ]
        return texts, rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def _mix(self, real: int, other: int, share: float, draw: np.random.Generator) -> str:
        strangers = self.sentences[other]
        return " ".join(
            strangers[int(draw.integers(len(strangers)))] if draw.random() < share else sentence
            for sentence in self.sentences[real]
        )


def documents_of(
    texts: Sequence[str], first: int
) -> Iterator[tuple[Document, tuple[Passage, ...]]]:
    """Yield a document of one passage for each text; its title says which one it is."""
    for number, text in enumerate(texts, first):
        name = f"{first}.jsonl#{number}"
        passage = Passage(f"{name}:0", name, 0, len(text), "", text, title=f"Article {number}")
        yield Document(name, passage.title, text), (passage,)


def stage(staging: Staging, maker: Maker, first: int, n: int) -> None:
    texts, vectors = maker.make(first, n)
    file = SourceFile(Path(f"{first}.jsonl"), f"{first}.jsonl", f"{first}", 1)
    documents = list(documents_of(texts, first))
    with staging.transaction():
        staging.stage(file, documents, [])
    staging.add_vectors([embedded_text(parts[0]) for _, parts in documents], vectors)


def build(folder: Path, work: Path, data: Path, n: int) -> dict[str, float]:
    """Build an index of ``n`` passages, then change ten of them; return what both took."""
    texts, _ = read_texts(data)
    maker = Maker(texts, np.load(work / "real.npy"))
    encoder = open_encoder(work)
    parts: dict[str, float] = {}
    cpu = time.process_time()

    def timed_derive(store: Store) -> None:
        parts["derive_s"] = seconds(lambda: derive(store))

    with Staging.open(folder, Fingerprint.of(encoder, SIZE)) as staging:
        stage(staging, maker, n, 10)  # what the change takes out
        parts["stage_s"] = seconds(
            lambda: [stage(staging, maker, k, min(AT_ONCE, n - k)) for k in range(0, n, AT_ONCE)]
        )
        parts["publish_s"] = seconds(lambda: staging.publish([], timed_derive))
        before = staging.store.generation.edition
        stage(staging, maker, n + AT_ONCE, 10)
        parts["change_ten_s"] = seconds(
            lambda: staging.publish([f"{n}.jsonl"], partial(derive, before=before))
        )
    return parts | {"build_cpu_s": time.process_time() - cpu, "build_peak_mb": peak_mb()}


def search(folder: Path, work: Path, data: Path) -> dict[str, float]:
    """Return how long opening and searching take, how much memory, and the recall."""
    texts, questions = read_texts(data)
    encoder = open_encoder(work)
    vectors = encoder.encode_queries(questions)
    draw = random.Random(SEED)
    long = [" ".join(draw.sample(texts, 4))[:LONG_CHARACTERS] for _ in range(N_LONG)]
    before = resident_mb()
    opened: list[Index] = []
    wall, cpu = costs(lambda: opened.append(Index.open(folder, encoder)))
    found: dict[str, float] = {"open_s": wall / 1000, "open_cpu_s": cpu / 1000}
    with closing(opened[0]) as index:
        retriever = IndexRetriever(index, encoder)
        ways: dict[str, Callable[[str], object]] = {
            "dense": lambda text: index.search_dense(
                encoder.encode_queries([text])[0], N_CANDIDATES
            ),
            "lexical": lambda text: index.search_lexical(text, N_CANDIDATES),
            "hybrid": lambda text: retriever.retrieve(text, 5),
        }
        for way, ask in ways.items():
            for kind, asked in (("short", questions), ("long", long)):
                if way == "hybrid":  # its comparison of ten passages takes a while
                    asked = asked[:N_HYBRID]
                times = [costs(partial(ask, text)) for text in asked]
                for name, values in zip(("ms", "cpu_ms"), zip(*times, strict=True), strict=True):
                    found[f"{way}_{kind}_p50_{name}"] = float(np.quantile(values, 0.5))
                    found[f"{way}_{kind}_p95_{name}"] = float(np.quantile(values, 0.95))
        found |= {"resident_mb": resident_mb(), "index_mb": resident_mb() - before}
        card = index.dense_card
        found |= {"lists": card.n_probes, "recall_at_training": card.recall}
        near = [[i for i, _ in index.search_dense(v, N_NEAREST)] for v in vectors]
        found["recall@10"] = recall(near, vectors, folder)
    return found


def recall(found: Sequence[Sequence[int]], vectors: Vectors, folder: Path) -> float:
    """Return the share of the ten nearest of each vector, by comparing all, that were found."""
    scores = np.full((len(vectors), N_NEAREST), -np.inf, dtype=np.float32)
    ids = np.full((len(vectors), N_NEAREST), -1, dtype=np.int64)
    with closing(Store.open(folder)) as store:
        for row_ids, rows in store.iter_vectors():
            every = np.hstack([scores, vectors @ rows.T])
            names = np.hstack([ids, np.broadcast_to(row_ids, (len(vectors), len(row_ids)))])
            best = np.argpartition(-every, N_NEAREST - 1, axis=1)[:, :N_NEAREST]
            scores = np.take_along_axis(every, best, axis=1)
            ids = np.take_along_axis(names, best, axis=1)
    pairs = zip(ids, found, strict=True)
    return float(np.mean([np.isin(exact, near).mean() for exact, near in pairs]))


def open_encoder(work: Path) -> Encoder:
    return load_encoder(DEFAULT_MODEL, cache=work / "encoder")[0]


def encode_real(work: Path, data: Path) -> None:
    """Keep the vectors of the real passages in the work folder."""
    texts, _ = read_texts(data)
    encoder = open_encoder(work)
    blocks = [encoder.encode_passages(texts[k : k + 256]) for k in range(0, len(texts), 256)]
    np.save(work / "real.npy", np.concatenate(blocks))


def seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def costs(call: Callable[[], object]) -> tuple[float, float]:
    """Return milliseconds on the clock, and those of processor time, which load does not change."""
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def disk_mb(folder: Path) -> float:
    """Return what the folder takes; two generations share files."""
    sizes = {p.stat().st_ino: p.stat().st_size for p in folder.rglob("*") if p.is_file()}
    return sum(sizes.values()) / 1e6


def apart(call: Callable[..., Any], *arguments: object) -> Any:
    """Return what the call returns in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(call, arguments)


def plot(sizes: dict[str, dict[str, float]], path: Path) -> None:
    """Draw how each figure grows."""
    import matplotlib.pyplot as plt

    x = [int(n) for n in sizes]
    panels = {
        "milliseconds of processor time a question, p95": [
            f"{way}_{kind}_p95_cpu_ms"
            for way in ("dense", "lexical", "hybrid")
            for kind in ("short", "long")
        ],
        "seconds": ["stage_s", "publish_s", "change_ten_s", "open_s"],
        "megabytes": ["disk_mb", "resident_mb", "build_peak_mb"],
        "recall@10 against exact": ["recall@10"],
    }
    figure, axes = plt.subplots(2, 2, figsize=(11, 8), layout="constrained")
    for axis, (title, names) in zip(axes.flat, panels.items(), strict=True):
        for name in names:
            y = [figures[name] for figures in sizes.values()]
            axis.plot(x, y, marker="o", label=name, linestyle="--" if "long" in name else "-")
        axis.set(title=title, xscale="log", xlabel="passages")
        if title.startswith("recall"):
            axis.set_ylim(0.9, 1.005)
        else:
            axis.set_yscale("log")
        axis.legend(fontsize=8)
        axis.grid(alpha=0.3)
    figure.savefig(path, dpi=150)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--work", type=Path, help="where indexes are built; deleted if not named")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    work = options.work or Path(tempfile.mkdtemp(prefix="scale-"))
    work.mkdir(parents=True, exist_ok=True)
    print(describe_machine())
    if not (work / "real.npy").exists():
        apart(encode_real, work, options.data)
    sizes: dict[str, dict[str, float]] = {}
    for n in options.sizes:
        folder = work / f"index-{n}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        figures = apart(build, folder, work, options.data, n)
        figures |= {"disk_mb": disk_mb(folder)} | apart(search, folder, work, options.data)
        sizes[str(n)] = {name: round(value, 4) for name, value in figures.items()}
        print(n, json.dumps(sizes[str(n)], indent=1), flush=True)
        shutil.rmtree(folder)
        if options.json:
            setting = {"machine": describe_machine(), "seed": SEED, "n_questions": N_QUESTIONS}
            options.json.write_text(json.dumps({"setting": setting, "sizes": sizes}, indent=1))
    if options.plot:
        plot(sizes, options.plot)
    if options.work is None:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
