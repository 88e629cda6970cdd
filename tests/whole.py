"""What it means that an index is whole: every part of it agrees with every other."""

from contextlib import closing
from pathlib import Path

import pytest

from rag.index.index import Index
from rag.index.store import Store
from rag.ingest.split import embedded_text
from tests.fakes import WordEncoder


def check_whole(folder: Path) -> dict[str, str]:
    """Return the texts of the index, every part of which agrees with them."""
    encoder = WordEncoder()
    with closing(Index.open(folder, encoder)) as index:
        texts = {row.doc_id: index.document(row.doc_id).text for row in index.documents()}
        passages = dict(index.iter_passages())
        for row_id, passage in passages.items():
            assert passage.text == texts[passage.doc_id][passage.start : passage.end]
            (vector,) = encoder.encode_queries([embedded_text(passage)])
            assert index.cosines(vector, [row_id])[row_id] == pytest.approx(1)
            found = index.search_dense(vector, len(passages) + 1)
            assert {found_id for found_id, _ in found} == passages.keys()
            assert row_id in dict(index.search_lexical(passage.text, len(passages)))
        return texts


def texts_of(folder: Path) -> dict[str, str]:
    """The texts of a whole index; none where nothing has been published."""
    try:
        Store.open(folder).close()
    except FileNotFoundError:
        return {}
    return check_whole(folder)
