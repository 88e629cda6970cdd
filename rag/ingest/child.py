"""What runs in the child process of ``reader.ReaderProcess``.

A line of JSON in, ``{"path", "suffix"}``, is answered by a line out, ``{"article"}`` or
``{"reason"}``: text only, so that whatever a file makes a parser do, the parent gets no more than
text from it. An exception that no reader foresaw ends the process, after a reply that names it.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from rag.ingest.article import Limits, ReadError, check_length
from rag.ingest.readers import READERS

_FORBIDDEN = (
    *("open", "socket.", "urllib.", "http.", "ftplib.", "smtplib.", "webbrowser."),
    *("subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.startfile"),
    *("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate"),
    *("os.chmod", "os.chown", "os.kill", "os.putenv", "shutil.", "sqlite3.", "ctypes.dlopen"),
)
"""The beginnings of the audit events that a reader has no reason to cause."""
_OVERTIME = 2.0  # seconds past the limit, after which a child whose parent was killed ends too


def main() -> None:
    """Answer requests until standard input ends."""
    limits = Limits(**json.loads(sys.argv[1]))
    replies = _take_stdout()

    def end(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
        reason = f"damaged, the parser failed ({kind.__name__})"
        if kind is MemoryError:
            reason = f"needs more than {limits.memory_bytes / 1e6:,.0f} MB of memory"
        elif kind is RecursionError:
            reason = "nested too deeply"
        _reply(replies, {"reason": reason, "ended": True})

    sys.excepthook = end
    logging.disable(logging.CRITICAL)  # the parsers warn about every oddity of a file
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to act on
    _limit_memory(limits.memory_bytes)
    sys.addaudithook(refuse)
    _reply(replies, {"ready": True})
    for line in sys.stdin.buffer:
        request = json.loads(line)
        signal.setitimer(signal.ITIMER_REAL, limits.seconds + _OVERTIME)
        _reply(replies, _answer(Path(request["path"]), request["suffix"], limits))
        signal.setitimer(signal.ITIMER_REAL, 0)


def _answer(path: Path, suffix: str, limits: Limits) -> dict[str, object]:
    try:
        article = READERS[suffix](path, limits)
        check_length(len(article.text), limits)
    except ReadError as error:
        return {"reason": error.reason}
    except OSError as error:
        return {"reason": (error.strerror or str(error)).lower(), "is_lasting": False}
    return {"article": asdict(article)}


def _take_stdout() -> BinaryIO:
    """Return standard output for the replies alone; what a library prints goes nowhere."""
    replies = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return replies


def _reply(replies: BinaryIO, content: dict[str, object]) -> None:
    replies.write(json.dumps(content).encode("ascii") + b"\n")
    replies.flush()


def refuse(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse what no reader does: to use the network, to write, to start another program.

    Sees what goes through Python; libxml2, which could open addresses by itself, is told not to
    by lxml.
    """
    writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
    if event == "open" and not int(str(arguments[2])) & writes:
        return
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"a reader must only read its file, got {event}")


def _limit_memory(n_bytes: int) -> None:
    """Let the process grow by so many bytes; elsewhere than on Linux the limit does not bind."""
    held = Path("/proc/self/statm")
    if sys.platform != "linux" or not held.exists():
        return
    import resource

    # Numerical libraries reserve address space by the number of cores, so count from what is held.
    limit = int(held.read_text().split()[0]) * resource.getpagesize() + n_bytes
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or limit < hard:
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # a reader writes no files
