"""How an index lies in Milvus: its collections, the rows in them, and their ids.

Of each version of an index there are two collections: passages, which are searched, and records,
which say what there is. A row has two stamps: it is seen by whoever knows its ``since`` as
published, and is gone for whoever knows its ``until`` as published. So a publication is one row
(a run, see `rag.index.milvus.records`), and a reader goes on seeing what it opened.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from rag.index.lexical import find_terms
from rag.index.milvus.server import Row
from rag.ingest.split import embedded_text
from rag.records import Document, Passage

KEY_LENGTH = 24  # hex digits: a hundred million documents share one by chance once in 10^13
PLACE_LENGTH = 6  # hex digits: sixteen million passages of a document
LONGEST = 65_535  # bytes of a text, Milvus's limit
PART = 16_000  # characters of a record: at most four bytes each
TEXTS = ("doc_id", "passage_id", "heading", "title", "text", "before")
FACTS = (*TEXTS, "start", "end")  # of a passage, as its record has them
# Of BM25: tantivy's, so that both stores rank alike.
BM25 = {"bm25_k1": 1.2, "bm25_b": 0.75}
_PLAIN = re.compile(r"[a-z0-9]+")
_CODED = re.compile(r"x[0-9a-f]+")


def digest(*values: str) -> str:
    """Return the hex digits of a key that any change of the values changes too."""
    hashed = hashlib.blake2b(digest_size=KEY_LENGTH // 2)
    for value in values:
        content = value.encode()
        hashed.update(len(content).to_bytes(8))  # so that no value runs into the next
        hashed.update(content)
    return hashed.hexdigest()


def passage_key(document: str, place: int) -> str:
    """Return the id of the passage at a place of a document: neighbours have neighbouring ids."""
    return f"{document}{place:0{PLACE_LENGTH}x}"


def to_number(key: str) -> int:
    """Return the id of a passage as the number that retrieval knows it by.

    >>> to_number(passage_key("00000000000000000000000f", 1)) == 0xF000001
    True
    """
    return int(key, 16)


def to_key(number: int) -> str:
    """Return the id of the passage with a number."""
    return f"{number:0{KEY_LENGTH + PLACE_LENGTH}x}"


def write_terms(text: str) -> str:
    """Return the terms of a text as words that every analyser of Milvus leaves alone.

    The terms are those of the local index, stemmed by it; Milvus has only to count them. What is
    not made of ASCII letters and digits is written in hexadecimal.

    >>> write_terms("Trams rose 3.5%")
    'tram rose x332e35'
    """
    return " ".join(map(_write_term, find_terms(text)))


def _write_term(term: str) -> str:
    if _PLAIN.fullmatch(term) and not _CODED.fullmatch(term):
        return term
    return f"x{term.encode().hex()}"


def passage_row(passage: Passage, key: str, vector: Any, run: int) -> Row:
    """Return the row of a passage.

    Raises:
        ValueError: if a text of it is longer than Milvus takes.
    """
    texts = {name: getattr(passage, name) for name in TEXTS}
    texts["terms"] = write_terms(embedded_text(passage))
    for name, text in texts.items():
        if len(text.encode()) > LONGEST:
            raise ValueError(
                f"the {name} of a passage must have at most {LONGEST:,} bytes in Milvus, got more "
                f"in '{passage.doc_id}'; give a smaller size"
            )
    place = {"start": passage.start, "end": passage.end, "since": run, "until": 0}
    return {"id": key, "vector": vector, **texts, **place}


def read_passage(row: Row) -> Passage:
    """Return the passage of a row."""
    return Passage(**{name: row[name] for name in FACTS})


def split_text(document: Document) -> list[str]:
    """Return the text of a document in parts that a record holds; none for an empty one."""
    return [document.text[at : at + PART] for at in range(0, len(document.text), PART)]


def passages_schema(dimension: int, *, exact: bool) -> tuple[Any, Any]:
    """Return schema and indexes of a collection of passages.

    ``exact`` compares every vector, as the local index does; otherwise Milvus chooses an index of
    approximate neighbours.
    """
    from pymilvus import DataType, Function, FunctionType, MilvusClient

    schema = _schema()
    for name in TEXTS:
        schema.add_field(name, DataType.VARCHAR, max_length=LONGEST)
    for name in ("start", "end"):
        schema.add_field(name, DataType.INT64)
    schema.add_field(
        "terms",
        DataType.VARCHAR,
        max_length=LONGEST,
        enable_analyzer=True,
        analyzer_params={"tokenizer": "standard"},
    )
    schema.add_field("bm25", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
    schema.add_function(Function("count_terms", FunctionType.BM25, ["terms"], ["bm25"]))
    indexes = MilvusClient.prepare_index_params()
    kind = "FLAT" if exact else "AUTOINDEX"
    indexes.add_index("vector", index_type=kind, metric_type="IP")
    indexes.add_index(
        "bm25", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25", params=dict(BM25)
    )
    return schema, indexes


def records_schema() -> tuple[Any, Any]:
    """Return schema and indexes of a collection of records."""
    from pymilvus import DataType, MilvusClient

    schema = _schema()
    for name in ("kind", "file", "name"):
        schema.add_field(name, DataType.VARCHAR, max_length=64)
    schema.add_field("body", DataType.VARCHAR, max_length=LONGEST)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)  # no collection goes without
    indexes = MilvusClient.prepare_index_params()
    indexes.add_index("vector", index_type="FLAT", metric_type="IP")
    for name in ("kind", "file", "name"):
        indexes.add_index(name, index_type="INVERTED")
    return schema, indexes


def _schema() -> Any:
    from pymilvus import DataType, MilvusClient

    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=64)
    for name in ("since", "until"):
        schema.add_field(name, DataType.INT64)
    return schema
