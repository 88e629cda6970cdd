from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from pypdf import PdfWriter

from rag.ingest.article import SkippedFile
from rag.ingest.files import count_passed_over, find_files, read_corpus
from rag.records import Document

TEXT = "The river rose by 2.4 metres on Monday and the low road was closed until the evening."
PAGE = f"""<html><head><title>Floods</title></head><body><nav>Home World</nav>
<article><p>{TEXT}</p><p>Follow us on Facebook</p></article></body></html>"""


def write_docx(path: Path) -> None:
    document = docx.Document()
    document.add_paragraph(TEXT)
    document.save(str(path))


def write_pdf(path: Path, password: str = "") -> None:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    writer.write(path)


def write_bomb(path: Path) -> None:
    document = docx.Document()
    for _ in range(100):
        document.add_paragraph("ha" * 100_000)
    document.save(str(path))


# What stands in the corpus, and what comes of it: text, or the reason why there is none.
READ: dict[str, tuple[bytes | Callable[[Path], None], str]] = {
    "utf8.txt": (TEXT.encode(), TEXT),
    "bom.txt": (TEXT.encode("utf-8-sig"), TEXT),
    "utf16.txt": (TEXT.encode("utf-16"), TEXT),
    "utf16le.txt": (TEXT.encode("utf-16-le"), TEXT),
    "utf16be.txt": (TEXT.encode("utf-16-be"), TEXT),
    "latin1.txt": (
        "Die Straße führt über den Fluß.".encode("latin-1"),
        "Die Straße führt über den Fluß.",
    ),
    "cp1252.txt": (
        "“Déjà vu”, he said – it’s 5 €.".encode("cp1252"),
        "“Déjà vu”, he said – it’s 5 €.",
    ),
    "sjis.txt": (
        "これは日本語の文章です。川は海へ流れる。".encode("shift-jis"),
        "これは日本語の文章です。川は海へ流れる。",
    ),
    "crlf.txt": (b"One.\r\nTwo.\r\n", "One.\nTwo.\n"),
    "line.txt": (b"word " * 500_000, "word " * 500_000),
    "furniture.txt": (b"One.\n\nFollow us on Facebook\n\nTwo.", "One.\n\nTwo."),
    "broken.md": (b"---\ntitle: [x\n---\nText.", "Text."),
    "list.md": (b"---\n- a\n---\nText.", "---\n- a\n---\nText."),
    "good.MARKDOWN": (b"---\ntitle: T\n---\nText.", "Text."),
    "page.html": (PAGE.encode(), TEXT),
    "bare.htm": (b"no tags at all", "no tags at all"),
    "good.docx": (write_docx, TEXT),
    f"{'n' * 251}.txt": (b"Text.", "Text."),
    "line\nbreak.txt": (b"Text.", "Text."),
    "deep/er/a b.txt": (b"Text.", "Text."),
    "пример.txt": (b"Text.", "Text."),
}
SKIPPED: dict[str, tuple[bytes | Callable[[Path], None], str]] = {
    "empty.txt": (b"", "empty"),
    "empty.pdf": (b"", "empty"),
    "blank.txt": (b" \n\t\n", "no text found"),
    "blank.docx": (lambda path: docx.Document().save(str(path)), "no text found"),
    "binary.txt": (bytes(range(256)) * 10, "binary, not text"),
    "binary.md": (b"\x89PNG\r\n\x1a\n\x00\x00", "binary, not text"),
    "really.txt": (b"%PDF-1.4\n", "a PDF by its content; rename it to .pdf"),
    "menu.html": (b"<html><body><nav>Home</nav></body></html>", "no text found"),
    "nested.html": (b"<div>" * 100_000, "no text found"),
    "cut.pdf": (b"%PDF-1.4\n1 0 obj\n<< /Type", "damaged PDF"),
    "not.pdf": (b"<html>", "not a PDF by its content"),
    "locked.pdf": (lambda path: write_pdf(path, "secret"), "encrypted with a password"),
    "scan.pdf": (write_pdf, "no text found (scanned images?)"),
    "not.docx": (b"words", "not a .docx by its content, or cut off"),
    "other.jsonl": (b'{"name": "x"}\n', 'not articles: the first record needs "_id" and "text"'),
    "pipe.txt": (lambda path: os.mkfifo(path), "not a regular file"),
    "loop.txt": (lambda path: path.symlink_to(path), "too many levels of symbolic links"),
    "gone.txt": (lambda path: path.symlink_to("nowhere"), "no such file or directory"),
    "out.txt": (lambda path: path.symlink_to("/etc/passwd"), "a link that leaves the corpus"),
    "outside": (lambda path: path.symlink_to("/etc"), "a link that leaves the corpus"),
    "deep/around": (lambda path: path.symlink_to(".."), "a link to a folder around it"),
}
PASSED_OVER: dict[str, bytes | Callable[[Path], None]] = {
    "questions.jsonl": b'{"id": "1", "question": "Who?"}\n',
    ".hidden.txt": b"hidden",
    ".git/a.txt": b"hidden",
    "picture.png": b"\x89PNG",
    "program.py": b"print()",
    "inside": lambda path: path.symlink_to("deep"),
    "folder.txt/": lambda path: path.mkdir(),
}


