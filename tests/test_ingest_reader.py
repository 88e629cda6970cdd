from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import docx
import pytest

from rag.ingest.article import Limits, ReadError, SourceFile
from rag.ingest.reader import ReaderProcess, read_file
from rag.records import Document

SENTENCE = "The river rose by 2.4 metres on Monday and the low road was closed until the evening."
GOOD_PAGE = f"<html><body><article><p>{SENTENCE}</p></article></body></html>"


def source(path: Path, content: str | bytes) -> SourceFile:
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(data)
    return SourceFile(path, path.name, hashlib.sha256(data).hexdigest(), len(data))


@pytest.fixture(scope="module")
def reader() -> Iterator[ReaderProcess]:
    with ReaderProcess() as reader:
        yield reader


@pytest.fixture
def good(tmp_path: Path) -> SourceFile:
    return source(tmp_path / "good.html", GOOD_PAGE)


@pytest.fixture
def heavy(tmp_path: Path) -> SourceFile:
    """A page that takes seconds: the extraction is slower than linear in the paragraphs."""
    return source(tmp_path / "heavy.html", "<html><body>" + "<p>Some words are here." * 60_000)


def reasons(reader: ReaderProcess, file: SourceFile) -> list[str]:
    result = reader.read(file)
    assert result.documents == ()
    return [entry.reason for entry in result.skipped]


def test_a_file_becomes_a_document_that_knows_its_file(
    reader: ReaderProcess, good: SourceFile
) -> None:
    (document,) = reader.read(good).documents
    assert (document.doc_id, document.path, document.sha256, document.text) == (
        "good.html",
        good.path,
        good.sha256,
        SENTENCE,
    )


def test_a_file_that_had_no_chance_is_worth_another_try(tmp_path: Path, good: SourceFile) -> None:
    with ReaderProcess(Limits(seconds=1)) as reader:
        reader.read(good)  # starts the child, whatever becomes of this
        child = reader._child or reader._start()
        child.send_signal(signal.SIGSTOP)  # the machine does something else
        result = reader.read(good)
    assert [part.reason for part in result.skipped] == ["took longer than 1 s"]
    assert not result.is_lasting


def test_one_file_can_be_read_alone(good: SourceFile) -> None:
    assert [document.text for document in read_file(good).documents] == [SENTENCE]


def test_plain_formats_need_no_child(tmp_path: Path) -> None:
    with ReaderProcess() as reader:
        (document,) = reader.read(source(tmp_path / "a.TXT", "Words.\r\n")).documents
        assert document.text == "Words.\n"
        assert reader._child is None


def test_one_child_reads_many_files(reader: ReaderProcess, good: SourceFile) -> None:
    reader.read(good)
    first = reader._child
    assert reader.read(good).documents == reader.read(good).documents
    assert reader._child is first


def test_the_time_limit_is_enforced_and_the_next_file_is_read(
    good: SourceFile, heavy: SourceFile
) -> None:
    with ReaderProcess(Limits(seconds=1)) as reader:
        started = time.monotonic()
        assert reasons(reader, heavy) == ["took longer than 1 s"]
        assert time.monotonic() - started < 10  # with the start of the child on a busy machine
        assert len(reader.read(good).documents) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
