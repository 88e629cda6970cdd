"""The formats that are read, and what decides whether a file of one can be read."""

from __future__ import annotations

from importlib.metadata import version

from rag.ingest.article import Limits

LINES = ".jsonl"  # many documents in one file: read by ``lines``
FORMATS = (".md", ".markdown", ".txt", ".html", ".htm", ".pdf", ".docx", LINES)
CONFINED = frozenset({".html", ".htm", ".pdf", ".docx"})
"""Formats that a few kilobytes can make cost minutes or gigabytes: read in a child process."""

READERS_VERSION = 4  # raised with every change of what the readers read: every file is read again
_PARSERS = ("charset-normalizer", "lxml", "pypdf", "python-docx", "trafilatura")


def describe_readers(limits: Limits) -> str:
    """Return what decides whether a file can be read, besides its content: versions and limits."""
    parsers = ", ".join(f"{name} {version(name)}" for name in _PARSERS)
    return f"readers {READERS_VERSION}, {parsers}, {limits}"
