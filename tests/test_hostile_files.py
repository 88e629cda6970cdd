"""Files made to do harm: all bounded in time and memory, and the others indexed."""

from __future__ import annotations

import hashlib
import os
import random
import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.index.builder import Progress, update_index
from rag.index.plan import plan_index
from rag.ingest.article import Limits, SourceFile
from rag.ingest.files import find_files
from rag.ingest.reader import ReaderProcess
from tests.bombs import BOMBS, HTML_BOMBS, PDF_BOMBS, WORD_BOMBS, good_pdf, word
from tests.fakes import WordEncoder, write_files

SENTENCE = "The river rose by 2.4 metres on Monday and the low road was closed until the evening."
PAGE = f"<html><head><title>River</title></head><body><article><p>{SENTENCE}</p></article></body>"
GOOD: dict[str, bytes] = {
    "good.pdf": good_pdf(SENTENCE),
    "good.docx": word(f"<w:p><w:r><w:t>{SENTENCE}</w:t></w:r></w:p>"),
    "good.html": PAGE.encode(),
    "good.md": f"---\ntitle: River\n---\n{SENTENCE}".encode(),
}


def source(path: Path, content: bytes) -> SourceFile:
    path.write_bytes(content)
    return SourceFile(path, path.name, hashlib.sha256(content).hexdigest(), len(content))


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Return the content cut off, with bits flipped, or with a part of it in another place."""
    how, at = chance.randrange(3), chance.randrange(len(content))
    if how == 0:
        return content[:at]
    if how == 1:
        flipped = bytearray(content)
        for _ in range(chance.randrange(1, 20)):
            flipped[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        return bytes(flipped)
    part = content[at : at + chance.randrange(1, 200)]
    place = chance.randrange(len(content))
    return content[:place] + part * chance.randrange(1, 50) + content[place:]


@pytest.fixture(scope="module")
def reader() -> Iterator[ReaderProcess]:
    with ReaderProcess(Limits(seconds=10)) as reader:
        yield reader


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_bombs_are_bounded_and_the_other_files_are_indexed(tmp_path: Path) -> None:
    corpus, folder = tmp_path / "c", tmp_path / "i"
    corpus.mkdir()
    for name, make in BOMBS.items():
        (corpus / name).write_bytes(make())
    for name, content in GOOD.items():
        (corpus / name).write_bytes(content)
    # Less than by default, so that those that would take for ever take less of it here.
    limits = Limits(seconds=4, memory_bytes=400_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = update_index(corpus, folder, WordEncoder(), limits=limits)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < 600_000_000  # bytes, in the process that serves; the most is a page of 5 MB
    skipped = {part.relative: part.reason for part in report.skipped}
    assert skipped.keys() & GOOD.keys() == set()
    assert len(skipped) >= 20
    assert report.n_documents == len(BOMBS) + len(GOOD) - len(skipped)
    for name in ("pages-tree.pdf", "zip.docx", "deep.docx", "laughs.docx", "secret.docx"):
        assert name in skipped
    # What took the limit the first time takes nothing the second.
    seen: list[Progress] = []
    again = update_index(corpus, folder, WordEncoder(), limits=limits, on_progress=seen.append)
    assert seen == []
    assert {part.relative: part.reason for part in again.skipped} == skipped
    assert plan_index(corpus, folder, limits=limits).to_read == frozenset()


@pytest.mark.parametrize(
    "name", ["zip.docx", "deep.docx", "laughs.docx", "secret.docx", "deep-array.pdf", "numbers.pdf"]
)
def test_what_is_built_to_burst_is_refused_at_once(
    reader: ReaderProcess, tmp_path: Path, name: str
) -> None:
    result = reader.read(source(tmp_path / name, BOMBS[name]()))
    assert result.documents == ()
    assert result.is_lasting
    assert len(result.skipped) == 1


@pytest.mark.parametrize("n", [12, pytest.param(80, marks=pytest.mark.slow)])
def test_malformed_files_are_read_or_skipped_with_a_reason(
    reader: ReaderProcess, tmp_path: Path, n: int
) -> None:
    chance = random.Random(5)
    for number in range(n):
        name, content = chance.choice(list(GOOD.items()))
        file = source(tmp_path / f"{number}-{name}", damaged(content, chance))
        result = reader.read(file)
        reasons = [part.reason for part in result.skipped]
        assert len(result.documents) + len(reasons) == 1
        assert all(reason and "\n" not in reason for reason in reasons)
        for document in result.documents:
            assert document.text.strip()
            assert document.title
    for name, content in GOOD.items():  # and the reader is as good as new
        (document,) = reader.read(source(tmp_path / name, content)).documents
        assert "The river rose by 2.4 metres" in document.text


FUZZED = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.slow
@FUZZED
@given(
    name=st.sampled_from(sorted(GOOD)),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=40)), min_size=1, max_size=6),
)
def test_whatever_is_put_into_a_file_it_is_read_or_skipped(
    reader: ReaderProcess, tmp_path: Path, name: str, cuts: list[tuple[float, bytes]]
) -> None:
    content = GOOD[name]
    for share, inserted in cuts:
        at = int(share * len(content))
        content = content[:at] + inserted + content[at + len(inserted) :]
    result = reader.read(source(tmp_path / f"fuzzed-{name}", content))
    assert len(result.documents) + len(result.skipped) == 1


@pytest.mark.slow
@FUZZED
@given(content=st.binary(max_size=4_000), suffix=st.sampled_from([".txt", ".md", ".jsonl"]))
def test_any_bytes_are_read_or_skipped(
    reader: ReaderProcess, tmp_path: Path, content: bytes, suffix: str
) -> None:
    result = reader.read(source(tmp_path / f"any{suffix}", content))
    assert all(document.text.strip() for document in result.documents)
    assert all("\n" not in part.reason for part in result.skipped)


def test_nothing_is_fetched_that_a_file_names(tmp_path: Path) -> None:
    """Counted at a server: also what a parser would open without asking Python."""
    calls: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"

        def count() -> None:
            while True:
                try:
                    calls.append(server.accept())
                except OSError:
                    return

        waiting = threading.Thread(target=count, daemon=True)
        waiting.start()
        entity = f'<!DOCTYPE w:document [<!ENTITY % x SYSTEM "{address}/x.dtd"> %x;]>'
        page = (
            f'<!DOCTYPE html SYSTEM "{address}/h.dtd"><html><head><base href="{address}">'
            f'<link rel=stylesheet href="{address}/a.css"><script src="{address}/a.js"></script>'
            f'<meta http-equiv=refresh content="0;url={address}"></head><body><iframe '
            f'src="{address}"></iframe><img src="{address}/a.png"><p>{SENTENCE}</p></body></html>'
        )
        link = b"<< /Type /Action /S /URI /URI (%s) >>" % address.encode()
        corpus = tmp_path / "c"
        corpus.mkdir()
        (corpus / "a.html").write_text(page)
        (corpus / "a.docx").write_bytes(
            word(f"<w:p><w:r><w:t>{SENTENCE}</w:t></w:r></w:p>", entity)
        )
        (corpus / "a.pdf").write_bytes(good_pdf(SENTENCE).replace(b"/Pages 2", link + b" /Pages 2"))
        (corpus / "a.md").write_text(f"![image]({address}/m.png) {SENTENCE}")
        report = update_index(corpus, tmp_path / "i", WordEncoder())
        assert report.n_documents >= 2
        server.shutdown(socket.SHUT_RDWR)
    waiting.join(timeout=10)
    assert calls == []


ATTEMPTS = """
import socket; socket.create_connection(('127.0.0.1', 9))
import urllib.request; urllib.request.urlopen('http://127.0.0.1:9')
import subprocess; subprocess.run(['true'])
import os; os.system('true')
import os; os.fork()
open('made', 'w')
import os; os.open('made', os.O_CREAT | os.O_WRONLY)
import os; os.remove('kept')
import shutil; shutil.rmtree('.')
import ctypes; ctypes.CDLL('libc.so.6')
""".strip()
TRY_ALL = """
import sys
from rag.ingest.child import refuse
sys.addaudithook(refuse)
for attempt in sys.argv[1].splitlines():
    try:
        exec(attempt)
    except OSError as error:
        print(str(error).partition(", got")[0])
