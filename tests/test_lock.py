import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from rag.index.lock import LockedError, exclusive

HOLD = """
import sys
from pathlib import Path
from rag.index.lock import exclusive
with exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(folder: Path) -> subprocess.Popen[bytes]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    if holder.stdout is None or holder.stdout.readline() != b"held\n":
        raise RuntimeError("the lock was not taken")
    return holder


def test_a_second_process_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    with hold(tmp_path) as holder:
        with (
            pytest.raises(LockedError, match=f"process {holder.pid} on {socket.gethostname()}"),
            exclusive(tmp_path),
        ):
            pass
        holder.communicate()


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    with hold(tmp_path) as holder:
        holder.kill()
        holder.communicate()
    taken = False
    with exclusive(tmp_path):
        taken = True
    assert taken


def test_a_second_thread_is_refused_and_may_come_back(tmp_path: Path) -> None:
    refused: list[str] = []

    def attempt() -> None:
        try:
            with exclusive(tmp_path):
                refused.append("")
        except LockedError as error:
            refused.append(str(error))

    with exclusive(tmp_path):
        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join()
    attempt()
    assert f"process {os.getpid()} " in refused[0]
    assert refused[1] == ""


def attempt(folder: Path) -> None:
    with exclusive(folder):
        pass


def test_a_holder_that_has_not_said_who_it_is_is_another_process(tmp_path: Path) -> None:
    with exclusive(tmp_path):
        (tmp_path / "LOCK.holder").write_text("[]")
        with pytest.raises(LockedError, match="by another process"):
            attempt(tmp_path)
