"""What is known of an index besides its passages: its runs, its files and its documents."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import random
from typing import Any

from rag.index.fingerprint import Fingerprint, check_format
from rag.index.milvus.faults import damaged
from rag.index.milvus.runs import Edition, Head, Run, Shard
from rag.index.milvus.schema import (
    digest,
    passage_key,
    passages_schema,
    records_schema,
    split_text,
)
from rag.index.milvus.server import Row, Server
from rag.ingest.files import SkippedFile, SourceFile
from rag.records import Document

PATIENCE = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)  # seconds between tries; making takes about one
FIELDS = ("id", "kind", "file", "name", "body", "since", "until")


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """What is kept of a document besides its text; ``key`` begins the ids of its passages."""

    key: str
    file: str
    facts: Mapping[str, Any]

    @property
    def n_passages(self) -> int:
        """How many passages it has."""
        return int(self.facts["n_passages"])

    def passage_keys(self) -> list[str]:
        """Return the ids of its passages, in reading order."""
        return [passage_key(self.key, place) for place in range(self.n_passages)]


class Version:
    """The two collections of one version of an index; a full rebuild makes the next one."""

    def __init__(self, server: Server, name: str) -> None:
        self.server = server
        self.passages = name
        self.records = f"{name}_records"

    @classmethod
    def numbered(cls, server: Server, number: int) -> Version:
        """Return the version with a number, whether it is there or not."""
        return cls(server, f"{server.address.alias}__v{number}")

    @classmethod
    def served(cls, server: Server) -> Version | None:
        """Return the version that readers are to open, if there is one."""
        name = server.alias_target(server.address.alias)
        return cls(server, name) if name else None

    @property
    def number(self) -> int:
        """Its number, from 1."""
        return int(self.passages.rpartition("__v")[2])

    def make(self, head: Head) -> None:
        """Make the collections where they are missing; the head comes last, and means all.

        Several shards may start at once, each with this: who is in another's way lets it finish.
        """
        for wait in (*PATIENCE, None):
            try:
                self._make(head)
                return
            except OSError as error:
                if wait is None or type(error) is not OSError:  # away, slow or refusing
                    raise
            time.sleep(wait * (1 + random()))  # not all at the same moment again
            if self.head() is not None:
                return

    def _make(self, head: Head) -> None:
        exact = self.server.address.path is not None
        dimension = head.fingerprint.dimension
        self.server.create(self.passages, *passages_schema(dimension, exact=exact))
        self.server.create(self.records, *records_schema())
        self.load()
        body = json.dumps({"fingerprint": asdict(head.fingerprint), "before": head.before})
        self.write([record("head", "head", body)])

    def drop(self) -> None:
        """Delete the collections; the one with the head goes first."""
        self.server.drop(self.records)
        self.server.drop(self.passages)

    def load(self) -> None:
        """Have both collections in memory."""
        self.server.load(self.records)
        self.server.load(self.passages)

    def head(self) -> Head | None:
        """Return what it was built with; None where it is not there, or its making was cut short.

        Raises:
            IndexMismatchError: if another version of this program wrote it.
        """
        if not self.server.has(self.records):
            return None
        self.server.load(self.records)
        rows = self.server.get(self.records, ["head"], FIELDS)
        if not rows:
            return None
        body = self._read(rows[0])
        check_format(Path(str(self.server.address)), body["fingerprint"].get("format", 0))
        return Head(Fingerprint(**body["fingerprint"]), body["before"])

    def runs(self) -> list[Run]:
        """Return all runs, those that are not published yet too, in order of publication."""
        found = []
        for row in self.find("kind == 'run'"):
            body = self._read(row)
            found.append(Run(**{**body, "shard": Shard(**body["shard"])}))
        return sorted(found, key=lambda run: (not run.published, run.built_at, run.run))

    def edition(self) -> Edition | None:
        """Return what is published of it; None where it is not there."""
        head = self.head()
        if head is None:
            return None
        return Edition(head, tuple(run for run in self.runs() if run.published))

    def write_run(self, run: Run) -> None:
        """Write a run, which publishes it at once if it says so."""
        self.write([record("run", f"run{run.run}", json.dumps(asdict(run)))])

    def drop_run(self, run: Run) -> None:
        """Delete what a run has added and not published, and then the run."""
        for collection in (self.passages, self.records):
            self.server.delete(collection, f"since == {run.run}")
        self.server.delete(self.records, f"id in ['run{run.run}']")

    def find(self, condition: str) -> Iterator[Row]:
        """Yield the records that meet the condition."""
        return self.server.iterate(self.records, condition, FIELDS)

    def files(self, condition: str) -> dict[str, str]:
        """Return the sha256 of each file that meets the condition, by relative path."""
        rows = (self._read(row) for row in self.find(f"kind == 'file' and {condition}"))
        return {body["relative"]: body["sha256"] for body in rows}

    def skipped(self, condition: str) -> list[tuple[str, SkippedFile]]:
        """Return file, and path and reason of what was skipped within it, ordered."""
        rows = (self._read(row) for row in self.find(f"kind == 'skipped' and {condition}"))
        found = [(body["of"], SkippedFile(body["relative"], body["reason"])) for body in rows]
        return sorted(found, key=lambda part: (part[0], part[1].relative))

    def documents(self, condition: str) -> list[DocumentRecord]:
        """Return the documents that meet the condition, in any order."""
        return [
            DocumentRecord(row["id"][1:], row["file"], self._read(row))
            for row in self.find(f"kind == 'document' and {condition}")
        ]

    def document(self, doc_id: str, condition: str) -> Document:
        """Return a document with its whole text.

        Raises:
            KeyError: if there is none with this id that meets the condition.
            IndexDamagedError: if its text is not what was written.
        """
        found = self.documents(f"name == '{digest(doc_id)}' and {condition}")
        if not found:
            raise KeyError(f"no document has the id '{doc_id}'")
        facts = dict(found[0].facts)
        ids = [text_key(found[0].key, place) for place in range(facts.pop("n_parts"))]
        parts = {row["id"]: row["body"] for row in self.server.get(self.records, ids, FIELDS)}
        text = "".join(parts.get(part, "") for part in ids)
        if digest(text) != facts.pop("checksum"):
            raise damaged(self.server.address, f"the text of '{doc_id}' is not what was written")
        del facts["n_passages"]
        return replace(Document(**facts, text=text), path=Path(facts["path"]))

    def write(self, rows: Iterable[Row]) -> None:
        """Write records, each over the one with its id."""
        self.server.upsert(self.records, list(rows))

    def _read(self, row: Row) -> dict[str, Any]:
        try:
            body: dict[str, Any] = json.loads(row["body"])
        except ValueError as error:
            raise damaged(self.server.address, f"record '{row['id']}' is unreadable") from error
        return body


def file_key(file: SourceFile) -> str:
    """Return what is kept of a file under: another one whenever its path or a byte differs."""
    return digest(file.relative, file.sha256)


def text_key(document: str, place: int) -> str:
    """Return the id of a part of a document's text."""
    return f"t{document}{place:06x}"


