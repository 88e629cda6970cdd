from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from rag.ingest.article import Limits, ReadResult, SkippedFile, SourceFile
from rag.ingest.lines import iter_lines, kind_of, read_lines
from rag.records import Document


def write(folder: Path, *records: object) -> SourceFile:
    path = folder / "corpus.jsonl"
    text = "\n".join(r if isinstance(r, str) else json.dumps(r) for r in records)
    path.write_text(text, encoding="utf-8")
    return SourceFile(path, "sub/corpus.jsonl", "unused", path.stat().st_size)


def test_a_record_becomes_a_document(tmp_path: Path) -> None:
    line = json.dumps(
        {
            "_id": "MED-1",
            "title": "Statins",
            "text": "They lower\r\ncholesterol.",
            "metadata": {"url": "https://example.org/1", "date": "2011-05-04T00:00"},
        }
    )
    file = write(tmp_path, line)
    assert read_lines(file, Limits()) == ReadResult(
        (
            Document(
                doc_id="sub/corpus.jsonl#MED-1",
                title="Statins",
                text="They lower\ncholesterol.",
                url="https://example.org/1",
                published="2011-05-04",
                path=file.path,
                sha256=hashlib.sha256(line.encode()).hexdigest(),
            ),
        )
    )


def test_a_bad_line_is_skipped_with_its_number_and_the_others_are_kept(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        {"_id": 1, "text": "one"},
        "",
        "{broken",
        "[1]",
        {"text": "no id"},
        {"_id": "2", "text": " "},
        {"_id": "1", "text": "again"},
        "[" * 100_000,
        {"_id": "x y", "text": "last", "title": None},
    )
    result = read_lines(file, Limits())
    assert [(d.doc_id, d.title, d.text) for d in result.documents] == [
        ("sub/corpus.jsonl#1", "1", "one"),
        ("sub/corpus.jsonl#x y", "x y", "last"),
    ]
    assert result.skipped == tuple(
        SkippedFile("sub/corpus.jsonl", reason)
        for reason in (
            "line 3: not JSON in UTF-8",
            "line 4: not a JSON object",
            'line 5: no "_id"',
            "line 6: no text",
            "line 7: another line before it has the same _id",
            "line 8: not JSON in UTF-8",
        )
    )


def test_lone_surrogates_do_not_reach_the_document(tmp_path: Path) -> None:
    file = write(tmp_path, '{"_id": "a\\ud800", "title": "t\\udfff", "text": "x\\ud83dy 😀"}')
    (document,) = read_lines(file, Limits()).documents
    assert (document.doc_id, document.title, document.text) == ("sub/corpus.jsonl#a", "t", "xy 😀")


def test_a_line_over_the_limit_is_skipped_whole(tmp_path: Path) -> None:
    file = write(tmp_path, {"_id": 1, "text": "x" * 1000}, {"_id": 2, "text": "kept"})
    result = read_lines(file, Limits(n_bytes=100))
    assert [document.text for document in result.documents] == ["kept"]
    assert [entry.reason for entry in result.skipped] == ["line 1: longer than 100 bytes"]


def test_a_text_over_the_limit_is_skipped(tmp_path: Path) -> None:
    file = write(tmp_path, {"_id": 1, "text": "x" * 11})
    (entry,) = read_lines(file, Limits(n_characters=10)).skipped
    assert entry.reason == "line 1: over 10 characters of text; split the file"


def test_many_lines_are_read(tmp_path: Path) -> None:
    file = write(tmp_path, *({"_id": i, "text": f"text {i}"} for i in range(20_000)))
    result = read_lines(file, Limits())
    assert len(result.documents) == 20_000
    assert result.documents[-1].text == "text 19999"


def test_lines_are_given_one_by_one_before_the_rest_is_looked_at(tmp_path: Path) -> None:
    file = write(tmp_path, {"_id": 1, "text": "first"}, "{broken", {"_id": 1, "text": "again"})
    lines = iter_lines(file, Limits())
    number, first = next(lines)
    assert isinstance(first, Document)
    assert (number, first.text) == (1, "first")
    (second, broken), (third, again) = lines
    assert (second, broken) == (2, SkippedFile("sub/corpus.jsonl", "line 2: not JSON in UTF-8"))
    assert isinstance(again, Document)
    assert (third, again.doc_id, again.text) == (3, "sub/corpus.jsonl#1", "again")


@pytest.mark.parametrize(
    ("records", "kind"),
    [
        (["\ufeff" + json.dumps({"_id": 1, "text": "x"})], "articles"),
        (["", "broken {", {"_id": 1, "text": "x"}], "articles"),
        ([{"id": 1, "question": "Who?"}], "questions"),
        ([{"question": "Who?", "text": "x", "_id": 1}], "articles"),
        ([{"text": "no id"}], "other"),
        ([{"name": "else"}, {"_id": 1, "text": "x"}], "other"),
        (["broken"] * 300 + [{"_id": 1, "text": "x"}], "other"),
        ([""], "other"),
    ],
)
def test_the_first_record_says_what_a_file_holds(
    tmp_path: Path, records: list[object], kind: str
) -> None:
    assert kind_of(write(tmp_path, *records).path) == kind
