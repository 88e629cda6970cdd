"""The compiled encoder beside the reference: rate, latency of a query, cold start, agreement.

    python benchmarks/encoder.py [--passages 128] [--rounds 3] [--json FILE]

Both get the same texts in turns, several rounds over; machines are noisy, so ratios are of medians
within one run. The texts are drawn with a seed from the articles that ship.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np

from rag.index.compiled import CompiledEncoder
from rag.index.compiler import compile_encoder
from rag.index.encoder import SentenceEncoder
from rag.records import Encoder

CORPUS = Path(__file__).parent.parent / "corpus"
SEED = 2030
PASSAGE_WORDS = 150  # about 200 tokens
QUERY_WORDS = 10
N_QUERIES = 50
PACKAGES = ("openvino", "sentence-transformers", "tokenizers", "torch", "numpy")
COLD_REFERENCE = """
from rag.index.encoder import SentenceEncoder
SentenceEncoder(device="cpu").encode_queries(["When was the treaty signed?"])
"""
COLD_COMPILED = """
import sys; from pathlib import Path; from rag.index.compiled import CompiledEncoder
CompiledEncoder.from_folder(Path(sys.argv[1])).encode_queries(["When was the treaty signed?"])
"""


def draw_texts(n: int, n_words: int) -> list[str]:
    """Return texts of words drawn from the articles, of half to one and a half times the size."""
    draw = random.Random(SEED)
    articles = [path.read_text(encoding="utf-8") for path in sorted(CORPUS.glob("*.md"))]
    words = " ".join(articles).split()
    sizes = (draw.randint(n_words // 2, n_words * 3 // 2) for _ in range(n))
    return [" ".join(draw.choices(words, k=size)) for size in sizes]


def seconds(call: Callable[[], object]) -> float:
    """Return how long the call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def time_cold_start(script: str, *arguments: str) -> float:
    """Return the seconds from starting Python to the end of its first encoded query."""
    command = [sys.executable, "-c", script, *arguments]
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    return seconds(lambda: subprocess.run(command, check=True, env=environment))


def time_queries(encoder: Encoder, queries: Sequence[str]) -> list[float]:
    """Return the milliseconds of each query, encoded alone."""
    return [1000 * seconds(lambda: encoder.encode_queries([query])) for query in queries]  # noqa: B023


def measure(
    reference: SentenceEncoder, compiled: CompiledEncoder, folder: Path, n: int, rounds: int
) -> dict[str, dict[str, float]]:
    """Return every figure for both encoders, each measured ``rounds`` times in turns."""
    passages = draw_texts(n, PASSAGE_WORDS)
    queries = draw_texts(N_QUERIES, QUERY_WORDS)
    encoders: dict[str, tuple[Encoder, tuple[str, ...]]] = {
        "reference": (reference, (COLD_REFERENCE,)),
        "compiled": (compiled, (COLD_COMPILED, str(folder))),
    }
    rates: dict[str, list[float]] = {name: [] for name in encoders}
    latencies: dict[str, list[float]] = {name: [] for name in encoders}
    starts: dict[str, list[float]] = {name: [] for name in encoders}
    for _ in range(rounds):
        for name, (encoder, script) in encoders.items():
            rates[name].append(n / seconds(lambda: encoder.encode_passages(passages)))  # noqa: B023
            latencies[name] += time_queries(encoder, queries)
            starts[name].append(time_cold_start(*script))
    return {
        name: {
            "passages_per_second": statistics.median(rates[name]),
            "query_ms_p50": float(np.quantile(latencies[name], 0.5)),
            "query_ms_p95": float(np.quantile(latencies[name], 0.95)),
            "cold_start_s": statistics.median(starts[name]),
        }
        for name in encoders
    }


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--passages", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()

    reference = SentenceEncoder(device="cpu")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "compiled"
        compiled = compile_encoder(SentenceEncoder(device="cpu"), folder)
        found = measure(reference, compiled, folder, options.passages, options.rounds)

    texts = draw_texts(options.passages, PASSAGE_WORDS)
    cosines = (reference.encode_passages(texts) * compiled.encode_passages(texts)).sum(axis=1)
    setting = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "python": platform.python_version(),
        "precision": compiled.card.precision,
        "versions": {package: version(package) for package in PACKAGES},
        "tokens_per_passage": statistics.mean(reference.count_tokens(texts)),
        "seed": SEED,
    }
    print(json.dumps(setting))
    print(f"{'':22}{'reference':>12}{'compiled':>12}{'ratio':>8}")
    for name, value in found["reference"].items():
        ours = found["compiled"][name]
        print(f"{name:22}{value:12.2f}{ours:12.2f}{ours / value:8.3f}")
    print(f"least cosine over {len(texts)} passages: {cosines.min():.6f}")
    if options.json:
        figures = {"setting": setting, **found, "least_cosine": float(cosines.min())}
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
