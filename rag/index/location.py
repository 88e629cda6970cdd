"""Where an index lives, and the commands that make it."""

from __future__ import annotations

import shlex
from pathlib import Path

_HOME = ".rag"
STORE = "index.sqlite"


def default_folder(corpus: Path) -> Path:
    """Return the folder of the index of a corpus, beside the corpus.

    >>> default_folder(Path("/news/articles")).as_posix()
    '/news/.rag/articles'
    """
    corpus = corpus.absolute()
    return corpus.parent / _HOME / corpus.name


def index_command(folder: Path) -> str:
    """Return the command that brings the index in the folder up to date.

    >>> index_command(Path("/news/.rag/articles")), index_command(Path("/tmp/index"))
    ('rag index /news/articles', 'rag index CORPUS --index /tmp/index')
    """
    if folder.parent.name == _HOME:
        return f"rag index {shlex.quote(str(folder.parent.parent / folder.name))}"
    return f"rag index CORPUS --index {shlex.quote(str(folder))}"


def rebuild_command(folder: Path) -> str:
    """Return the command that builds the index in the folder from nothing.

    Only the store goes, since all else of the index is derived from it; what people have said on
    the page lies in the same folder, and stays.

    >>> rebuild_command(Path("/my news/.rag/articles"))
    "rm '/my news/.rag/articles/index.sqlite'* && rag index '/my news/articles'"
    """
    return f"rm {shlex.quote(str(folder / STORE))}* && {index_command(folder)}"
