"""Markdown, with or without front matter."""

from __future__ import annotations

from pathlib import Path

from rag.ingest.article import Article, Limits
from rag.ingest.front_matter import split_front_matter
from rag.ingest.plain import decode


def read_markdown(path: Path, limits: Limits) -> Article:
    """Return the body of a Markdown file as it stands, and the fields of its front matter."""
    return parse_markdown(decode(path.read_bytes()))


def parse_markdown(text: str) -> Article:
    r"""Return the body and the fields of Markdown text.

    Known fields are ``title``, ``source``, ``url``, ``author`` or ``authors``, and ``date`` or
    ``published``, see `split_front_matter`.

    >>> article = parse_markdown("---\ntitle: 1984\ndate: 1949-06-08\n---\nIt was bright.")
    >>> article.title, article.published, article.text
    ('1984', '1949-06-08', 'It was bright.')
    """
    fields, body = split_front_matter(text)
    return Article(
        text=body,
        title=fields.get("title", ""),
        source=fields.get("source", ""),
        url=fields.get("url", ""),
        author=fields.get("author") or fields.get("authors", ""),
        published=fields.get("published") or fields.get("date", ""),
    )
