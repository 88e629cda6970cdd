"""Words, searched by BM25: tantivy, derived from the store."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import accumulate, groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rag.records import check_k

_VERSION = 1  # raised with every change of the fields or of how a text becomes terms
_HEAP_BYTES = 64_000_000  # what is collected in memory before a segment is written
_MAX_OCCURRENCES = 8_000_000  # of a query's terms, at 7 ns each; below 300,000 passages all are few
_LONGEST = 64  # bytes of a term; what is longer is a link or a hash, and nobody types it
_ANALYZER = "terms"
# Scripts that do not separate words are indexed character by character, all others word by word.
# A number keeps its decimals: 3.5 is not 3 and 5.
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_TERM = rf"[{_UNSPACED}]|\p{{N}}+(?:[.,]\p{{N}}+)+|[\p{{L}}\p{{N}}\p{{M}}--[{_UNSPACED}]]+"


def find_terms(text: str) -> list[str]:
    """Return the terms of a text in order: in lower case, without accents, stemmed as English.

    >>> find_terms("Cafés in Zürich: prices rose 3.5%")
    ['cafe', 'in', 'zurich', 'price', 'rose', '3.5']
    """
    terms: list[str] = _analyzer().analyze(_normalized(text))
    return terms


class LexicalIndex:
    """The terms of passages under the passages' row ids. May be searched by several threads."""

    def __init__(self, index: Any) -> None:
        index.config_reader("manual")  # the default watches the folder for changes, in a thread
        index.register_tokenizer(_ANALYZER, _analyzer())
        index.reload()
        self._schema = index.schema
        self._searcher = index.searcher()

    @classmethod
    def build(cls, passages: Iterable[tuple[int, str]], folder: Path | None = None) -> LexicalIndex:
        """Return the index of row ids and texts, kept in the empty folder or in memory.

        Raises:
            OSError: if the folder cannot be written.
        """
        import tantivy

        with _named_errors():
            index = tantivy.Index(_schema(), path=None if folder is None else str(folder))
            _write(index, [], passages)
            return cls(index)

    @classmethod
    def update(
        cls, folder: Path, removed: Sequence[int], added: Iterable[tuple[int, str]]
    ) -> LexicalIndex:
        """Return the index in the folder, after taking out row ids and putting in passages.

        Costs what the change costs. Files are replaced, never changed. BM25 goes on counting what
        was taken out, until tantivy merges the segments that it lies in.

        Raises:
            OSError: if the folder cannot be written.
        """
        import tantivy

        with _named_errors():
            index = tantivy.Index.open(str(folder))
            _write(index, removed, added)
            return cls(index)

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Return the index written into the folder, whose checksums the caller has verified.

        Raises:
            OSError: if it cannot be opened.
        """
        import tantivy

        try:
            if os.access(folder, os.W_OK):
                return cls(tantivy.Index.open(str(folder)))
            # Even to read, tantivy takes a lock beside the files; once open, they are not sought.
            with TemporaryDirectory() as elsewhere:
                for path in folder.iterdir():
                    if path.suffix != ".lock":
                        Path(elsewhere, path.name).symlink_to(path.absolute())
                return cls(tantivy.Index.open(elsewhere))
        except ValueError as error:
            raise OSError(f"the lexical index could not be opened: {error}") from error

    @staticmethod
    def maker() -> str:
        """Return what a written index depends on besides the passages."""
        import tantivy

        return (
            f"tantivy {tantivy.__version__} terms {_VERSION} Unicode {unicodedata.unidata_version}"
        )

    @property
    def n_passages(self) -> int:
        """How many passages there are."""
        return int(self._searcher.num_docs)

    def search(self, query: str, k: int) -> list[tuple[int, float]]:
        """Return row id and BM25 score of the ``k`` best passages, best first, ties by id.

        A passage is found by any term of the query; nothing in a query is syntax. Fewer than
        ``k`` come back where fewer passages have a term. In a large index a long query is searched
        by its rarer terms alone, as many as stay interactive.

        Raises:
            ValueError: if ``k`` is below 1.
        """
        from tantivy import Occur, Query

        check_k(k)
        terms = self._choose_terms(query)
        if not terms:
            return []
        parts = [
            (Occur.Should, Query.term_query(self._schema, "text", term, index_option="freq"))
            for term in terms
        ]
        # More than there are passages is not asked for: tantivy makes room for k results.
        limit = min(k, self.n_passages)
        hits = self._searcher.search(Query.boolean_query(parts), limit, count=False).hits
        ids = self._searcher.fast_field_values("id", [address for _, address in hits])
        found = [(int(row_id), score) for row_id, (score, _) in zip(ids, hits, strict=True)]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))

    def _choose_terms(self, query: str) -> list[str]:
        """Return the query's terms that passages have, rarest first, as many as are affordable."""
        # Saying a word twice does not make it matter more.
        counts = {term: self._searcher.doc_freq("text", term) for term in set(find_terms(query))}
        found = sorted((count, term) for term, count in counts.items() if count)
        occurrences = accumulate(count for count, _ in found)
        return [
            term
            for number, ((_, term), total) in enumerate(zip(found, occurrences, strict=True))
            if total <= _MAX_OCCURRENCES or not number
        ]

    def document_frequency(self, words: Sequence[str]) -> dict[str, int]:
        """Return for each word how many passages have it, in any of its forms.

        For what makes several terms, such as ``top-down``, it is the number of its rarest; 0 for
        what makes none.
        """
        return {
            word: min(
                (self._searcher.doc_freq("text", term) for term in find_terms(word)), default=0
            )
            for word in words
        }


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except ValueError as error:  # which is what tantivy calls a full disk too
        raise OSError(f"the lexical index could not be written: {error}") from error


def _write(index: Any, removed: Sequence[int], added: Iterable[tuple[int, str]]) -> None:
    """Take row ids out of a tantivy index and put passages in, in one commit."""
    import tantivy

    index.register_tokenizer(_ANALYZER, _analyzer())
    writer = index.writer(_HEAP_BYTES, num_threads=1)  # each would need that much
    for first, last in _runs(removed):
        # A term of a number finds nothing to delete; each range costs a look over all ids.
        ids = (index.schema, "id", tantivy.FieldType.Unsigned, first, last)
        writer.delete_documents_by_query(tantivy.Query.range_query(*ids))
    for row_id, text in added:
        document = tantivy.Document()
        document.add_unsigned("id", row_id)
        document.add_text("text", _normalized(text))
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()  # until then files come and go


def _runs(ids: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last of each run of consecutive numbers.

    >>> list(_runs([4, 7, 5, 9, 8]))
    [(4, 5), (7, 9)]
    """
    for _, run in groupby(enumerate(sorted(ids)), key=lambda place: place[1] - place[0]):
        numbers = [number for _, number in run]
        yield numbers[0], numbers[-1]


def _normalized(text: str) -> str:
    # PDFs have the ligature of f and i, and é is one character or two: here they become the same.
    return unicodedata.normalize("NFKC", text)


@cache
def _analyzer() -> Any:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    return (
        TextAnalyzerBuilder(Tokenizer.regex(_TERM))
        .filter(Filter.remove_long(_LONGEST))
        .filter(Filter.lowercase())
        .filter(Filter.ascii_fold())
        .filter(Filter.stemmer("english"))
        .build()
    )


def _schema() -> Any:
    from tantivy import SchemaBuilder

    return (
        SchemaBuilder()
        .add_unsigned_field("id", fast=True)
        .add_text_field("text", tokenizer_name=_ANALYZER, index_option="freq")
        .build()
    )
