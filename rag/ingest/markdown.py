"""Markdown, with or without front matter."""

from __future__ import annotations

from pathlib import Path

from rag.ingest.article import Article, Limits
from rag.ingest.plain import decode

MAX_FRONT_MATTER = 10_000  # characters; front matter is a few lines, and YAML is slow to read

Fields = dict[str, str]


def read_markdown(path: Path, limits: Limits) -> Article:
    """Return the body of a Markdown file as it stands, and the fields of its front matter."""
    return parse_markdown(decode(path.read_bytes()))


def parse_markdown(text: str) -> Article:
    r"""Return the body and the fields of Markdown text.

    Known fields are ``title``, ``source``, ``url``, ``author`` or ``authors``, and ``date`` or
    ``published``. Front matter that is broken, or is not a mapping, is left in the body.

    >>> article = parse_markdown("---\ntitle: 1984\ndate: 1949-06-08\n---\nIt was bright.")
    >>> article.title, article.published, article.text
    ('1984', '1949-06-08', 'It was bright.')
    """
    fields, body = _split_front_matter(text)
    return Article(
        text=body,
        title=fields.get("title", ""),
        source=fields.get("source", ""),
        url=fields.get("url", ""),
        author=fields.get("author") or fields.get("authors", ""),
        published=fields.get("published") or fields.get("date", ""),
    )


def _split_front_matter(text: str) -> tuple[Fields, str]:
    import yaml  # type: ignore[import-untyped]  # has no annotations
    from frontmatter.default_handlers import YAMLHandler

    handler = YAMLHandler()
    if not handler.detect(text):
        return {}, text
    try:
        block, body = handler.split(text)
        if len(block) > MAX_FRONT_MATTER:
            return {}, text
        # Every scalar as the string that stands there: 1984, no and 2025-08-30 are not turned
        # into a number, False and a date. In Python, as libyaml's loader overflows the stack on
        # deep nesting and would take the whole process with it.
        mapping = yaml.load(block, Loader=yaml.BaseLoader)
    except (ValueError, RecursionError, yaml.YAMLError):  # ValueError: the block has no end
        return {}, text
    if not isinstance(mapping, dict):
        return {}, text
    fields = {str(key).lower(): _as_text(value) for key, value in mapping.items()}
    return fields, body.lstrip("\n")


def _as_text(value: object) -> str:
    """Return a scalar, or the scalars of a list; empty for null and for deeper structure."""
    if isinstance(value, list):
        return ", ".join(item for item in value if isinstance(item, str))
    return value if isinstance(value, str) and value not in ("~", "null") else ""
