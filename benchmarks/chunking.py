"""Passages and retrieval on the corpora of Chroma's chunking report: recall and IoU of characters.

    python benchmarks/chunking.py DATA/chroma_chunking [--size 160]

Set-up. The five corpora are split by our splitter and indexed together; five passages are retrieved
for each of the 472 questions. Character ranges: *hit* is the union of what the retrieved passages
of the right corpus share with the references; recall is hit over the references' length, precision
hit over the retrieved length, IoU hit over retrieved plus references not covered. Encoder
all-MiniLM-L6-v2; sizes in cl100k tokens. *Reranked* is hybrid, with the reader that ships.
Deterministic. Four minutes on 2 cores.

Source: Smith and Troynikov, Evaluating chunking strategies for retrieval, Chroma, 2024.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from data_sets import read_lines
from measuring import describe_machine, show
from numpy.typing import NDArray

from rag.evaluate.retrieval_measures import Target, measure_spans
from rag.index import Index, update_index
from rag.index.compiler import load_encoder
from rag.ingest.split import SIZE
from rag.read.compiler import load_reader
from rag.records import Hit
from rag.retrieve.memory import RememberingEncoder
from rag.retrieve.retriever import IndexRetriever, Mode

K = 5
MODES: tuple[Mode, ...] = ("dense", "lexical", "hybrid")


def measure(hits: Sequence[Hit], corpus: str, references: Sequence[tuple[int, int]]) -> list[float]:
    """Return recall, precision and IoU of one question."""
    targets = [Target(f"{corpus}.md", (reference,)) for reference in references]
    return list(measure_spans(hits, targets).values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--size", type=int, default=SIZE)
    arguments = parser.parse_args()
    questions = list(read_lines(arguments.data / "questions.jsonl"))
    with tempfile.TemporaryDirectory() as folder:
        encoder = RememberingEncoder(load_encoder(cache=Path(folder) / "encoder")[0], n_texts=5000)
        report = update_index(
            arguments.data / "corpora", Path(folder) / "index", encoder, size=arguments.size
        )
        index = Index.open(Path(folder) / "index", encoder)
        print(describe_machine())
        print(f"size {arguments.size}: {report.n_passages:,} passages, k = {K}")
        retrievers: dict[str, IndexRetriever] = {
            mode: IndexRetriever(index, encoder, mode=mode) for mode in MODES
        }
        reader, _ = load_reader(cache=Path(folder) / "reader")
        retrievers["reranked"] = IndexRetriever(index, encoder, reader=reader)
        for kind, retriever in retrievers.items():
            rows: NDArray[np.float64] = np.array(
                [
                    measure(
                        retriever.retrieve(question["question"], K),
                        question["corpus_id"],
                        [(r["start_index"], r["end_index"]) for r in question["references"]],
                    )
                    for question in questions
                ]
            )
            for name, column in zip(("recall", "precision", "IoU"), rows.T, strict=True):
                print(f"  {kind:8} {name:10} {show(column)}")
        index.close()


if __name__ == "__main__":
    main()
