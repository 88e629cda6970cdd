"""Chosen sentences → with the headings that give them their sense."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rag.generate.antecedents import opens_item, stands_in_list
from rag.generate.check.claims import split_plain
from rag.generate.citations import Statement, Support, plain_text
from rag.generate.features import Sentence
from rag.generate.words.rows import read_cells
from rag.ingest.sentences import find_sentences
from rag.ingest.split import CLOSING
from rag.records import Passage

N_WORDS = 3  # of an answer that only the question above it makes one: "Yes.", "From 9 am."
ENDS = " .!?…:"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading that stands in a passage, in words; ``start`` and ``end`` as in the document."""

    passage: Passage
    start: int
    end: int
    text: str

    @property
    def support(self) -> Support:
        """The heading as what supports its words."""
        return Support(self.passage, self.start, self.end)


@lru_cache(maxsize=256)
def find_headings(passage: Passage) -> tuple[Heading, ...]:
    """Return the headings that a passage opens with and stands under, but for the title.

    A passage that goes on with a section, or whose heading is one of several below another, does
    not have all of its headings: what it lacks cannot be cited with it.
    """
    lines = split_plain(passage.text, passage.context)
    first = lines[0][0] if lines else len(passage.text)
    path = read_path(passage)
    found = []
    for start, end in find_sentences(passage.text):
        words = CLOSING.sub("", plain_text(passage.text[start:end]))
        if end <= first and words in path:
            found.append(Heading(passage, passage.start + start, passage.start + end, words))
    return tuple(found)


def read_path(passage: Passage) -> tuple[str, ...]:
    """Return the words of the headings that a passage stands under, but for the title."""
    title = plain_text(passage.title)
    path = [plain_text(name) for name in passage.heading.split(" > ")]
    return tuple(name for name in path if name and name != title)


def needs_heading(sentence: Sentence) -> bool:
    """Return whether a sentence is not understood without the heading above it.

    It is an item of a list right below the heading: "Support for Python 3.8." below "Removed".
    """
    return opens_item(sentence) and is_listed(sentence)


def is_listed(sentence: Sentence) -> bool:
    """Return whether a sentence is of a list with no other text between it and the heading.

    A row of a table says by itself what it is about.
    """
    passage = sentence.hit.passage
    lines = [
        Sentence(sentence.hit, passage.start + start, passage.start + end)
        for start, end, _ in split_plain(passage.text, passage.context)
        if passage.start + start <= sentence.start
    ]
    return all(map(stands_in_list, lines)) and not read_cells(plain_text(sentence.text))


def find_question(sentence: Sentence) -> Heading | None:
    """Return the heading that a sentence of a few words answers, if it stands below a question."""
    passage = sentence.hit.passage
    lines, headings = split_plain(passage.text, passage.context), find_headings(passage)
    is_first = bool(lines) and passage.start + lines[0][0] == sentence.start
    if not is_first or not headings or not headings[-1].text.endswith("?"):
        return None
    return headings[-1] if len(lines[0][2].split()) <= N_WORDS else None


def add_headings(
    stated: Sequence[tuple[Sentence, Statement]], *, as_list: bool = False
) -> tuple[str, list[Statement]]:
    """Return what leads a list, and the statements with the headings that they need.

    In prose the headings of a passage are said once. Those that all items of a list stand below
    lead it, and each item has the others. What is said of a heading is cited with it: one that
    leads is, with the first item, support.
    """
    shared = _find_shared([sentence for sentence, _ in stated]) if as_list else []
    names = {heading.text for heading in shared}
    statements: list[Statement] = []
    said: set[str] = set()
    for sentence, statement in stated:
        passage = sentence.hit.passage
        question = find_question(sentence)
        own = [h for h in find_headings(passage) if h.text not in names]
        if question is not None and not as_list:
            statements.append(Statement(question.text, (question.support,)))
        elif needs_heading(sentence) and own and (as_list or passage.passage_id not in said):
            said.add(passage.passage_id)
            statement = _put_below(own, statement)
        statements.append(statement)
    if shared:
        supports = tuple(heading.support for heading in shared)
        statements[0] = replace(statements[0], supports=(*supports, *statements[0].supports))
    return _join(shared), statements


def _put_below(headings: Sequence[Heading], statement: Statement) -> Statement:
    supports = tuple(heading.support for heading in headings)
    return replace(
        statement,
        text=f"{_join(headings)}: {statement.text}",
        supports=(*supports, *statement.supports),
    )


def _join(headings: Sequence[Heading]) -> str:
    """Return headings in one line; a mark at their end would end the sentence."""
    return ", ".join(heading.text.rstrip(ENDS) for heading in headings)


def _find_shared(sentences: Sequence[Sentence]) -> list[Heading]:
    """Return the headings that all items of a list of one article stand below, and can be cited."""
    passages = list(dict.fromkeys(sentence.hit.passage for sentence in sentences))
    if len({p.doc_id for p in passages}) != 1 or not all(map(is_listed, sentences)):
        return []
    paths = [read_path(passage) for passage in passages]
    shared = [
        names[0] for names in zip(*paths, strict=False) if all(name == names[0] for name in names)
    ]
    standing = {heading.text: heading for p in passages[::-1] for heading in find_headings(p)}
    return [standing[name] for name in shared if name in standing]
