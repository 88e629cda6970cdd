from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

from rag.page.folder import LOCK, PREFIX, delete, delete_stale, make_folder

HOLD = """
import sys, time
from rag.page.folder import private_folder
print(private_folder(), flush=True)
sys.stdin.readline()
"""


def hold(parent: Path) -> tuple[subprocess.Popen[str], Path]:
    """A process that has a private folder until it reads a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(parent)},
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def finish(process: subprocess.Popen[str], kill: bool = False) -> None:
    if kill:
        process.send_signal(signal.SIGKILL)
    process.communicate("\n")


def test_a_folder_is_private_and_gone_with_its_process(tmp_path: Path) -> None:
    process, folder = hold(tmp_path)
    (folder / "upload.txt").write_text("private")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    finish(process)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_deleted_at_the_next_start(tmp_path: Path) -> None:
    process, folder = hold(tmp_path)
    (folder / "upload.txt").write_text("private")
    finish(process, kill=True)
    assert folder.exists()
    ours, lock = make_folder(tmp_path)
    assert delete_stale(ours) == [folder]
    assert list(tmp_path.iterdir()) == [ours]
    delete(ours, lock)


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    process, folder = hold(tmp_path)
    ours, lock = make_folder(tmp_path)
    assert delete_stale(ours) == []
    assert folder.exists()
    finish(process)
    delete(ours, lock)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    treasure = tmp_path / "treasure"
    treasure.mkdir()
    (treasure / LOCK).touch()
    (tmp_path / f"{PREFIX}link").symlink_to(treasure)
    ours, lock = make_folder(tmp_path)
    assert delete_stale(ours) == []
    assert (treasure / LOCK).exists()
    delete(ours, lock)