def put(path: Path, content: bytes | Callable[[Path], None]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        content(path)


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("zoo")
    for name, (content, _) in {**READ, **SKIPPED}.items():
        put(folder / name, content)
    for name, only in PASSED_OVER.items():
        put(folder / name, only)
    put(folder / "bomb.docx", write_bomb)
    put(
        folder / "set.jsonl",
        b'{"_id": "a", "text": "Text."}\nbroken\n{"_id": "b", "text": "More."}',
    )
    return folder


@pytest.fixture(scope="module")
def corpus(zoo: Path) -> list[Document | SkippedFile]:
    return list(read_corpus(zoo))


def test_every_file_is_read_or_skipped_with_its_reason(
    corpus: list[Document | SkippedFile],
) -> None:
    texts = {entry.doc_id: entry.text for entry in corpus if isinstance(entry, Document)}
    expected = {name.replace("\n", "\\n"): text for name, (_, text) in READ.items()}
    assert texts == {**expected, "set.jsonl#a": "Text.", "set.jsonl#b": "More."}
    reasons = {entry.relative: entry.reason for entry in corpus if isinstance(entry, SkippedFile)}
    bomb = reasons.pop("bomb.docx")
    assert bomb.startswith("unpacks to ")
    assert reasons == {
        **{name: reason for name, (_, reason) in SKIPPED.items()},
        "set.jsonl": "line 2: not JSON in UTF-8",
    }


def test_every_document_has_a_title_and_lines_can_be_printed(
    corpus: list[Document | SkippedFile],
) -> None:
    for entry in corpus:
        if isinstance(entry, Document):
            assert entry.title.strip()
            assert entry.doc_id.isprintable()
            assert entry.doc_id.encode()
        else:
            assert f"{entry.relative}: {entry.reason}".isprintable()


def test_files_are_sorted_and_hashed(zoo: Path) -> None:
    files, skipped = find_files(zoo)
    names = [file.relative for file in files]
    assert names == sorted(names)
    assert [entry.relative for entry in skipped] == sorted(entry.relative for entry in skipped)
    (file,) = (file for file in files if file.relative == "deep/er/a b.txt")
    assert file.path == zoo.resolve() / "deep" / "er" / "a b.txt"
    assert file.n_bytes == 5
    # printf 'Text.' | sha256sum
    assert file.sha256 == "f06dce27b84e18ccb3c7e94a0679c279cd42027da23bcf1e1ca1f94e365ea420"


def test_a_link_within_the_corpus_is_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Text.")
    (tmp_path / "b.txt").symlink_to("a.txt")
    files, skipped = find_files(tmp_path)
    assert [file.relative for file in files] == ["a.txt", "b.txt"]
    assert skipped == []


def test_a_corpus_may_be_a_link_and_relative(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.txt").write_text("Text.")
    (tmp_path / "linked").symlink_to("real")
    monkeypatch.chdir(tmp_path)
    ((file,), _) = find_files(Path("linked"))
    assert (file.relative, file.path.is_absolute(), file.path.read_text()) == (
        "a.txt",
        True,
        "Text.",
    )


def test_names_that_are_not_unicode_are_escaped(tmp_path: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_text("Text.")
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    (document,) = (entry for entry in read_corpus(tmp_path) if isinstance(entry, Document))
    assert document.doc_id == r"caf\udce9.txt"


def test_a_backslash_in_a_name_is_told_from_an_escape(tmp_path: Path) -> None:
    for name in ("a\nb.txt", "a\\nb.txt"):
        (tmp_path / name).write_text("Text.")
    assert [file.relative for file in find_files(tmp_path)[0]] == [r"a\\nb.txt", r"a\nb.txt"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "shut").mkdir(mode=0)
    (tmp_path / "a.txt").write_text("Text.")
    (tmp_path / "a.txt").chmod(0)
    _, skipped = find_files(tmp_path)
    assert skipped == [
        SkippedFile("a.txt", "permission denied"),
        SkippedFile("shut", "folder not searched: permission denied"),
    ]


def test_a_missing_corpus_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        FileNotFoundError, match=r"^corpus must be a folder that exists, got '.*no'"
    ):
        find_files(tmp_path / "no")


def test_a_file_is_no_corpus(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Text.")
    with pytest.raises(NotADirectoryError, match="^corpus must be a folder, got the file"):
        find_files(tmp_path / "a.txt")


def test_a_folder_without_articles_is_no_corpus(tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_text('{"id": 1, "question": "Who?"}')
    (tmp_path / "a.png").write_bytes(b"x")
    with pytest.raises(
        FileNotFoundError, match=r"^no articles in '.*': expected files \.md \.markdown"
    ):
        list(read_corpus(tmp_path))


def test_a_folder_with_unreadable_files_only_is_reported_not_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    assert list(read_corpus(tmp_path)) == [SkippedFile("a.txt", "empty")]


def test_files_of_other_formats_are_counted_unless_they_are_hidden(tmp_path: Path) -> None:
    for name in ("a.md", "b.CSV", "c.csv", "deep/d.csv", "README", ".git/e.csv", ".f.csv"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(TEXT)
    (tmp_path / "folder.zip").mkdir()
    assert count_passed_over(tmp_path) == {"": 1, ".csv": 3}
