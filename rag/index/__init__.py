"""Passages → something searchable.

`update_index` brings the index of a corpus up to date, `Index.open` reads one generation of it.

In reading order: `fingerprint` (what an index was built with), `database` and
`store` (SQLite, the truth),
`staging` (its writing side), `dense` and `lexical` (FAISS and tantivy, derived from it), `sealed`
and `derived` (how these lie on disk), `lock`, `plan`, `builder` and `index`; then `milvus`, which
keeps the same in Milvus, and `stores`, the seam between the two and the rest.
"""

from rag.index.builder import IndexReport, Progress, update_index
from rag.index.database import IndexDamagedError
from rag.index.fingerprint import Fingerprint, IndexMismatchError
from rag.index.index import Index
from rag.index.location import default_folder
from rag.index.lock import LockedError
from rag.index.plan import IndexPlan, plan_index
from rag.index.store import DocumentRow
from rag.index.stores import IndexStore, OpenIndex, find_store

__all__ = [
    "DocumentRow",
    "Fingerprint",
    "Index",
    "IndexDamagedError",
    "IndexMismatchError",
    "IndexPlan",
    "IndexReport",
    "IndexStore",
    "LockedError",
    "OpenIndex",
    "Progress",
    "default_folder",
    "find_store",
    "plan_index",
    "update_index",
]
