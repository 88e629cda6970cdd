"""What a person offers as an article: its name made safe, and a glance whether it can be one."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from rag.ingest.formats import FORMATS
from rag.page import wording

MAX_BYTES = 20_000_000  # of a file: a long book as text, or a report with its pictures
MAX_PASTED = 1_000_000  # characters: what is longer is better sent as a file
MAX_NAME = 80  # characters of a file's name before its suffix: file systems take 255 bytes
NAMELESS = "article"

_UNSAFE = re.compile(r"[^\w .,()&'+-]")
_EDGES = " .,"  # a leading dot hides a file, and Windows drops trailing ones


@dataclass(frozen=True, slots=True)
class Offered:
    """A file that a person has sent: where it lies for now, and the name it came with."""

    path: Path
    name: str


def safe_name(name: str) -> str:
    r"""Return a name for a file, made from the name it came with; folders are left out of it.

    >>> safe_name("../../etc/passwd.TXT"), safe_name("C:\\docs\\a<b>.pdf"), safe_name(".md")
    ('passwd.txt', 'a_b_.pdf', 'article.md')
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").split("/")[-1]
    stem, dot, suffix = last.rpartition(".")
    stem, suffix = (stem, f".{suffix.lower()}") if dot else (last, "")
    stem = _UNSAFE.sub("_", stem).strip(_EDGES)[:MAX_NAME].strip(_EDGES)
    return f"{stem or NAMELESS}{_UNSAFE.sub('_', suffix)}"


def free_name(name: str, taken: Collection[str]) -> str:
    """Return the name, or the name with the first number that is not taken; case does not count.

    >>> free_name("a.md", {"A.md", "a (2).md"})
    'a (3).md'
    """
    used = {each.casefold() for each in taken}
    stem, dot, suffix = name.rpartition(".")
    number, free = 1, name
    while free.casefold() in used:
        number += 1
        free = f"{stem} ({number}){dot}{suffix}"
    return free


def find_fault(name: str, n_bytes: int) -> str:
    """Return why a file of this name and size is not read, empty where it may be."""
    suffix = Path(safe_name(name)).suffix
    if suffix not in FORMATS:
        return wording.WRONG_FORMAT.format(formats=" ".join(FORMATS))
    if n_bytes > MAX_BYTES:
        return wording.TOO_LARGE.format(size=n_bytes / 1e6, limit=MAX_BYTES / 1e6)
    return "" if n_bytes else wording.EMPTY_FILE


def find_fault_of_text(text: str) -> str:
    """Return why a pasted text cannot be an article, empty where it can."""
    if not text.strip():
        return wording.NO_TEXT
    if len(text) > MAX_PASTED:
        return wording.TEXT_TOO_LONG.format(length=len(text), limit=MAX_PASTED)
    return ""


def write_pasted(title: str, text: str, folder: Path) -> Offered:
    """Write a pasted text into the folder as an article of that title, and return it.

    Without a title the first line of the text names it.
    """
    first = next(line for line in text.splitlines() if line.strip())
    title = " ".join((title if title.strip() else first.lstrip("# ")).split())[:MAX_NAME]
    head = f"---\ntitle: {json.dumps(title)}\n---\n"  # JSON text is YAML text
    content = (head + text).encode("utf-8", "replace")
    path = folder / f"{hashlib.sha256(content).hexdigest()[:16]}.md"
    path.write_bytes(content)
    return Offered(path, f"{title.replace('/', '-')}.md")
