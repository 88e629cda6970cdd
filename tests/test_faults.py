"""Every write to disk fails: nothing is lost, nobody is silent, and what was there is served."""

from __future__ import annotations

import ctypes
import errno
import itertools
import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.failures import EXPECTED, explain
from rag.index.builder import update_index
from rag.index.compiler import load_encoder
from rag.index.encoder import SentenceEncoder
from rag.ingest.split import split_document
from rag.records import Document
from tests.fakes import WordEncoder, write_files
from tests.forks import in_child
from tests.whole import check_whole, texts_of

ROOT = Path(__file__).parents[1]
OLD = {f"{n}.txt": f"Title {n}\n\nThe old text {n}." for n in range(6)}
NEW = {f"{n}.txt": f"Title {n}\n\nA new text {n}, and " + "so on " * n for n in range(3, 12)}
Outcome = dict[str, Any]
TEXTS = ["the cat sat on the mat .", "a dog ran", "the very long text " * 9]


class Sweep:
    """Lets the first write of some work fail, then the second, and so on until none is left."""

    def __init__(self, library: str) -> None:
        self.library = ctypes.CDLL(library)
        self.n_faults = 0
        self.n_told = 0

    def run(
        self,
        prepare: Callable[[], Path],
        work: Callable[[Path], Any],
        check: Callable[[Outcome, bool], None],
        faults: Mapping[int, bool],
        *,
        at_most: int = 10_000,
    ) -> None:
        """Check what comes out of the work for each fault; ``check`` is told to look on too.

        ``faults`` are error numbers, and whether all later writes fail, too. Where there are more
        than ``at_most`` writes, so many of them fail, evenly spread.
        """
        n_writes = in_child(partial(self._fail, prepare(), -1, 0, False, work))["n_writes"]
        for error, lasts in faults.items():
            for n in itertools.count(1, math.ceil(n_writes / at_most)):
                folder = prepare()
                outcome = in_child(partial(self._fail, folder, n, error, lasts, work))
                try:
                    check(outcome, n % 8 == 0)
                except AssertionError as failure:
                    raise AssertionError(f"write {n}, error {error}: {outcome}") from failure
                if outcome["n_writes"] < n:
                    break  # this time nothing has failed
                self.n_faults += 1
                self.n_told += "error" in outcome

    def _fail(
        self, folder: Path, n: int, error: int, lasts: bool, work: Callable[[Path], Any]
    ) -> Outcome:
        self.library.arm(bytes(folder), ctypes.c_long(n), error, lasts)
        try:
            outcome = {"result": work(folder)}
        except EXPECTED as failure:
            outcome = {"error": explain(failure)}
        n_writes = self.library.calls()
        self.library.disarm()
        return {**outcome, "n_writes": n_writes}


def sweep_index(sweep: Sweep, folder: Path) -> None:  # noqa: C901 - one scenario after another
    old, new = write_files(folder / "old", OLD), write_files(folder / "new", NEW)
    made, work = folder / "made", folder / "work"

    def update(folder: Path, corpus: Path = new) -> int:
        return update_index(corpus, folder, WordEncoder()).generation

    in_child(lambda: update(made, old))

    def fresh(*lost: str) -> Path:
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(made, work)
        for part in lost:
            shutil.rmtree(work / part)
        return work

    def nothing() -> Path:
        shutil.rmtree(work, ignore_errors=True)
        return work

    def check_update(outcome: Outcome, looks_on: bool) -> None:
        """The old state or none where it failed, the new one where it says so or is done again."""
        if "error" in outcome:
            assert outcome["error"].startswith("the index in ")
            assert "could not be read or written" in outcome["error"]
            assert in_child(lambda: texts_of(work)) in (OLD, NEW, {})
            if looks_on:
                in_child(lambda: update(work))
        if looks_on or "error" not in outcome:
            assert in_child(lambda: check_whole(work)) == NEW

    def check_rebuilt(outcome: Outcome, looks_on: bool) -> None:
        """It is answered from all the same."""
        assert outcome.get("result") == OLD
        if looks_on:
            assert in_child(lambda: check_whole(work)) == OLD

    full, lost = {errno.ENOSPC: True}, {errno.EIO: False}
    sweep.run(fresh, update, check_update, {**full, **lost})
    sweep.run(nothing, update, check_update, full)
    sweep.run(partial(fresh, "dense", "lexical"), check_whole, check_rebuilt, full)


def sweep_encoder(sweep: Sweep, folder: Path, model: str) -> None:
    expected = np.array(in_child(lambda: SentenceEncoder(model).encode_queries(TEXTS).tolist()))

    def fresh() -> Path:
        shutil.rmtree(folder, ignore_errors=True)
        return folder

    def load(folder: Path) -> list[Any]:
        encoder, notices = load_encoder(model, cache=folder)
        return [encoder.encode_queries(TEXTS).tolist(), notices]

    def check(outcome: Outcome, looks_on: bool) -> None:
        """Whatever failed, the vectors are right, and whoever runs uncompiled says why."""
        assert "result" in outcome
        results = [outcome["result"], *([in_child(lambda: load(folder))] if looks_on else [])]
        for vectors, _ in results:
            assert (np.array(vectors) * expected).sum(axis=1).min() >= 0.999
        assert not looks_on or results[1][1] == []
        sweep.n_told += bool(outcome["result"][1])

    sweep.run(fresh, load, check, {errno.ENOSPC: True, errno.EIO: False}, at_most=6)


def main() -> None:
    """Sweep what is asked for; write how many faults there were and how many were told."""
    what, library, folder, *model = sys.argv[1:]
    import faiss  # noqa: F401 - imported once, before the forks
    import tantivy  # noqa: F401

    split_document(Document("warm", "", "Up."))  # and so is what it reads from disk
    sweep = Sweep(library)
    if what == "index":
        sweep_index(sweep, Path(folder))
    else:
        import openvino  # noqa: F401
        import sentence_transformers  # noqa: F401
        import torch  # noqa: F401

        sweep_encoder(sweep, Path(folder), *model)
    sys.stdout.write(json.dumps([sweep.n_faults, sweep.n_told]))


@pytest.fixture
def library(tmp_path: Path) -> str:
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("no C compiler, or not Linux: the writes cannot be made to fail one by one")
    made = tmp_path / "faults.so"
    source = str(ROOT / "tests" / "faults.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", made, source, "-ldl"], check=True)
    return str(made)


def run_sweep(library: str, *arguments: str) -> tuple[int, int]:
    command = [sys.executable, "-c", "from tests.test_faults import main; main()"]
    environment = {**os.environ, "LD_PRELOAD": library, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*command, arguments[0], library, *arguments[1:]],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    n_faults, n_told = json.loads(done.stdout.splitlines()[-1])
    return n_faults, n_told


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_whichever_write_of_an_index_fails_nothing_is_lost_and_it_is_told(
    library: str, tmp_path: Path
) -> None:
    n_faults, n_told = run_sweep(library, "index", str(tmp_path))
    assert n_faults > 300
    assert n_told > n_faults / 2


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_whichever_write_of_the_compiled_encoder_fails_the_vectors_are_right(
    library: str, tmp_path: Path, make_model: Callable[..., Path]
) -> None:
    n_faults, _ = run_sweep(library, "encoder", str(tmp_path / "sweep"), str(make_model()))
    assert n_faults >= 8
