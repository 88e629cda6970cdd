"""Reads source files; the risky formats in a child process with limits."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from rag.ingest.article import (
    DEFAULT_LIMITS,
    Article,
    Limits,
    ReadError,
    ReadResult,
    SkippedFile,
    SourceFile,
    to_document,
)
from rag.ingest.formats import CONFINED, LINES
from rag.ingest.lines import iter_lines, read_lines
from rag.records import Document

if TYPE_CHECKING:
    from rag.ingest.readers import Reader

START_SECONDS = 60.0  # for the interpreter to start and import, from a cold disk
_START = (  # the child looks for modules where the parent does, however that was started
    "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1));"
    "from rag.ingest.child import main; main()"
)
_MAX_ESCAPED = 12  # bytes of one character in ASCII JSON: at most two escapes like \ud83d


class ReaderProcess:
    """Reads files one after the other, the risky formats in one child process.

    The child is started when it is first needed, and again after a file for which it was ended.
    For one thread; to be closed, or used as a context manager.
    """

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def read(self, file: SourceFile) -> ReadResult:
        """Return the documents of a file, and what of it was skipped.

        A file that cannot be read is no error: it is the one skipped entry of the result.
        """
        try:
            if file.suffix == LINES:
                return read_lines(file, self.limits)
            if file.n_bytes > self.limits.n_bytes:
                raise ReadError(
                    f"{file.n_bytes:,} bytes, over the limit of {self.limits.n_bytes:,}"
                )
            if file.suffix in CONFINED:
                article = self._read_confined(file)
            else:
                article = _find_reader(file.suffix)(file.path, self.limits)
            return ReadResult(documents=(to_document(file, article, self.limits),))
        except ReadError as error:
            reason, is_lasting = error.reason, error.is_lasting
        except OSError as error:
            reason, is_lasting = reason_of(error), False
        return ReadResult((), (SkippedFile(file.relative, reason),), is_lasting)

    def iter_read(self, file: SourceFile) -> Iterator[Document | SkippedFile]:
        """Yield the documents of a file and what of it is skipped, one in memory at a time.

        As `read`, but lines of a ``.jsonl`` file that have the same id are all yielded.

        Raises:
            ReadError: the file cannot be read; what has been yielded of it must not be used.
        """
        if file.suffix != LINES:
            result = self.read(file)
            if not result.documents:
                raise ReadError(result.skipped[0].reason, is_lasting=result.is_lasting)
            yield from result.documents
            yield from result.skipped
            return
        try:
            for _, found in iter_lines(file, self.limits):
                yield found
        except OSError as error:
            raise ReadError(reason_of(error), is_lasting=False) from error

    def close(self) -> None:
        """End the child process, if there is one; a later ``read`` starts another."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.communicate()

    def _read_confined(self, file: SourceFile) -> Article:
        child = self._child or self._start()
        request = {"path": str(file.path), "suffix": file.suffix}
        reply = self._exchange(child, request, self.limits.seconds)
        if "article" not in reply:
            raise ReadError(reply["reason"], is_lasting=reply.get("is_lasting", True))
        return Article(**reply["article"])

    def _start(self) -> subprocess.Popen[bytes]:
        arguments = (json.dumps(sys.path), json.dumps(asdict(self.limits)))
        self._child = child = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", _START, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._exchange(child, None, START_SECONDS)
        except ReadError as error:  # the machine is busy: that says nothing about the file
            raise ReadError(f"no parser was started: {error.reason}", is_lasting=False) from error
        return child

    def _exchange(
        self, child: subprocess.Popen[bytes], request: dict[str, str] | None, seconds: float
    ) -> dict[str, Any]:
        """Return the child's next reply; the child is ended unless it can take another request."""
        if child.stdin is None or child.stdout is None:
            raise RuntimeError("the child process must have pipes")
        most = _MAX_ESCAPED * self.limits.n_characters + 100_000  # the rest is the other fields
        line = b""
        started_at = _processor_seconds(child.pid)
        deadline = time.monotonic() + seconds
        timer = threading.Timer(seconds, child.kill)
        timer.start()
        try:
            if request is not None:
                child.stdin.write(json.dumps(request).encode("ascii") + b"\n")
                child.stdin.flush()
            line = child.stdout.readline(most)
        except BrokenPipeError:  # the child ended before it had the request
            pass
        finally:  # also when interrupted: a child that still works on a request is out of step
            timer.cancel()
            is_late = time.monotonic() >= deadline
            n_worked = _processor_seconds(child.pid) - started_at
            if is_late or not line.endswith(b"\n"):
                self.close()
        if line.endswith(b"\n"):
            reply: dict[str, Any] = json.loads(line)
            if "ended" in reply:
                self.close()
            return reply
        if is_late:
            # Where it hardly got to work, it was the machine that had something else to do.
            is_lasting = not n_worked < seconds / 2
            raise ReadError(f"took longer than {seconds:g} s", is_lasting=is_lasting)
        if len(line) >= most:
            raise ReadError("more text than the limit")
        # Killed from outside, as by a system that is out of memory, it may do better another time.
        is_lasting = child.returncode != -signal.SIGKILL
        reason = f"the parser crashed (exit status {child.returncode})"
        raise ReadError(reason, is_lasting=is_lasting)


def _find_reader(suffix: str) -> Reader:
    """Return what reads a format; the readers are imported for the first file."""
    from rag.ingest.readers import READERS

    return READERS[suffix]


def read_file(file: SourceFile, limits: Limits = DEFAULT_LIMITS) -> ReadResult:
    """Return the documents of one file, and what of it was skipped.

    For many files, one ``ReaderProcess`` is faster.
    """
    with ReaderProcess(limits) as reader:
        return reader.read(file)


def _processor_seconds(pid: int) -> float:
    """Return for how long a process has computed, NaN where that cannot be known."""
    status = Path(f"/proc/{pid}/stat")
    if not status.exists():  # not Linux
        return math.nan
    fields = status.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # in user mode, in system


def reason_of(error: OSError) -> str:
    """Return why the system could not open or read a file, for a person."""
    return (error.strerror or str(error)).lower()
