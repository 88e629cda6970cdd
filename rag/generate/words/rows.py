"""A row of a table in words, ``name: cell; name: cell`` → its cells, and which is asked for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.generate.citations import plain_text
from rag.generate.entities.quantities import read_quantities
from rag.generate.entities.units import MONEY
from rag.generate.features import Sentence
from rag.generate.words.measures import ASKED_OF_IT, ASKING_HOW, BARE, asked_units, named_units
from rag.retrieve.terms import Term, content_terms, is_content, name_terms, read_stems, read_terms

Span = tuple[int, int]

FEWEST_NAMES = 2  # of columns; a line with one is "name: value", or prose with a colon
LONGEST_LEAD = 60  # characters of a first cell whose column has no name
LEAST_STEM = 4  # letters in which two words begin alike: south and southern
LONGEST_ENDING = 3  # letters that a name has more in another form: Portugal and Portuguese
_NAME = re.compile(r"(?:^|; )([^:;]{1,80}): ")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a row: the name of its column, and the characters of its value in the row."""

    name: str
    start: int
    end: int


@lru_cache(maxsize=1024)
def read_cells(row: str) -> tuple[Cell, ...]:
    """Return the cells of a sentence that is a row of a table in words; none of others.

    >>> [(cell.name, cell.start, cell.end) for cell in read_cells("Porto; Area: 41; Since: 417")]
    [('', 0, 5), ('Area', 13, 15), ('Since', 24, 27)]
    """
    found = list(_NAME.finditer(row))
    lead = found[0].start() if found else 0
    if len(found) < FEWEST_NAMES or lead > LONGEST_LEAD or "; " in row[:lead]:
        return ()
    ends = [name.start() for name in found[1:]] + [len(row)]
    cells = [Cell(name[1], name.end(), end) for name, end in zip(found, ends, strict=True)]
    return (Cell("", 0, lead), *cells) if lead else tuple(cells)


def find_rivals(
    sentences: Sequence[Sentence], terms: Sequence[Term], question: str = ""
) -> set[int]:
    """Return which sentences are rows beside a row of which the terms of a question say more cells.

    Who asks for the mayor of Porto is not told that of Vigo. Rows are of one table where they stand
    in one document and their first columns have one name. Where a ``question`` carries terms of the
    turn before, what it says itself of the first cells counts before all: "And Vigo?" is not
    answered with the row of Porto, of which all cells were said.
    """
    stems = {term.stem for term in terms}
    asked = {term.stem for term in content_terms(question)}
    is_carried = bool(question) and not stems <= asked
    tables: dict[tuple[str, str], dict[int, tuple[str, int]]] = {}
    for number, sentence in enumerate(sentences):
        row = plain_text(sentence.text)
        if cells := read_cells(row):
            n_said = sum(_is_said(row[cell.start : cell.end], stems) for cell in cells)
            key = sentence.hit.passage.doc_id, cells[0].name
            first = row[cells[0].start : cells[0].end]
            tables.setdefault(key, {})[number] = first, n_said
    if is_carried and (meant := _find_meant(sentences, stems, question)):
        return set(range(len(sentences))) - meant
    rivals = set()
    for rows in tables.values():
        named = _name_rows({n: first for n, (first, _) in rows.items()}, asked)
        ranks = {n: (is_carried * named[n], n_said) for n, (_, n_said) in rows.items()}
        best = max(ranks.values())
        rivals |= {number for number, rank in ranks.items() if rank < best}
    return rivals


def _find_meant(sentences: Sequence[Sentence], stems: set[str], question: str) -> set[int]:
    """Return the rows that "it" means in "How long does it take?", if they hold what is asked for.

    Their first cell was spoken of, and the question has nothing else to be found by.
    """
    units = asked_units(question)
    bare = {term.stem for term in read_terms(ASKED_OF_IT.sub("", question)) if is_content(term)}
    meant = set()
    for number, sentence in enumerate(sentences if units and not bare else ()):
        row = plain_text(sentence.text)
        cells = read_cells(row)
        if (
            cells
            and _is_said(row[cells[0].start : cells[0].end], stems)
            and _keep_measured(row, cells[1:], units)
        ):
            meant.add(number)
    return meant


