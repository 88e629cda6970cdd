"""What ``rag evaluate`` does: over test questions, or over a BEIR set."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from rag.chatbot import Chatbot
from rag.cli.screen import say, show, show_progress
from rag.cli.tables import (
    list_failures,
    list_moves,
    tabulate_comparison,
    tabulate_evaluation,
    tabulate_retrievers,
)
from rag.evaluate import (
    Evaluation,
    Figure,
    compare_runs,
    read_questions,
    run_evaluation,
)
from rag.evaluate.beir import Search, evaluate_beir, read_beir
from rag.evaluate.beir_search import DocumentSearch
from rag.index import IndexStore
from rag.index.compiler import load_encoder
from rag.read.compiler import load_reader
from rag.retrieve.retriever import Mode


def measure_chatbot(bot: Chatbot, questions: Path, *, k: int) -> Evaluation:
    """Return the evaluation of a chatbot over a file of test questions."""
    asked = read_questions(questions, find_document=bot.document)
    run: dict[str, str | int | float] = {
        "date": _now(),
        "questions": str(questions),
        "documents": bot.index.n_documents,
        "passages": bot.index.n_passages,
        "encoder": bot.encoder.name,
        "retriever": bot.mode,
        "generator": bot.generator.name,
        "k": k,
    }
    with show_progress("asking") as tell:
        return run_evaluation(bot, asked, k=k, run=run, on_progress=partial(tell, "asking"))


def show_evaluation(evaluation: Evaluation, old: Mapping[str, object] | None) -> None:
    """Show the figures, the failures and, with an old run, what is different from it."""
    show(tabulate_evaluation(evaluation))
    failures = list_failures(evaluation.results)
    n = len(evaluation.results)
    show(f"{n - len(failures)} of {n} questions passed" + (", not these:" if failures else "."))
    for line in failures:
        show(f"  {line}")
    if old is not None:
        comparison = compare_runs(old, evaluation.to_json())
        show(tabulate_comparison(comparison))
        for line in list_moves(comparison):
            show(line)


def measure_beir(
    folder: Path, modes: Sequence[Mode], *, model: str, reader: str, store: IndexStore
) -> dict[str, object]:
    """Show the figures of retrievers over a BEIR set, and return them as an object for JSON.

    With a reader, what is found in ``hybrid`` mode is measured reranked, too. The documents are
    indexed where the store is, and are gone afterwards.
    """
    beir = read_beir(folder)
    store.check()
    encoder = None
    with show_progress("loading the encoder (half a minute the first time)") as tell:
        if any(mode != "lexical" for mode in modes):
            encoder, notices = load_encoder(model, cache=store.folder / "encoder")
            for notice in notices:
                say(notice)
        figures: dict[str, dict[str, Figure]] = {}
        with store.rank_texts() as ranker:
            search = DocumentSearch.from_documents(
                beir.documents, encoder, ranker=ranker, on_progress=partial(tell, "encoding")
            )
            searches: dict[str, Search] = {
                mode: partial(search.search, mode=mode) for mode in modes
            }
            if "hybrid" in modes:
                ranks, notices = load_reader(reader, cache=store.folder / "reader")
                for notice in notices:
                    say(notice)
                if ranks is not None:
                    searches["reranked"] = lambda queries: search.rerank(
                        queries, search.search(queries), ranks
                    )
            for done, (name, find) in enumerate(searches.items()):
                tell("searching", done, len(searches))
                figures[name] = evaluate_beir(beir, find)
    show(tabulate_retrievers(figures))
    return {
        "run": {
            "date": _now(),
            "beir": str(folder),
            "documents": len(beir.documents),
            "queries": len(beir.qrels),
            "encoder": encoder.name if encoder else "",
        },
        "retrieval": {
            mode: {name: figure.to_json() for name, figure in by_measure.items()}
            for mode, by_measure in figures.items()
        },
    }


def write_json(path: Path, run: Mapping[str, object]) -> None:
    """Write what was measured; a file that is there is replaced."""
    text = json.dumps(run, allow_nan=False, ensure_ascii=False, indent=1) + "\n"
    # A lone surrogate, which a question may hold, becomes the escape that JSON has for it.
    path.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
