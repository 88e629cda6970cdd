"""The files of a corpus: which there are, and reading them all."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rag.ingest.article import (
    DEFAULT_LIMITS,
    Limits,
    ReadError,
    ReadResult,
    SkippedFile,
    SourceFile,
)
from rag.ingest.formats import FORMATS, LINES, describe_readers
from rag.ingest.hashing import hash_file
from rag.ingest.lines import kind_of
from rag.ingest.reader import ReaderProcess, read_file, reason_of
from rag.records import Document

__all__ = [
    "DEFAULT_LIMITS",
    "FORMATS",
    "Limits",
    "ReadError",
    "ReadResult",
    "ReaderProcess",
    "SkippedFile",
    "SourceFile",
    "count_passed_over",
    "describe_readers",
    "find_files",
    "read_corpus",
    "read_file",
]

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\\]")


def check_corpus(corpus: Path) -> None:
    """Raise where a glance shows that there is nothing to index; reads no file.

    Raises:
        FileNotFoundError: there is no such folder, or no file in it of a format that is read.
        NotADirectoryError: it is a file.
    """
    if not corpus.exists():
        raise FileNotFoundError(
            f"corpus must be a folder that exists, got '{corpus}'; "
            f"create it and put articles ({' '.join(FORMATS)}) in it"
        )
    if not corpus.is_dir():
        raise NotADirectoryError(
            f"corpus must be a folder, got the file '{corpus}'; name the folder that it is in"
        )
    if not any(path.suffix.lower() in FORMATS for path in corpus.rglob("*")):
        raise _no_articles(corpus)


def find_files(corpus: Path) -> tuple[list[SourceFile], list[SkippedFile]]:
    """Return the files of a folder that hold articles, and those that cannot be read.

    Both are sorted by relative path. Folders are searched to any depth. Passed over in silence
    are hidden files and folders, other formats, ``.jsonl`` files of test questions, and links to
    folders of the corpus itself, whose files are found where they lie.

    Raises:
        FileNotFoundError: there is no such folder, or no file in it of a format that is read.
        NotADirectoryError: it is a file.
    """
    check_corpus(corpus)
    root = corpus.resolve()
    found: list[SourceFile] = []
    unsearched: list[OSError] = []
    skipped: list[SkippedFile] = []
    for path in _walk(root, unsearched):
        try:
            file = _inspect(path, root)
        except ReadError as error:
            skipped.append(SkippedFile(_relative(path, root), error.reason))
        except OSError as error:
            skipped.append(SkippedFile(_relative(path, root), reason_of(error)))
        else:
            found += [file] if file else []
    for failure in unsearched:
        folder = _relative(Path(os.fsdecode(failure.filename)), root)
        skipped.append(SkippedFile(folder, f"folder not searched: {reason_of(failure)}"))
    if not found and not skipped:
        raise _no_articles(corpus)
    by_path = sorted(found, key=lambda file: file.relative)
    return by_path, sorted(skipped, key=lambda file: file.relative)


def count_passed_over(corpus: Path) -> dict[str, int]:
    """Return how many files `find_files` passes over for their format, by suffix, sorted."""
    found = Counter(
        path.suffix.lower()
        for path in corpus.rglob("*")
        if path.suffix.lower() not in FORMATS
        and not any(part.startswith(".") for part in path.relative_to(corpus).parts)
        and path.is_file()
    )
    return dict(sorted(found.items()))


def _no_articles(corpus: Path) -> FileNotFoundError:
    expected = " ".join(FORMATS)
    return FileNotFoundError(f"no articles in '{corpus}': expected files {expected}; add some")


def read_corpus(corpus: Path, limits: Limits = DEFAULT_LIMITS) -> Iterator[Document | SkippedFile]:
    """Yield every document of a folder, and every file or line that had to be skipped.

    Raises:
        FileNotFoundError, NotADirectoryError: as ``find_files``.
    """
    files, skipped = find_files(corpus)
    yield from skipped
    with ReaderProcess(limits) as reader:
        for file in files:
            result = reader.read(file)
            yield from result.documents
            yield from result.skipped


def _walk(root: Path, unsearched: list[OSError]) -> Iterator[Path]:
    """Yield each file of a known format and each linked folder; errors go to ``unsearched``."""
    for folder, folders, files in os.walk(root, onerror=unsearched.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (path for name in folders if (path := Path(folder, name)).is_symlink())
        for name in files:
            path = Path(folder, name)
            if not name.startswith(".") and path.suffix.lower() in FORMATS:
                yield path


def _check_link(path: Path, root: Path) -> str:
    """Return why a link must not be followed; an empty string where it stays in the corpus."""
    target = Path(os.path.realpath(path, strict=True))
    if not target.is_relative_to(root):
        return "a link that leaves the corpus"
    return "a link to a folder around it" if path.parent.resolve().is_relative_to(target) else ""


def _inspect(path: Path, root: Path) -> SourceFile | None:
    """Return the file; ``None`` for test questions and for a link to a folder of the corpus.

    Raises:
        ReadError, OSError: it cannot be read.
    """
    if path.is_symlink() and (reason := _check_link(path, root)):
        raise ReadError(reason)
    if path.is_dir():
        return None
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):  # a pipe would be waited for without end
        raise ReadError("not a regular file")
    if status.st_size == 0:
        raise ReadError("empty")
    if path.suffix.lower() == LINES:
        kind = kind_of(path)
        if kind == "questions":
            return None
        if kind == "other":
            raise ReadError('not articles: the first record needs "_id" and "text"')
    return SourceFile(path, _relative(path, root), hash_file(path), status.st_size)


def _relative(path: Path, root: Path) -> str:
    r"""Return the path from the root, with forward slashes, as text that can be printed.

    Backslashes are doubled, and control characters and bytes that are not Unicode written as
    escapes, so that different files keep different names.

    >>> _relative(Path("/corpus/a\nb.txt"), Path("/corpus"))
    'a\\nb.txt'
    """
    text = _UNPRINTABLE.sub(lambda found: repr(found[0])[1:-1], path.relative_to(root).as_posix())
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