"""


def test_a_reader_that_was_taken_over_can_only_read(tmp_path: Path) -> None:
    """The refusal is installed as the child does it; what a parser must not do is then tried."""
    (tmp_path / "kept").touch()
    done = subprocess.run(
        [sys.executable, "-c", TRY_ALL, ATTEMPTS],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    refusal = "a reader must only read its file"
    lines = done.stdout.splitlines()
    assert len(lines) == len(ATTEMPTS.splitlines())
    assert all(refusal in line for line in lines)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_nothing_outside_the_corpus_is_read_through_a_link(tmp_path: Path) -> None:
    corpus = write_files(tmp_path / "c", {"good.md": SENTENCE})
    outside = write_files(
        tmp_path / "outside", {"secret.md": "The secret.", "sub/b.md": "Another."}
    )
    (corpus / "file.md").symlink_to(outside / "secret.md")
    (corpus / "folder").symlink_to(outside, target_is_directory=True)
    (corpus / "loop.md").symlink_to(corpus / "loop.md")
    (corpus / "up").symlink_to(corpus.parent, target_is_directory=True)
    (corpus / "proc.txt").symlink_to("/proc/self/environ")
    files, skipped = find_files(corpus)
    assert [file.relative for file in files] == ["good.md"]
    assert {part.relative for part in skipped} == {"file.md", "folder", "loop.md", "proc.txt", "up"}


def test_there_are_bombs_enough() -> None:
    bombs: list[Callable[[], bytes]] = [*BOMBS.values()]
    assert len(bombs) >= 40
    assert min(map(len, (PDF_BOMBS, WORD_BOMBS, HTML_BOMBS))) >= 7
