"""A table from file suffix to reader; apart from ``formats``, as a question needs no reader."""

from __future__ import annotations

from collections.abc import Callable
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
