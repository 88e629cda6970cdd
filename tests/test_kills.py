"""Whoever is killed while writing leaves the old state or the new one, and work that goes on."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.index.builder import update_index
from rag.index.compiler import load_encoder
from rag.ingest.split import split_document
from rag.records import Document
from tests.fakes import WordEncoder, write_files
from tests.forks import in_child, start_child
from tests.whole import check_whole, texts_of

ROOT = Path(__file__).parents[1]
# Between them files are added, changed, moved and removed.
STATES = [
    {f"{n}.txt": f"Title {n}\n\nState {state}, text {n}." for n in range(9 * state, 20 + 3 * state)}
    | {f"{'ab'[state]}.md": "# Same\n\nThe same text."}
    for state in (0, 1)
]
TEXTS = ["the cat sat on the mat .", "the very long text " * 9]


def kill(work: Callable[[], Any], seconds: float) -> None:
    """Start the work in a child, and kill that after so many seconds."""
    child, receiving = start_child(work)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(receiving)


def duration(work: Callable[[], Any]) -> float:
    started = time.monotonic()
    in_child(work)
    return time.monotonic() - started


def kill_updates(folder: Path, n_kills: int, chance: random.Random) -> None:
    """Kill whoever brings an index from one state to the other and back; the first has none."""
    corpora = [write_files(folder / f"c{state}", texts) for state, texts in enumerate(STATES)]
    index = folder / "index"

    def update(state: int) -> int:
        return update_index(corpora[state], index, WordEncoder()).generation

    def alternate() -> None:
        for state in cycle((0, 1)):
            update(state)

    usual = max(duration(partial(update, 0)), duration(partial(update, 1)))
    for number in range(n_kills):
        if number % 10 == 0:
            shutil.rmtree(index)
        kill(alternate, chance.uniform(0, 2 * usual))
        assert in_child(lambda: texts_of(index)) in ({}, *STATES)
        in_child(partial(update, number % 2))
        assert in_child(lambda: check_whole(index)) == STATES[number % 2]


def kill_rebuilds(folder: Path, n_kills: int, chance: random.Random) -> None:
    """Kill whoever makes the dense and the lexical index again."""
    corpus, index = write_files(folder / "c", STATES[0]), folder / "rebuilt"
    in_child(lambda: update_index(corpus, index, WordEncoder()).generation)

    def lose() -> None:
        for part in ("dense", "lexical"):
            shutil.rmtree(index / part, ignore_errors=True)

    lose()
    usual = duration(lambda: check_whole(index))
    for _ in range(n_kills):
        lose()
        kill(lambda: check_whole(index), chance.uniform(0, usual))
        assert in_child(lambda: check_whole(index)) == STATES[0]


def kill_compilers(model: str, folder: Path, n_kills: int, chance: random.Random) -> None:
    """Kill whoever compiles the encoder."""

    def load() -> list[Any]:
        encoder, notices = load_encoder(model, cache=folder)
        return [encoder.encode_queries(TEXTS).tolist(), notices]

    usual = duration(load)
    expected = np.array(in_child(load)[0])
    for _ in range(n_kills):
        shutil.rmtree(folder)
        kill(load, chance.uniform(0.3, 1) * usual)  # before that it reads the model
        vectors, notices = in_child(load)
        assert notices == []
        np.testing.assert_allclose(np.array(vectors), expected, atol=1e-6)
        assert list(folder.glob("*.part")) == []


def main() -> None:
    """Import what the children need, and kill them while they do what is asked for."""
    what, folder, n_kills, *model = sys.argv[1:]
    import faiss  # noqa: F401 - imported once, before the forks
    import tantivy  # noqa: F401

    split_document(Document("warm", "", "Up."))  # and so is what it reads from disk
    chance = random.Random(7)
    if what == "updates":
        kill_updates(Path(folder), int(n_kills), chance)
    elif what == "rebuilds":
        kill_rebuilds(Path(folder), int(n_kills), chance)
    else:
        import openvino  # noqa: F401
        import sentence_transformers  # noqa: F401
        import torch  # noqa: F401

        kill_compilers(model[0], Path(folder), int(n_kills), chance)
    sys.stdout.write(json.dumps("survived"))


def run(*arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-c", "from tests.test_kills import main; main()", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},  # threads do not survive a fork
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("what", "n_kills"), [("updates", 200), ("rebuilds", 90)])
def test_a_kill_at_any_moment_leaves_a_whole_index(tmp_path: Path, what: str, n_kills: int) -> None:
    assert run(what, tmp_path, n_kills) == '"survived"'


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_kill_while_the_encoder_is_compiled_leaves_nothing_half_made(
    tmp_path: Path, make_model: Callable[..., Path]
) -> None:
    assert run("compilers", tmp_path / "cache", 10, make_model()) == '"survived"'
