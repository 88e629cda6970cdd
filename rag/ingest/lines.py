"""BEIR-style ``.jsonl``: one document a line, ``{"_id", "title", "text", "metadata"?}``."""

from __future__ import annotations

import codecs
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal

from rag.ingest.article import (
    DEFAULT_LIMITS,
    MAX_TITLE,
    Limits,
    ReadError,
    ReadResult,
    SkippedFile,
    SourceFile,
    check_length,
    clean_date,
    clean_line,
    clean_text,
)
from rag.records import Document

N_SNIFFED = 100  # lines looked at for the first record

Record = dict[str, object]


def kind_of(path: Path) -> Literal["articles", "questions", "other"]:
    """Return what the first record of the file holds.

    Articles have ``_id`` and ``text``, test questions have ``question`` and no ``text``.
    """
    with path.open("rb") as file:
        for number, line in _lines(file, DEFAULT_LIMITS.n_bytes):
            try:
                record = _parse(line)
            except ReadError:
                record = {}
            if "text" in record:
                return "articles" if "_id" in record else "other"
            if "question" in record:
                return "questions"
            if record or number >= N_SNIFFED:
                return "other"
    return "other"


def iter_lines(file: SourceFile, limits: Limits) -> Iterator[tuple[int, Document | SkippedFile]]:
    """Yield the number of each line that is not blank, and its document or why there is none.

    The ``doc_id`` is that of the file, ``#`` and the record's own id; whether another line has the
    same is not looked at, and nothing is kept of a line once the next is asked for. A record
    without a title is called by its id. ``text`` is not searched for page furniture: records are
    articles already.
    """
    with file.path.open("rb") as stream:
        for number, line in _lines(stream, limits.n_bytes):
            try:
                if len(line) > limits.n_bytes:
                    raise ReadError(f"longer than {limits.n_bytes:,} bytes")
                yield number, _to_document(file, line, limits)
            except ReadError as error:
                yield number, SkippedFile(file.relative, f"line {number}: {error.reason}")


def read_lines(file: SourceFile, limits: Limits) -> ReadResult:
    """Return a document for each good line, and a skipped entry with its number for each bad one.

    As `iter_lines`; of two lines with the same id the first is kept.
    """
    documents: dict[str, Document] = {}
    skipped: list[SkippedFile] = []
    for number, found in iter_lines(file, limits):
        if isinstance(found, SkippedFile):
            skipped.append(found)
        elif found.doc_id in documents:
            reason = f"line {number}: another line before it has the same _id"
            skipped.append(SkippedFile(file.relative, reason))
        else:
            documents[found.doc_id] = found
    return ReadResult(tuple(documents.values()), tuple(skipped))


def _lines(file: BinaryIO, n_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Yield the number, from 1, and the bytes of each line that is not blank.

    Of a line over the limit one byte more than the limit is yielded, and the rest passed over.
    """
    number = 0
    while line := file.readline(n_bytes + 1):
        number += 1
        rest = line
        while len(rest) > n_bytes and not rest.endswith(b"\n"):
            rest = file.readline(n_bytes + 1)
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        if line.strip():
            yield number, line if len(line) > n_bytes else line.strip()


def _parse(line: bytes) -> Record:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):  # ValueError: also bytes that are not UTF-8
        raise ReadError("not JSON in UTF-8") from None
    if not isinstance(record, dict):
        raise ReadError("not a JSON object")
    return record


def _to_document(file: SourceFile, line: bytes, limits: Limits) -> Document:
    record = _parse(line)
    own_id, text = record.get("_id"), record.get("text")
    name = clean_line(str(own_id)) if isinstance(own_id, str | int) else ""
    if not name:
        raise ReadError('no "_id"')
    if not isinstance(text, str) or not clean_text(text).strip():
        raise ReadError("no text")
    check_length(len(text), limits)
    found = record.get("metadata")
    fields: Record = found if isinstance(found, dict) else {}

    def field(*names: str) -> str:
        values = (holder.get(name) for name in names for holder in (record, fields))
        return next((clean_line(value) for value in values if isinstance(value, str)), "")

    return Document(
        doc_id=f"{file.relative}#{name}",
        title=(field("title") or name)[:MAX_TITLE],
        text=clean_text(text),
        source=field("source"),
        url=field("url"),
        author=field("author"),
        published=clean_date(field("published", "date")),
        path=file.path,
        sha256=hashlib.sha256(line).hexdigest(),
    )
