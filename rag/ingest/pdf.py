"""PDF: the text of the pages, joined into paragraphs."""

from __future__ import annotations

import re
from collections import Counter
from io import BytesIO
from itertools import pairwise
from pathlib import Path

from rag.ingest.article import (
    Article,
    Limits,
    ReadError,
    check_length,
    clean_line,
    clean_text,
    first_line_title,
)

EDGE = 2  # lines at the top and the bottom of a page among which headers and footers are looked for

_JUNK_TITLE = re.compile(
    r"untitled.*|title|document\d*|slide \d+|microsoft word - .*|powerpoint presentation|"
    r"([a-z]:|file:|about:|https?://|/).*|.*\\.*|.*\.(docx?|pdf|indd|qxd|tex|dvi|rtf|odt|pptx?|xlsx?|html?)",
    re.IGNORECASE,
)
_JUNK_AUTHOR = re.compile(
    r"user|owner|admin\w*|unknown|author|python-docx|pc|hp|\W*", re.IGNORECASE
)
_PAGE_NUMBER = re.compile(
    r"[-–—\s]*(page|p\.|seite|s\.|página)?\s*\d{1,4}(\s*(of|/|von|de)\s*\d{1,4})?[-–—\s]*",
    re.IGNORECASE,
)
_ITEM = re.compile(r"\s*([•▪◦‣–*-]|\d{1,2}[.)]|\([a-z\d]\))\s+\S")
_ENDED = re.compile(r"[.!?…:;。！？][\"'”’»)\]\d]*$")
_HYPHENATED = re.compile(r"(\w+)[-\u00ad\u2010]$")
_WORD = re.compile(r"\w+")
_SUSPENDED = frozenset({"and", "or", "to", "und", "oder", "bis", "et", "ou", "y", "o"})  # pre- and
_LIGATURES = str.maketrans(  # letters set as one; a search for "fires" would not find them
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
)
_UNSPACED = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")


def read_pdf(path: Path, limits: Limits) -> Article:
    """Return the text of a PDF in paragraphs, without running headers, footers and page numbers.

    The title and the author are those of the document information where they are sensible; the
    date is left empty, as a PDF only knows when its file was made.

    Raises:
        ReadError: the file is damaged, encrypted, too long, or has no text.
    """
    pages, title, author = _extract(path, limits)
    text = join_lines(drop_running_lines(pages))
    if not text.strip():
        raise ReadError("no text found (scanned images?)")
    if _JUNK_TITLE.fullmatch(title):
        title = ""
    if _JUNK_AUTHOR.fullmatch(author):
        author = ""
    return Article(text, title=title or first_line_title(text), author=author)


def _extract(path: Path, limits: Limits) -> tuple[list[list[str]], str, str]:
    """Return the lines of each page, the title and the author."""
    from pypdf import PasswordType, PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    data = path.read_bytes()
    if b"%PDF-" not in data[:1024]:
        raise ReadError("not a PDF by its content")
    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED:
            raise ReadError("encrypted with a password")
        n_pages = len(reader.pages)
        if n_pages > limits.n_pages:
            raise ReadError(f"{n_pages:,} pages, more than the limit of {limits.n_pages:,}")
        pages, n_characters = [], 0
        for page in reader.pages:
            text = clean_text(page.extract_text()).translate(_LIGATURES)
            n_characters += len(text)
            check_length(n_characters, limits)
            pages.append([line for line in text.split("\n") if line.strip()])
        found = reader.metadata
        title, author = (found.title, found.author) if found else ("", "")
        return pages, clean_line(str(title or "")), clean_line(str(author or ""))
    except DependencyError:  # AES needs the package cryptography
        raise ReadError("encrypted; save it without a password") from None
    except PyPdfError:
        raise ReadError("damaged PDF") from None


