"""Follow-up questions without a language model: retrieval over the pool of MTRAG-UN.

    python benchmarks/followups.py DATA/mtrag_un

Set-up. The pool is every passage that the file names (1,152); each task is the last question of a
conversation. The last question alone, our forms of it, and all turns joined are retrieved with the
same fused retriever, k = 5. Only tasks with a history and a relevant passage in the pool count;
*dependent* are those that `rag.retrieve.followup` takes for questions that cannot stand alone.
Deterministic. Two minutes on 2 cores.

Source: Katsis et al., MTRAG: a multi-turn conversational benchmark for RAG, 2025.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from data_sets import Task, read_mtrag
from measuring import describe_machine, show
from numpy.typing import NDArray

from rag.index import Index, update_index
from rag.index.compiler import load_encoder
from rag.retrieve.followup import is_dependent, write_queries
from rag.retrieve.memory import RememberingEncoder
from rag.retrieve.retriever import IndexRetriever

K = 5
Forms = Callable[[Task], list[tuple[str, float]]]


def last_turn(task: Task) -> list[tuple[str, float]]:
    return [(task.question, 1.0)]


def ours(task: Task) -> list[tuple[str, float]]:
    return write_queries(task.question, task.history)


def all_turns(task: Task) -> list[tuple[str, float]]:
    said = [f"{turn.question} {turn.answer}" for turn in task.history]
    return [(" ".join([*said, task.question]), 1.0)]


def measure(retriever: IndexRetriever, task: Task, forms: Forms) -> list[float]:
    """Return recall@5 and nDCG@5 of a task."""
    # A passage of the pool that the encoder cannot see whole is two of ours: the best one counts.
    hits = retriever.retrieve_all(forms(task), 4 * K)
    found = dict.fromkeys(hit.passage.doc_id.partition("#")[2] for hit in hits)
    gains = [passage in task.relevant for passage in list(found)[:K]]
    ideal = sum(1 / np.log2(rank + 1) for rank in range(1, min(K, len(task.relevant)) + 1))
    gained = sum(gain / np.log2(rank + 1) for rank, gain in enumerate(gains, start=1))
    return [sum(gains) / len(task.relevant), float(gained / ideal)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    tasks, pool = read_mtrag(parser.parse_args().data)
    tasks = [task for task in tasks if task.history and task.relevant]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "corpus").mkdir()
        lines = [json.dumps({"_id": key, "text": text}) for key, text in pool.items()]
        (folder / "corpus" / "pool.jsonl").write_text("\n".join(lines), encoding="utf-8")
        encoder = RememberingEncoder(load_encoder(cache=folder / "encoder")[0], n_texts=5000)
        update_index(folder / "corpus", folder / "index", encoder, size=2000)
        index = Index.open(folder / "index", encoder)
        retriever = IndexRetriever(index, encoder)
        dependent = np.array([is_dependent(task.question) for task in tasks])
        print(describe_machine())
        print(f"{len(tasks)} tasks, {len(pool):,} passages, k = {K}")
        forms: tuple[Forms, ...] = (last_turn, ours, all_turns)
        for form in forms:
            rows: NDArray[np.float64] = np.array([measure(retriever, task, form) for task in tasks])
            for which, chosen in (("all", dependent | True), ("dependent", dependent)):
                recall, ndcg = rows[chosen].T
                print(
                    f"  {form.__name__:10} {which:10} recall@5 {show(recall)}  nDCG@5 {show(ndcg)}"
                )
        index.close()


if __name__ == "__main__":
    main()
