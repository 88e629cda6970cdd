"""Front matter: the fields between two lines of marks at the start of a Markdown file."""

from __future__ import annotations

import re
import tomllib
from datetime import date

MAX_FRONT_MATTER = 10_000  # characters; front matter is a few lines, and YAML is slow to read
KNOWN = frozenset({"title", "source", "url", "author", "authors", "published", "date"})

_START = re.compile(r"(?P<yaml>-{3,})\s*|\+{3,}\s*")
_ENDS = {
    "yaml": re.compile(r"^(?:-{3,}|\.{3})\s*$", re.MULTILINE),
    "toml": re.compile(r"^\+{3,}\s*$", re.MULTILINE),
}
_PAIRS = {
    "yaml": re.compile(r"([^\W\d][\w-]*)[ \t]*:(?:[ \t]+(.*))?"),
    "toml": re.compile(r"([^\W\d][\w-]*)[ \t]*=[ \t]*(.*)"),
}
_ITEM = re.compile(r"[ \t]*-[ \t]+(.*)")
_MOST_WORDS = 3  # in a name of a field; a longer one is a sentence with a colon

Fields = dict[str, str]


def split_front_matter(text: str) -> tuple[Fields, str]:
    r"""Return the fields of a text, by name in small letters, and its body.

    Between lines of ``---`` stands YAML, which ``...`` may end too, and between ``+++`` TOML. What
    is neither, as where a title has a colon, is read line by line; so are fields that no second
    mark ends, if they are of those that an article has. All else is no front matter.

    >>> split_front_matter("---\ntitle: Inns: a guide\ndate: 2024/07/09\n---\nThe text.")
    ({'title': 'Inns: a guide', 'date': '2024/07/09'}, 'The text.')
    >>> split_front_matter("---\nThe text.")
    ({}, '---\nThe text.')
    """
    start = _START.fullmatch(text.partition("\n")[0])
    if not start:
        return {}, text
    kind = "yaml" if start["yaml"] else "toml"
    fields, body = _read_block(text, kind) or _read_lines(text, kind) or ({}, "")
    return (fields, body.lstrip("\n")) if fields else ({}, text)


def _read_block(text: str, kind: str) -> tuple[Fields, str] | None:
    """Return the fields and the body where there is a block of that kind; else ``None``."""
    import yaml  # type: ignore[import-untyped]  # has no annotations
    from frontmatter.default_handlers import YAMLHandler

    try:
        block, body = YAMLHandler(fm_boundary=_ENDS[kind]).split(text)
        if len(block) > MAX_FRONT_MATTER:
            return None
        # Every scalar as the string that stands there: 1984, no and 2025-08-30 are not turned
        # into a number, False and a date. In Python, as libyaml's loader overflows the stack on
        # deep nesting and would take the whole process with it.
        is_yaml = kind == "yaml"
        found = yaml.load(block, Loader=yaml.BaseLoader) if is_yaml else tomllib.loads(block)
    except (ValueError, RecursionError, yaml.YAMLError):  # ValueError: no end, or no TOML
        return None
    if not isinstance(found, dict) or any(len(str(key).split()) > _MOST_WORDS for key in found):
        return None
    return {str(key).lower(): _as_text(value) for key, value in found.items()}, body


def _read_lines(text: str, kind: str) -> tuple[Fields, str] | None:
    """Return the fields that stand in a line each, and the body; ``None`` where they do not."""
    fields: Fields = {}
    name, end = "", 0
    lines = text.split("\n")
    for number, line in enumerate(lines[1:], start=1):
        if _ENDS[kind].fullmatch(line):
            return fields, "\n".join(lines[number + 1 :])
        if pair := _PAIRS[kind].fullmatch(line):
            name = pair[1].lower()
            fields.setdefault(name, _unquote(pair[2] or ""))
        elif (item := _ITEM.fullmatch(line)) and name and not end:
            fields[name] = ", ".join(filter(None, (fields[name], _unquote(item[1]))))
        elif not line.strip() or line.startswith("#"):
            end = end or number  # of the block, if nothing else ends it
        elif not line.startswith((" ", "\t")):
            end = end or number
            break
    known = fields.keys() & KNOWN
    return (fields, "\n".join(lines[end or len(lines) :])) if known else None


def _unquote(value: str) -> str:
    value = value.strip()
    if value.startswith("[") and value.endswith("]"):
        return ", ".join(item.strip(" \t\"'") for item in value[1:-1].split(","))
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return _as_text(value)


def _as_text(value: object) -> str:
    """Return a scalar, or the scalars of a list; empty for null and for deeper structure."""
    if isinstance(value, list):
        return ", ".join(item for item in value if isinstance(item, str))
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, str | int | float) and value not in ("~", "null") else ""
