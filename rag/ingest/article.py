"""What the readers take and give: a source file, the limits on reading it, an article."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from rag.ingest.furniture import drop_furniture
from rag.records import Document

MAX_TITLE = 300  # characters; the title is embedded with every passage, so it must stay a title

_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Control characters, lone surrogates, and what can hide text from a reader: overrides of the
# writing direction and tag characters. Joiners and direction marks stay: scripts need them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)
_END_MARKS = ".!?…:;,。！？"
# Of a title in two lines: neither "name: value", nor an address, a price or a row of a table.
_TITLE_LINE = re.compile(r"[^\W\d_](?<![a-z])(?:(?!  )[^@:|£$€\t])*$")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?=[T ]|$)")


class ReadError(Exception):
    """A file that cannot be read; ``reason`` says why, in one line and for a person.

    ``is_lasting`` is false where the same content may be read another time.
    """

    def __init__(self, reason: str, *, is_lasting: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_lasting = is_lasting


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the corpus, before it is read.

    ``path`` is absolute; ``relative`` is the path from the corpus with forward slashes, in which
    control characters, backslashes and bytes that are not Unicode are escaped; ``sha256`` is that
    of the bytes.
    """

    path: Path
    relative: str
    sha256: str
    n_bytes: int

    @property
    def suffix(self) -> str:
        """The suffix in lower case, which names the format: ``.md``."""
        return self.path.suffix.lower()


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file, or a line of a ``.jsonl`` file, that could not be read, and why, in one line."""

    relative: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What a file held: its documents in order, and what of it was skipped.

    ``is_lasting`` is false where it was the system that failed, not the file: the same content
    may be read another time.
    """

    documents: tuple[Document, ...] = ()
    skipped: tuple[SkippedFile, ...] = ()
    is_lasting: bool = True


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may cost; a file that needs more is skipped with a reason.

    ``seconds`` and ``memory_bytes`` hold for the formats that are read in a child process;
    ``memory_bytes`` is what the file may add to that process, enforced on Linux only.
    For ``.jsonl``, which is read line by line, ``n_bytes`` and ``n_characters`` hold for a line.
    """

    seconds: float = 20.0
    memory_bytes: int = 1 << 30
    n_bytes: int = 50_000_000
    n_html_bytes: int = 5_000_000  # a page of 9 MB took the extraction over 30 s
    n_unpacked_bytes: int = 100_000_000  # of a .docx, which is a zip file
    n_unpacked_times: int = 100  # of its size, that is; documents are packed 5 to 20 times
    n_pages: int = 2000
    n_characters: int = 5_000_000  # more than the whole of a long encyclopedia volume

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be positive, got {getattr(self, name)}")


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Article:
    """What a reader finds in a file; all but ``text`` is empty where the file does not say."""

    text: str
    title: str = ""
    source: str = ""
    url: str = ""
    author: str = ""
    published: str = ""


def clean_text(text: str) -> str:
    r"""Return the text with ``\n`` as its only line end, and without unseen characters.

    Removed are a byte order mark at the start, control characters other than ``\n`` and ``\t``,
    overrides of the writing direction and tag characters. All else stays as it is.

    >>> clean_text("\ufeffone\r\ntwo\u2028thr\x00ee")
    'one\ntwo\nthree'
    """
    return _UNSEEN.sub("", _LINE_END.sub("\n", text.removeprefix("\ufeff")))


def clean_line(text: str) -> str:
    """Return the text in one line, with single spaces and without unseen characters."""
    return " ".join(clean_text(text).split())


def clean_date(text: str) -> str:
    """Return the day of an ISO time, and any other date as it stands.

    >>> clean_date("2025-08-30T09:15:00+05:00"), clean_date("30 August 2025")
    ('2025-08-30', '30 August 2025')
    """
    line = clean_line(text)
    day = _DAY.match(line)
    return day[0] if day else line


def first_heading(text: str) -> str:
    r"""Return the first level-one Markdown heading outside fenced code; empty where none is.

    >>> first_heading("Intro\n## Part\n# The Title #\n")
    'The Title'
    """
    fenced = False
    for line in text.split("\n"):
        if line.startswith(("```", "~~~")):
            fenced = not fenced
        elif line.startswith("# ") and not fenced:
            return line[2:].strip().rstrip("#").strip()
    return ""


def first_line_title(text: str) -> str:
    r"""Return the first line where it stands alone like a title, else an empty string.

    Like a title is a line of at most 120 characters that no full stop or other mark ends, with a
    blank line and more text after it. So are two such lines, joined, that begin with capitals.

    >>> first_line_title("Rivers of the north\n\nThe longest one is ..."), first_line_title("A.")
    ('Rivers of the north', '')
    """
    top, _, rest = text.strip().partition("\n\n")
    lines = [line.strip() for line in top.split("\n", maxsplit=2)]
    title = " ".join(lines)
    if not rest.strip() or len(title) > 120 or any(line[-1:] in _END_MARKS for line in lines):
        return ""
    is_title = len(lines) == 2 and all(_TITLE_LINE.match(line) for line in lines)
    return title if len(lines) == 1 or is_title else ""


def readable_name(path: Path) -> str:
    """Return the file name made readable.

    >>> readable_name(Path("articles/river-floods_2025.txt"))
    'River floods 2025'
    """
    name = clean_line(re.sub(r"[-_]+", " ", path.stem)) or clean_line(path.name)
    return name[:1].upper() + name[1:] or "Untitled"


def check_length(n_characters: int, limits: Limits) -> None:
    """Refuse more text than one article may have.

    Raises:
        ReadError: there are more than ``limits.n_characters``.
    """
    if n_characters > limits.n_characters:
        raise ReadError(f"over {limits.n_characters:,} characters of text; split the file")


def to_document(file: SourceFile, article: Article, limits: Limits) -> Document:
    """Return the document that the article of a file makes, cleaned, with a title in any case.

    Raises:
        ReadError: the article has no text, or more than ``limits.n_characters``.
    """
    check_length(len(article.text), limits)
    text = drop_furniture(clean_text(article.text))
    if not text.strip():
        raise ReadError("no text found")
    title = clean_line(article.title) or clean_line(first_heading(text))
    return Document(
        doc_id=file.relative,
        title=(title or readable_name(file.path))[:MAX_TITLE],
        text=text,
        source=clean_line(article.source),
        url=clean_line(article.url),
        author=clean_line(article.author),
        published=clean_date(article.published),
        path=file.path,
        sha256=file.sha256,
    )
