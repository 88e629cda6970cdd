"""An index in a folder that cannot be written is read, and writing it fails in one line."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from rag.index.builder import update_index
from rag.index.database import connect
from rag.index.store import Store
from tests.fakes import WordEncoder, write_files

ROOT = Path(__file__).parents[1]
TEXTS = {"trams.md": "# Trams\n\nA tram runs on rails.", "boats.txt": "Boats\n\nA boat floats."}

ASK = """
import json, os, sys
from pathlib import Path
from rag.chatbot import Chatbot
from rag.failures import EXPECTED, explain
from tests.fakes import WordEncoder
corpus, folder = map(Path, sys.argv[1:])
try:
    bot = Chatbot.from_corpus(corpus, folder=folder, encoder=WordEncoder())
    answer = bot.ask("What does a boat do?")
    said = {
        "hits": [hit.passage.doc_id for hit in answer.hits],
        "notices": [*bot.notices, *answer.notices],
        "documents": [row.doc_id for row in bot.documents()],
    }
except EXPECTED as error:
    said = {"error": explain(error)}
print(json.dumps({**said, "writable": os.access(folder, os.W_OK)}))
"""


def ask(corpus: Path, folder: Path) -> dict[str, Any]:
    """Ask in a process that may not write where permissions do not let it, root or not."""
    command = [sys.executable, "-c", ASK, str(corpus), str(folder)]
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root may write anywhere, and there is no setpriv to be less than root")
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    said: dict[str, Any] = json.loads(done.stdout)
    assert said.pop("writable") is False
    return said


def freeze(folder: Path, mode: int = 0o555) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(mode if path.is_dir() else 0o444)


@pytest.fixture
def frozen(tmp_path: Path) -> Any:
    corpus, folder = write_files(tmp_path / "c", TEXTS), tmp_path / "i"
    update_index(corpus, folder, WordEncoder())
    freeze(folder)
    yield corpus, folder
    freeze(folder, 0o755)


def test_a_question_is_answered_from_a_read_only_folder(frozen: tuple[Path, Path]) -> None:
    assert ask(*frozen) == {
        "hits": ["boats.txt", "trams.md"],
        "notices": [],
        "documents": ["boats.txt", "trams.md"],
    }


def test_an_update_of_a_read_only_folder_fails_in_one_line(frozen: tuple[Path, Path]) -> None:
    corpus, folder = frozen
    (corpus / "new.txt").write_text("New\n\nA new text.")
    (error,) = ask(corpus, folder).values()
    assert error.startswith(f"the index in '{folder}' could not be read or written ([Errno 13] ")
    assert error.endswith("What was published before is untouched")
    assert "mend its permissions" in error


def test_a_log_that_cannot_be_taken_in_is_not_passed_over(tmp_path: Path) -> None:
    corpus, folder = write_files(tmp_path / "c", TEXTS), tmp_path / "i"
    update_index(corpus, folder, WordEncoder())
    reader = connect(folder)  # as long as somebody reads, the log stays
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM meta").fetchall()
    update_index(write_files(corpus, {"a.txt": "Another text."}), folder, WordEncoder())
    shutil.copytree(folder, tmp_path / "copy", ignore=shutil.ignore_patterns("*-shm"))
    reader.close()
    freeze(tmp_path / "copy")
    (error,) = ask(corpus, tmp_path / "copy").values()
    freeze(tmp_path / "copy", 0o755)
    assert "could not be read or written" in error
    with closing(Store.open(tmp_path / "copy")) as store:
        assert [row.doc_id for row in store.documents()] == ["a.txt"]


def test_a_frozen_file_that_somebody_changes_is_not_read_on(tmp_path: Path) -> None:
    corpus, folder = write_files(tmp_path / "c", TEXTS), tmp_path / "i"
    update_index(corpus, folder, WordEncoder())
    store = Store(connect(folder, is_frozen=True), folder, is_frozen=True)
    assert len(store.documents()) == 2
    update_index(write_files(corpus, {"a.txt": "Another text."}), folder, WordEncoder())
    with pytest.raises(OSError, match="it has changed while it was read; open it again"):
        store.documents()
    store.close()
