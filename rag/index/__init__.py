"""Passages → something searchable.

`update_index` brings the index of a corpus up to date, `Index.open` reads one generation of it.

In reading order: `fingerprint` (what an index was built with), `database`, `tables` and `store`
(SQLite, the truth), `staging` (its writing side), `dense`, `clusters` and `lexical` (FAISS and
tantivy, derived from it), `sealed` and `derived` (how these lie on disk), `lock`, `plan`, `intake`
(files → staged and encoded), `builder` and `index`; then `milvus`, which keeps the same in Milvus,
`opened` and `stores`, the seam between the two and the rest, and `joined`, two searched as one.
"""

from rag.index.builder import IndexReport, Progress, update_index
from rag.index.database import IndexDamagedError
from rag.index.fingerprint import Fingerprint, IndexMismatchError
from rag.index.index import Index
from rag.index.joined import JoinedIndex
from rag.index.location import default_folder
from rag.index.lock import LockedError
from rag.index.opened import OpenIndex
from rag.index.plan import IndexPlan, plan_index
from rag.index.stores import IndexStore, find_store
from rag.index.tables import DocumentRow

__all__ = [
    "DocumentRow",
    "Fingerprint",
    "Index",
    "IndexDamagedError",
    "IndexMismatchError",
    "IndexPlan",
    "IndexReport",
    "JoinedIndex",
    "IndexStore",
    "LockedError",
    "OpenIndex",
    "Progress",
    "default_folder",
    "find_store",
    "plan_index",
    "update_index",
]