def _name_rows(firsts: Mapping[int, str], asked: Collection[str]) -> dict[int, int]:
    """Return how surely each row is named by its first cell.

    2 if all of its words are asked with, 1 if so is one that no other row has there, else 0.
    """
    held = {number: {t.stem for t in content_terms(first)} for number, first in firsts.items()}
    n_rows = Counter(stem for stems in {frozenset(h) for h in held.values()} for stem in stems)
    return {
        number: 2
        if _is_said(firsts[number], asked)
        else int(any(n_rows[stem] == 1 for stem in stems & set(asked)))
        for number, stems in held.items()
    }


def lacks_name(best: Sentence, sentences: Sequence[Sentence], question: str) -> bool:
    """Return whether the best sentence is a row, and a name or figure asked for is in no hit.

    All rows of a table are alike but for those: what the Model S costs is not told by that of the
    Model Y.
    """
    if question.isupper() or not read_cells(plain_text(best.text)):
        return False
    asked = {term.stem for term in name_terms(question) if not term.is_acronym}  # of what is there
    asked |= {term.stem for term in read_terms(question) if any(map(str.isdigit, term.text))}
    passages = {sentence.hit.passage for sentence in sentences}
    known = {term.stem for p in passages for term in read_terms(f"{p.context}\n{p.text}")}
    return any(not any(_is_form_of(stem, other) for other in known) for stem in asked - known)


def find_cell(row: str, question: str, found: Sequence[Span]) -> Span | None:
    """Return the characters of the cell of a row that answers the question, if it can be told.

    It is the one that holds what the question wants measured, as minutes for "how long". Of several
    it is the one whose column the question names, most of its name before less, but for cells that
    the question says itself; else the only one in which, or in whose name, words were ``found``
    that may be the answer. "How much is it?" asks for a price, if for nothing else.
    """
    stems = {term.stem for term in content_terms(ASKING_HOW.sub("", question))}
    cells = [cell for cell in read_cells(row) if not _is_said(row[cell.start : cell.end], stems)]
    measured = _keep_measured(row, cells, asked_units(question))
    if len(measured) == 1:
        return measured[0].start, measured[0].end
    cells = measured or cells
    shares = [_share_said(cell.name, stems) for cell in cells]
    best = max(shares, default=0.0)
    asked = [cell for cell, share in zip(cells, shares, strict=True) if share == best > 0]
    if not asked and BARE.search(question):
        asked = _keep_measured(row, cells, MONEY)
    if len(asked) != 1:
        asked = [cell for cell in asked or cells if any(_meets(cell, span) for span in found)]
    return (asked[0].start, asked[0].end) if len(asked) == 1 else None


def _keep_measured(row: str, cells: Sequence[Cell], units: Collection[str]) -> list[Cell]:
    """Return the cells with a quantity in one of the units; their column may have its name."""
    measured = []
    for cell in cells:
        quantities = read_quantities(row[cell.start : cell.end])
        is_bare = any(quantity.unit == "" for quantity in quantities)
        if any(q.unit in units for q in quantities) or (
            is_bare and named_units(cell.name) & {*units}
        ):
            measured.append(cell)
    return measured


def _meets(cell: Cell, span: Span) -> bool:
    return span[0] < cell.end and span[1] > cell.start - len(f"{cell.name}: ")


def _is_said(words: str, stems: Collection[str]) -> bool:
    """Return whether all words of a cell are among those of the question."""
    terms = read_terms(words)
    return bool(terms) and all(term.stem in stems for term in content_terms(words))


def _share_said(name: str, stems: Collection[str]) -> float:
    terms = read_stems(name)
    n_said = sum(any(_is_alike(term, stem) for stem in stems) for term in terms)
    return n_said / len(terms) if terms else 0.0


def _is_form_of(stem: str, other: str) -> bool:
    """Return whether one may be the country of the other's adjective: german and germani."""
    return abs(len(stem) - len(other)) <= LONGEST_ENDING and _is_alike(stem, other)


def _is_alike(term: str, stem: str) -> bool:
    length = min(len(term), len(stem))
    return term == stem or (length >= LEAST_STEM and term[:length] == stem[:length])
