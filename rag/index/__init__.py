"""Passages → something searchable.

`update_index` brings the index of a corpus up to date, `Index.open` reads one generation of it.

In reading order: `fingerprint` (what an index was built with), `database` and
`store` (SQLite, the truth),
`staging` (its writing side), `dense` and `lexical` (FAISS and tantivy, derived from it), `sealed`
and `derived` (how these lie on disk), `lock`, `plan`, `builder`, `index`, and `joined`, which is
two of them.
"""

from rag.index.builder import IndexReport, Progress, update_index
from rag.index.database import IndexDamagedError
from rag.index.fingerprint import Fingerprint, IndexMismatchError
from rag.index.index import Index
from rag.index.joined import JoinedIndex
from rag.index.location import default_folder
from rag.index.lock import LockedError
from rag.index.plan import IndexPlan, plan_index
from rag.index.store import DocumentRow

__all__ = [
    "DocumentRow",
    "Fingerprint",
    "Index",
    "IndexDamagedError",
    "IndexMismatchError",
    "IndexPlan",
    "IndexReport",
    "JoinedIndex",
    "LockedError",
    "Progress",
    "default_folder",
    "plan_index",
    "update_index",
]