def record(  # noqa: PLR0913  a row
    kind: str, key: str, body: str, *, file: str = "", name: str = "", run: int = 0
) -> Row:
    """Return the row of a record; it belongs to the run that adds it, or to the whole version."""
    return {
        "id": key,
        "kind": kind,
        "file": file,
        "name": name,
        "body": body,
        "since": run,
        "until": 0,
        "vector": [0.0, 0.0],
    }


def file_records(file: SourceFile, skipped: Sequence[SkippedFile], run: int) -> list[Row]:
    """Return the records of a file and of what was skipped within it, without its documents'."""
    key = file_key(file)
    rows = [
        record(
            "skipped",
            f"s{digest(key, part.relative, part.reason)}",
            json.dumps({"of": file.relative, "relative": part.relative, "reason": part.reason}),
            file=key,
            run=run,
        )
        for part in skipped
    ]
    body = json.dumps({"relative": file.relative, "sha256": file.sha256})
    return [*rows, record("file", f"f{key}", body, file=key, run=run)]


def document_records(document: Document, n_passages: int, file: SourceFile, run: int) -> list[Row]:
    """Return the records of a document: its text in parts, and what else is known of it."""
    owner = file_key(file)
    key = digest(owner, document.doc_id)
    parts = split_text(document)
    facts = {
        "doc_id": document.doc_id,
        "title": document.title,
        "source": document.source,
        "url": document.url,
        "author": document.author,
        "published": document.published,
        "path": file.relative,
        "sha256": document.sha256,
        "n_passages": n_passages,
        "n_parts": len(parts),
        "checksum": digest(document.text),
    }
    texts = [
        record("text", text_key(key, place), part, file=owner, run=run)
        for place, part in enumerate(parts)
    ]
    name = digest(document.doc_id)
    body = json.dumps(facts)
    return [*texts, record("document", f"d{key}", body, file=owner, name=name, run=run)]
