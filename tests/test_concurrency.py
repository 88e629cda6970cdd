"""Many at once: one writes, and every answer comes from one generation."""

import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from rag.chatbot import Chatbot
from rag.index.builder import update_index
from rag.index.index import Index
from rag.index.store import Store
from rag.records import Passage
from tests.fakes import WordEncoder, write_files
from tests.whole import check_whole

INDEX = """
import sys, time
from pathlib import Path
from rag.index.builder import update_index
from rag.index.lock import LockedError
from tests.fakes import WordEncoder
print("ready", flush=True)
sys.stdin.read()
n_refused = 0
while True:
    try:
        report = update_index(Path(sys.argv[1]), Path(sys.argv[2]), WordEncoder())
        break
    except LockedError as error:
        n_refused += "is being written by" in str(error)
        time.sleep(0.02)
print(report.generation, report.n_encoded)
"""


def content(folder: Path) -> list[tuple[Passage, list[float]]]:
    with closing(Store.open(folder)) as store:
        vectors = [row.tolist() for _, rows in store.iter_vectors() for row in rows]
        passages = [passage for _, passage in store.iter_passages()]
        return list(zip(passages, vectors, strict=True))


@pytest.mark.slow
def test_of_eight_indexers_one_publishes_what_a_single_one_would_have(tmp_path: Path) -> None:
    texts = {f"{n}.md": f"# Title {n}\n\n" + f"Text {n} of this. " * 40 for n in range(60)}
    corpus, folder = write_files(tmp_path / "c", texts), tmp_path / "i"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", INDEX, str(corpus), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[1],
        )
        for _ in range(8)
    ]
    for process in processes:
        if process.stdout is None or process.stdout.readline() != b"ready\n":
            raise RuntimeError("the indexer did not start")
    for process in processes:  # now they start, all at once
        if process.stdin is not None:
            process.stdin.close()
    said = []
    for process in processes:
        if process.stdout is not None:
            said.append(process.stdout.read().split())
            process.stdout.close()
        assert process.wait() == 0
    update_index(corpus, tmp_path / "serial", WordEncoder())
    assert [generation for generation, _ in said] == [b"1"] * 8
    assert sorted(int(n_encoded) > 0 for _, n_encoded in said) == [False] * 7 + [True]
    assert content(folder) == content(tmp_path / "serial")
    assert check_whole(folder) == check_whole(tmp_path / "serial")


@pytest.mark.parametrize("n_updates", [5, pytest.param(50, marks=pytest.mark.slow)])
def test_every_answer_of_a_shared_chatbot_is_of_one_generation(
    tmp_path: Path, n_updates: int
) -> None:
    def write(state: int) -> Path:
        return write_files(
            tmp_path / "c",
            {
                f"{n}.txt": f"Title\n\nThe river number {n} is state{state} metres deep."
                for n in range(6)
            },
        )

    folder, encoder = tmp_path / "i", WordEncoder()
    update_index(write(0), folder, encoder)
    bot = Chatbot(Index.open(folder, encoder), encoder)
    done = threading.Event()
    wrong: list[object] = []
    seen: set[str] = set()

    def ask() -> None:
        while not done.is_set():
            try:
                bot.refresh()
                answer = bot.ask("How deep is the river number 3 in metres?")
            except BaseException as error:
                wrong.append(error)
                raise
            states = {hit.passage.text.split()[-3] for hit in answer.hits}
            states |= {citation.quote.split()[-3] for citation in answer.citations}
            seen.update(states)
            if len(states) != 1 or len(answer.hits) != 5 or bot.index.notices:
                wrong.append((states, len(answer.hits), bot.index.notices))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for state in range(1, n_updates + 1):
        update_index(write(state), folder, encoder)
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(seen) > 2