def test_the_memory_limit_is_enforced_and_the_next_file_is_read(
    tmp_path: Path, good: SourceFile
) -> None:
    docx.Document().save(tmp_path / "big.docx")
    with zipfile.ZipFile(tmp_path / "big.docx") as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    # A tree of 600,000 elements, which takes over 100 MB.
    body = "".join(f"<w:p><w:r><w:t>{n * 7919}</w:t></w:r></w:p>" for n in range(200_000))
    main = "word/document.xml"
    content[main] = content[main].replace(b"<w:sectPr", body.encode() + b"<w:sectPr", 1)
    with zipfile.ZipFile(tmp_path / "big.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    big = source(tmp_path / "big.docx", (tmp_path / "big.docx").read_bytes())
    with ReaderProcess(Limits(memory_bytes=80_000_000)) as reader:
        assert reasons(reader, big) == ["needs more than 80 MB of memory"]
        assert len(reader.read(good).documents) == 1


def test_a_child_that_was_killed_is_replaced(reader: ReaderProcess, good: SourceFile) -> None:
    reader.read(good)
    assert reader._child is not None
    reader._child.kill()
    reader._child.wait()
    result = reader.read(good)
    assert [part.reason for part in result.skipped] == ["the parser crashed (exit status -9)"]
    assert not result.is_lasting  # somebody else killed it: the file may be fine
    assert len(reader.read(good).documents) == 1


def test_a_reader_can_be_used_after_it_was_closed(reader: ReaderProcess, good: SourceFile) -> None:
    reader.close()
    reader.close()
    assert len(reader.read(good).documents) == 1


def test_a_parser_that_fails_is_named_and_the_next_file_is_read(
    reader: ReaderProcess, tmp_path: Path, good: SourceFile
) -> None:
    # A cross-reference offset before the start of the file: pypdf seeks there.
    trailer = (
        b"%PDF-1.4\nxref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 1 /Prev -9 /Root 1 0 R >>\n"
    )
    damaged = source(tmp_path / "a.pdf", trailer + b"startxref\n9\n%%EOF\n")
    (reason,) = reasons(reader, damaged)
    assert reason.startswith("damaged")
    assert len(reader.read(good).documents) == 1


@pytest.mark.parametrize(
    ("limits", "name", "content", "reason"),
    [
        (Limits(n_bytes=10), "a.txt", "x" * 11, "11 bytes, over the limit of 10"),
        (
            Limits(n_characters=10),
            "a.md",
            "x" * 11,
            "over 10 characters of text; split the file",
        ),
        (
            Limits(n_characters=10),
            "a.html",
            GOOD_PAGE,
            "over 10 characters of text; split the file",
        ),
        (Limits(n_html_bytes=10), "a.html", "x" * 11, "11 bytes, more than the limit of 10"),
    ],
)
def test_a_file_over_a_limit_is_skipped(
    tmp_path: Path, limits: Limits, name: str, content: str, reason: str
) -> None:
    with ReaderProcess(limits) as reader:
        assert reasons(reader, source(tmp_path / name, content)) == [reason]


@pytest.mark.parametrize("name", ["gone.txt", "gone.html", "gone.pdf", "gone.docx", "gone.jsonl"])
def test_a_file_that_is_gone_is_skipped(reader: ReaderProcess, tmp_path: Path, name: str) -> None:
    file = SourceFile(tmp_path / name, name, "", 1)
    assert reasons(reader, file) == ["no such file or directory"]


def test_a_name_that_is_not_unicode_reaches_the_child(
    reader: ReaderProcess, tmp_path: Path
) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9\n.html"))
    try:
        path.write_text(GOOD_PAGE)
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    (document,) = reader.read(SourceFile(path, "cafe.html", "", 1)).documents
    assert (document.text, document.title) == (SENTENCE, "Caf")


def test_the_child_imports_no_model() -> None:
    heavy = {
        "torch",
        "sentence_transformers",
        "faiss",
        "openvino",
        "tantivy",
        "gradio",
        "trafilatura",
    }
    code = f"import rag.ingest.child, sys; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_child_ends_with_its_parent(good: SourceFile) -> None:
    code = (
        "import os, sys; from pathlib import Path; from rag.ingest.reader import *\n"
        f"reader = ReaderProcess(); reader.read(SourceFile(Path({str(good.path)!r}), 'a', '', 1))\n"
        "print(reader._child.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    child = int(done.stdout)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and is_running(child):
        time.sleep(0.02)
    assert not is_running(child)


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/status")
    return not (status.exists() and "\nState:\tZ" in status.read_text())


def test_of_a_long_file_of_lines_little_is_held_in_memory(tmp_path: Path) -> None:
    lines = "".join(f'{{"_id": "{n}", "text": "{"word " * 200}"}}\n' for n in range(5000))
    file = source(tmp_path / "long.jsonl", lines)
    del lines
    tracemalloc.start()
    with ReaderProcess() as reader:
        n_characters = sum(
            len(found.text) for found in reader.iter_read(file) if isinstance(found, Document)
        )
        _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert n_characters >= 4_900_000
    assert peak < 500_000


def test_a_file_that_cannot_be_read_is_an_error_where_its_parts_are_asked_for(
    reader: ReaderProcess, good: SourceFile, tmp_path: Path
) -> None:
    (document,) = reader.iter_read(good)
    assert isinstance(document, Document)
    assert document.text == SENTENCE
    for name in ("gone.jsonl", "gone.txt"):
        gone = SourceFile(tmp_path / name, name, "0", 1)
        with pytest.raises(ReadError, match="no such file"):
            list(reader.iter_read(gone))
