"""Retrieval benchmarks in the format of BEIR: reading them, and measuring a search over one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.evaluate.intervals import Figure, estimate_mean
from rag.evaluate.json_lines import read_json_lines
from rag.evaluate.rankings import measure_run
from rag.records import Document

FILES = ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv")
BEIR_MEASURES = ("ndcg@10", "recall@10", "recall@100", "mrr@10", "hit@1")

Search = Callable[[list[str]], Sequence[Mapping[str, float]]]
"""From queries to ``doc_id → score``, a mapping a query, in order; higher is better."""


@dataclass(frozen=True, slots=True)
class BeirSet:
    """A corpus, the queries by id, and ``query_id → doc_id → relevance``."""

    documents: tuple[Document, ...]
    queries: Mapping[str, str]
    qrels: Mapping[str, Mapping[str, int]]


def read_beir(folder: str | Path) -> BeirSet:
    """Return the set in a folder, with the qrels of its test split and the queries they judge.

    Raises:
        FileNotFoundError: if a file of the format is missing.
        ValueError: if a line does not have the format, or the qrels name an unknown query.
    """
    folder = Path(folder)
    for name in FILES:
        if not (folder / name).is_file():
            raise FileNotFoundError(
                f"no {name} in {str(folder)!r}; a BEIR folder has {', '.join(FILES)}"
            )
    qrels = _read_qrels(folder / FILES[2])
    queries = {
        query_id: _field(row, "text", folder / FILES[1], line)
        for line, row in read_json_lines(folder / FILES[1])
        if (query_id := _field(row, "_id", folder / FILES[1], line)) in qrels
    }
    if unknown := [query_id for query_id in qrels if query_id not in queries]:
        raise ValueError(
            f"{folder / FILES[2]}: query-id must be in {FILES[1]}, got {unknown[0]!r}, which "
            "is not; take both from the same set"
        )
    documents = tuple(
        Document(
            doc_id=_field(row, "_id", folder / FILES[0], line),
            title=str(row.get("title") or ""),
            text=_field(row, "text", folder / FILES[0], line),
        )
        for line, row in read_json_lines(folder / FILES[0])
    )
    return BeirSet(documents, queries, qrels)


def whole_text(document: Document) -> str:
    """Return what the published figures search: title, a space and text, as one passage.

    >>> whole_text(Document("d", "Tea", "Good.")), whole_text(Document("d", "", "Good."))
    ('Tea Good.', 'Good.')

    Source: Muennighoff et al., MTEB: massive text embedding benchmark, EACL 2023.
    """
    return f"{document.title} {document.text}".strip()


def evaluate_beir(
    beir: BeirSet, search: Search, *, measures: Sequence[str] = BEIR_MEASURES
) -> dict[str, Figure]:
    """Return measure → mean over all judged queries, with its interval.

    ``search`` gets every judged query at once. Measures are named as for `measure_run`; a search
    has to return as many documents as their largest cutoff.

    Raises:
        ValueError: if the search does not return one mapping a query, or a measure is unknown.
    """
    query_ids = list(beir.qrels)
    found = search([beir.queries[query_id] for query_id in query_ids])
    if len(found) != len(query_ids):
        raise ValueError(
            f"search must return one mapping a query, got {len(found)} for {len(query_ids)} queries"
        )
    run = dict(zip(query_ids, found, strict=True))
    values = measure_run(beir.qrels, run, measures)
    return {name: estimate_mean([row[name] for row in values.values()]) for name in measures}


def _read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Return ``query_id → doc_id → relevance`` of a file with a tab between three columns."""
    qrels: dict[str, dict[str, int]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").split("\n"), start=1):
        columns = line.strip().split("\t")
        if columns == [""] or (number == 1 and columns[-1] == "score"):
            continue
        if len(columns) != 3 or not columns[2].lstrip("-").isdecimal():
            raise ValueError(
                f"{path}:{number}: the line must be query-id, corpus-id and a whole score with "
                f"tabs between, got {line.strip()!r}"
            )
        query_id, doc_id, relevance = columns
        qrels.setdefault(query_id, {})[doc_id] = int(relevance)
    if not qrels:
        raise ValueError(f"no judgements in {str(path)!r}: expected query-id, corpus-id, score")
    return qrels


def _field(row: Mapping[str, Any], key: str, path: Path, line: int) -> str:
    """Return a field as text; ids may be numbers."""
    value = row.get(key)
    if not isinstance(value, str | int):
        raise ValueError(f"{path}:{line}: {key} must be text, got {value!r}")
    return str(value)
