"""Who adds what to an index: shards, their runs, and the editions that published runs make."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from rag.index.fingerprint import Fingerprint
from rag.index.milvus.schema import digest


@dataclass(frozen=True, slots=True)
class Shard:
    """A part of a corpus: ``number`` of ``of``, from 1. Every file is in exactly one."""

    number: int = 1
    of: int = 1

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Return the shard of a text.

        >>> Shard.parse("2/8")
        Shard(number=2, of=8)

        Raises:
            ValueError: if it names none.
        """
        number, _, of = text.partition("/")
        if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
            raise ValueError(f"shard must be NUMBER/OF, such as 2/8, got '{text}'")
        return cls(int(number), int(of))

    def has(self, relative: str) -> bool:
        """Return whether a path relative to the corpus belongs to this part."""
        hashed = hashlib.blake2b(relative.encode(), digest_size=8).digest()
        return int.from_bytes(hashed) % self.of == self.number - 1

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


@dataclass(frozen=True, slots=True)
class Run:
    """One indexer's work on its shard, begun or published.

    What it adds is stamped with ``run``, what it removes with ``attempt``: a run that is taken up
    again after a kill keeps what it has added, and removes anew. ``n_documents`` and
    ``n_passages`` are how many there are more because of it.
    """

    run: int
    attempt: int
    shard: Shard
    host: str
    touched: float
    published: bool = False
    built_at: str = ""
    n_documents: int = 0
    n_passages: int = 0


@dataclass(frozen=True, slots=True)
class Head:
    """What a version was built with, and how many publications there were before it."""

    fingerprint: Fingerprint
    before: int


@dataclass(frozen=True, slots=True)
class Edition:
    """What a reader has opened: a version, and the runs of it that had been published."""

    head: Head
    runs: tuple[Run, ...]

    @property
    def seen(self) -> str:
        """The condition for the rows that belong to it."""
        added, removed = [run.run for run in self.runs], [run.attempt for run in self.runs]
        return f"since in {added} and until not in {removed}"

    @property
    def number(self) -> int:
        """How many publications there have been."""
        return self.head.before + len(self.runs)

    @property
    def name(self) -> str:
        """What this edition has in common with no other."""
        return f"{self.number:06d}-{digest(*(str(run.attempt) for run in self.runs))[:8]}"
