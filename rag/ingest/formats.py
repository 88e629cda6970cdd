"""The formats that are read: a table from file suffix to reader."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from rag.ingest.article import Article, Limits
from rag.ingest.markdown import read_markdown
from rag.ingest.pdf import read_pdf
from rag.ingest.plain import read_plain
from rag.ingest.webpage import read_webpage
from rag.ingest.word import read_word

Reader = Callable[[Path, Limits], Article]

READERS: dict[str, Reader] = {
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".txt": read_plain,
    ".html": read_webpage,
    ".htm": read_webpage,
    ".pdf": read_pdf,
    ".docx": read_word,
}
LINES = ".jsonl"  # many documents in one file: read by ``lines``
FORMATS = (*READERS, LINES)
CONFINED = frozenset({".html", ".htm", ".pdf", ".docx"})
"""Formats that a few kilobytes can make cost minutes or gigabytes: read in a child process."""

READERS_VERSION = 4  # raised with every change of what the readers read: every file is read again
_PARSERS = ("charset-normalizer", "lxml", "pypdf", "python-docx", "trafilatura")


def describe_readers(limits: Limits) -> str:
    """Return what decides whether a file can be read, besides its content: versions and limits."""
    parsers = ", ".join(f"{name} {version(name)}" for name in _PARSERS)
    return f"readers {READERS_VERSION}, {parsers}, {limits}"
