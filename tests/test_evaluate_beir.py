import json
import math
from collections.abc import Mapping
from pathlib import Path

import pytest

from rag.evaluate.beir import evaluate_beir, read_beir, whole_text

CORPUS: list[dict[str, object]] = [
    {"_id": "d1", "title": "Tea", "text": "Green.", "metadata": {}},
    {"_id": "d2", "text": "Coffee\u2028black."},
    {"_id": 3, "title": "", "text": ""},
]
QUERIES: list[dict[str, object]] = [
    {"_id": "q1", "text": "tea"},
    {"_id": "q2", "text": "coffee"},
    {"_id": "q9", "text": "judged elsewhere"},
]
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t1\nq2\td2\t1\r\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "qrels").mkdir()
    for name, rows in [("corpus.jsonl", CORPUS), ("queries.jsonl", QUERIES)]:
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (tmp_path / name).write_text(lines, encoding="utf-8")
    (tmp_path / "qrels" / "test.tsv").write_bytes(QRELS.encode())
    return tmp_path


def test_a_folder_is_read_as_it_is(folder: Path) -> None:
    beir = read_beir(folder)
    assert [document.doc_id for document in beir.documents] == ["d1", "d2", "3"]
    assert [whole_text(document) for document in beir.documents] == [
        "Tea Green.",
        "Coffee\u2028black.",
        "",
    ]
    assert beir.queries == {"q1": "tea", "q2": "coffee"}
    assert beir.qrels == {"q1": {"d1": 2, "d2": 1}, "q2": {"d2": 1}}


def test_a_search_is_measured_over_all_judged_queries(folder: Path) -> None:
    found: dict[str, Mapping[str, float]] = {"tea": {"d2": 0.9, "d1": 0.5}, "coffee": {}}
    figures = evaluate_beir(
        read_beir(folder), lambda queries: [found[query] for query in queries], measures=["ndcg@10"]
    )
    ndcg = (1 + 2 / math.log2(3)) / (2 + 1 / math.log2(3))
    assert figures["ndcg@10"].value == pytest.approx((ndcg + 0) / 2)
    assert figures["ndcg@10"].n == 2


def test_a_search_that_loses_a_query_is_an_error(folder: Path) -> None:
    with pytest.raises(ValueError, match="search must return one mapping a query, got 1 for 2"):
        evaluate_beir(read_beir(folder), lambda queries: [{}])


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(FileNotFoundError, match=f"no {name} in .* a BEIR folder has corpus.jsonl"):
        read_beir(folder)


@pytest.mark.parametrize(
    ("qrels", "message"),
    [
        ("q1 d1 1\n", r"test\.tsv:1: the line must be query-id, corpus-id and a whole score"),
        ("q1\td1\t0.5\n", r"test\.tsv:1: the line must be"),
        ("query-id\tcorpus-id\tscore\n", r"no judgements in "),
        ("q7\td1\t1\n", r"query-id must be in queries\.jsonl, got 'q7'"),
    ],
)
def test_qrels_without_the_format_are_an_error(folder: Path, qrels: str, message: str) -> None:
    (folder / "qrels" / "test.tsv").write_text(qrels)
    with pytest.raises(ValueError, match=message):
        read_beir(folder)


def test_a_document_without_text_is_an_error_that_names_its_line(folder: Path) -> None:
    (folder / "corpus.jsonl").write_text('{"_id": "d1", "title": "Tea"}\n')
    with pytest.raises(ValueError, match=r"corpus\.jsonl:1: text must be text, got None"):
        read_beir(folder)