def drop_running_lines(pages: list[list[str]]) -> list[str]:
    """Return the lines of all pages without headers and footers that repeat, and page numbers.

    Repeated is what stands at the same place, one of the first or last two lines, on at least
    three pages and on more than half of them; digits may differ.

    >>> drop_running_lines([["Annual Report", "One.", "1"], ["Annual Report", "Two.", "2"],
    ...                     ["Annual Report", "Three.", "3"]])
    ['One.', 'Two.', 'Three.']
    """
    counts = Counter(place for page in pages for i in range(len(page)) for place in _edges(page, i))
    enough = max(3, len(pages) // 2 + 1)
    kept: list[str] = []
    for page in pages:
        for i, line in enumerate(page):
            at_end = len(pages) > 1 and len(page) > 1 and i in (0, len(page) - 1)
            is_number = at_end and _PAGE_NUMBER.fullmatch(line) is not None
            if not is_number and all(counts[place] < enough for place in _edges(page, i)):
                kept.append(line)
    return kept


def _edges(page: list[str], i: int) -> list[tuple[int, str]]:
    """Return where line ``i`` stands, from the top and the bottom, if near one, and its shape."""
    places = [place for place in (i, i - len(page)) if -EDGE <= place < EDGE]
    shape = re.sub(r"\d+", "#", " ".join(page[i].split())).lower()
    return [(place, shape) for place in places]


def join_lines(lines: list[str]) -> str:
    r"""Return wrapped lines as paragraphs with a blank line between them; words are made whole.

    A paragraph ends at a line that is clearly shorter than a full one and either ends a sentence
    or is followed by a capital, and before a title; a list item begins a line of its own. A hyphen
    at the end of a line is taken away, unless the word is written with it elsewhere.

    >>> join_lines(["The rivers of the north rose for a sec-", "ond day.", "Schools were closed."])
    'The rivers of the north rose for a second day.\n\nSchools were closed.'
    """
    lines = [" ".join(line.split()) for line in lines]
    lines = [line for line in lines if line]
    if not lines:
        return ""
    # The length of a full line: nine in ten are not longer.
    full = sorted(map(len, lines))[len(lines) * 9 // 10]
    compounds = {word.lower() for line in lines for word in re.findall(r"\w+-\w+", line)}
    pieces: list[str] = []
    for (line, following), after in zip(pairwise(lines), [*lines[2:], ""], strict=False):
        if _ITEM.match(following):
            pieces += (line, "\n" if _ITEM.match(line) else "\n\n")
        elif _ends_paragraph(line, following, full) or _is_title(line, following, after, full):
            pieces += (line, "\n\n")
        else:
            pieces += _joint(line, following, compounds)
    return "".join([*pieces, lines[-1]])


def _ends_paragraph(line: str, following: str, full: int) -> bool:
    if _HYPHENATED.search(line):
        return False
    if len(line) > 0.85 * full:  # the last word of a full line is seldom longer than the rest
        return False
    if _ENDED.search(line):
        return True
    return len(line) < 0.7 * full and (following[0].isupper() or following[0].isdigit())


def _is_title(line: str, following: str, after: str, full: int) -> bool:
    """Return whether a sentence ends with a line, and a short one that ends none is a title.

    Within a paragraph no line but the last one is short.
    """
    is_apart = _ENDED.search(line) is not None and after[:1].isupper()
    is_short = len(following) < 0.5 * full and following[0].isupper()
    return is_apart and is_short and not _ENDED.search(following)


def _joint(line: str, following: str, compounds: set[str]) -> tuple[str, str]:
    """Return a line and what stands between it and the next one of its paragraph.

    Where a word is cut in two the line loses its hyphen.
    """
    hyphenated = _HYPHENATED.search(line)
    next_word = _WORD.match(following)
    if hyphenated and next_word and next_word[0] not in _SUSPENDED:
        is_cut = next_word[0][0].islower()  # otherwise as in Jean-Paul or COVID-19
        is_compound = f"{hyphenated[1]}-{next_word[0]}".lower() in compounds
        return (line[:-1] if is_cut and not is_compound else line), ""
    if _UNSPACED.match(line[-1]) and _UNSPACED.match(following[0]):
        return line, ""
    return line, " "
