"""The project beside LangChain + FAISS, LlamaIndex + FAISS and txtai: same model, same texts.

    python benchmarks/peers.py DATA --venv DIR [--rounds 3] [--passages 512] [--json OUT]
        [--plot OUT]

DATA holds ``chroma_chunking/``, whose corpora give the texts and the questions. DIR is the peers'
own virtual environment, which is made where it does not exist: `REQUIREMENTS`, about 2 GB. All
get the weights of all-MiniLM-L6-v2 from one folder (ours by its name, which leads there: the
default), the same passages, already cut, and the same questions; each is used as its documentation
shows, with its defaults, and vectors scaled to length one. All take turns, several rounds over;
figures are medians over the rounds.

- cold: wall time from starting Python on an index that is there to the first hit; ours is the
  whole ``rag ask``: it looks for changed files, retrieves both ways, reads what it found, answers
  and checks citations; ``cold_unread`` is the same with ``--reader none``
- indexing: passages a second, encoding and writing included, loading the model and, in ours,
  compiling it once not
- warm: milliseconds a question, the question's encoding included; ``footnote`` is the same search
  as the peers', ``footnote hybrid`` the project's whole retrieval
- memory: the peak of each of these processes
- processor time beside the clock's, for all: load by others changes it little
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import Any

import numpy as np
from measuring import SEED, describe_machine

from rag.index.weights import DEFAULT_MODEL, find_model
from rag.ingest.split import SIZE, split_document
from rag.ingest.tokens import count_tokens
from rag.records import Document

REQUIREMENTS = (
    "torch==2.13.0",
    "transformers==5.23.0",
    "sentence-transformers==6.2.0",
    "faiss-cpu==1.15.1",
    "langchain-community==0.4.2",
    "langchain-huggingface==1.2.3",
    "llama-index-core==0.14.25",
    "llama-index-embeddings-huggingface==0.8.0",
    "llama-index-vector-stores-faiss==0.7.0",
    "txtai==9.14.0",
)
SYSTEMS = ("footnote", "langchain", "llamaindex", "txtai")
WARM = ("footnote", "footnote hybrid", *SYSTEMS[1:])
WORKER = Path(__file__).with_name("peer_systems.py")
ROOT = Path(__file__).parent.parent
N_QUESTIONS = 105


def read_texts(data: Path, n: int) -> tuple[list[str], list[str]]:
    """Return passages of nearly the usual size, one paragraph each, and questions."""
    texts = []
    for path in sorted((data / "chroma_chunking" / "corpora").glob("*.md")):
        document = Document(path.name, "", path.read_text(encoding="utf-8"))
        texts += [" ".join(passage.text.split()) for passage in split_document(document)]
    texts = [text for text in texts if SIZE * 3 // 4 <= count_tokens(text) <= SIZE * 15 // 16]
    draw = random.Random(SEED)
    lines = (data / "chroma_chunking" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    return draw.sample(texts, n), draw.sample(questions, N_QUESTIONS)


def make_venv(folder: Path) -> Path:
    """Return the Python of the peers' virtual environment, which is made if it is not there."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *REQUIREMENTS], check=True)
    return python


def run(command: list[str]) -> tuple[str, dict[str, float]]:
    """Return what the command prints, its wall time and its peak memory."""
    # A process keeps the peak of all its children: the wait for this one tells its own.
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "PYTHONPATH": ""}
    # Installing writes the bytecode of the peers' packages; running, that of this folder.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if command[0] == sys.executable:
        environment["PYTHONPATH"] = str(ROOT)
    started = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - started
        output.seek(0)
        printed = output.read().decode()
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}")
    cpu = usage.ru_utime + usage.ru_stime
    return printed, {"wall_s": wall, "cpu_s": cpu, "peak_mb": usage.ru_maxrss / 1000}


def find_ask(python: Path, work: Path, question: str) -> list[str]:
    """Return the command that asks ours one question."""
    places = ["--corpus", str(work / "corpus"), "--index", str(work / "footnote")]
    return [str(python), "-m", "rag", "ask", question, *places]


def measure(pythons: dict[str, Path], work: Path, model: str, question: str) -> dict[str, Any]:
    """Return one round: the figures of every system."""
    figures: dict[str, Any] = {}
    models = dict.fromkeys(SYSTEMS, model) | {"footnote": DEFAULT_MODEL}
    for system in SYSTEMS:
        printed, cost = run(
            [str(pythons[system]), str(WORKER), system, "index", str(work), models[system]]
        )
        figures[system] = json.loads(printed.splitlines()[-1])
        figures[system]["indexing_peak_mb"] = cost["peak_mb"]
    ask = find_ask(pythons["footnote"], work, question)
    for system in SYSTEMS:
        command = [str(pythons[system]), str(WORKER), system, "cold", str(work), model]
        _, cost = run(ask if system == "footnote" else command)
        figures[system] |= {f"cold_{name}": value for name, value in cost.items()}
    _, cost = run([*ask, "--reader", "none"])
    figures["footnote"] |= {f"cold_unread_{name}": value for name, value in cost.items()}
    for system in WARM:
        python, named = (by[system.partition(" ")[0]] for by in (pythons, models))
        printed, cost = run([str(python), str(WORKER), system, "warm", str(work), named])
        warm = json.loads(printed.splitlines()[-1])
        figures.setdefault(system, {}).update(warm, warm_peak_mb=cost["peak_mb"])
    return figures


def sum_up(rounds: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Return the medians over the rounds; of all questions' times, the quantiles."""
    found: dict[str, dict[str, float]] = {}
    for system in WARM:
        lists = ("wall_ms", "cpu_ms")
        names = [name for name in rounds[0][system] if name not in lists]
        figures = {name: statistics.median(r[system][name] for r in rounds) for name in names}
        for name in lists:
            times = [t for r in rounds for t in r[system][name]]
            figures[f"warm_p50_{name}"] = float(np.quantile(times, 0.5))
            figures[f"warm_p95_{name}"] = float(np.quantile(times, 0.95))
        found[system] = {name: round(value, 2) for name, value in figures.items()}
    return found


def plot(found: dict[str, dict[str, float]], path: Path) -> None:
    """Draw each figure as bars."""
    import matplotlib.pyplot as plt

    panels = {
        "cold_wall_s": "seconds from a cold start to the first hit",
        "passages_per_second": "passages indexed a second",
        "warm_p50_wall_ms": "milliseconds a question, warm, median",
        "cold_peak_mb": "peak megabytes, cold question",
    }
    figure, axes = plt.subplots(2, 2, figsize=(11, 7), layout="constrained")
    for axis, (name, title) in zip(axes.flat, panels.items(), strict=True):
        bars = {system: figures[name] for system, figures in found.items() if name in figures}
        colours = ["C0" if system.startswith("footnote") else "C7" for system in bars]
        drawn = axis.bar(list(bars), list(bars.values()), color=colours)
        axis.bar_label(drawn, fmt="%.1f")
        axis.set_title(title)
        axis.tick_params(axis="x", labelsize=8)
    figure.savefig(path, dpi=150)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--venv", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--passages", type=int, default=512)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    peers = make_venv(options.venv)
    pythons = dict.fromkeys(SYSTEMS, peers) | {"footnote": Path(sys.executable)}
    texts, questions = read_texts(options.data, options.passages)
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        (work / "corpus").mkdir()
        records = [{"_id": n, "text": text} for n, text in enumerate(texts)]
        lines = [json.dumps(record) for record in records]
        (work / "corpus" / "texts.jsonl").write_text("\n".join(lines), encoding="utf-8")
        (work / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
        (work / "questions.json").write_text(json.dumps(questions), encoding="utf-8")
        model = str(find_model(DEFAULT_MODEL).folder)
        # Encoder and reader are compiled once for an index, as a model is downloaded once.
        ours = str(pythons["footnote"])
        run([ours, str(WORKER), "footnote", "index", str(work), DEFAULT_MODEL])
        run(find_ask(pythons["footnote"], work, questions[0]))
        rounds = [measure(pythons, work, model, questions[0]) for _ in range(options.rounds)]
    found = sum_up(rounds)
    command = [str(peers), "-m", "pip", "freeze"]
    frozen = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    names = {requirement.partition("==")[0] for requirement in REQUIREMENTS}
    setting = {
        "machine": describe_machine(),
        "peers": [line for line in frozen.splitlines() if line.partition("==")[0] in names],
        "rounds": options.rounds,
        "n_passages": len(texts),
        "mean_tokens": round(statistics.mean(map(count_tokens, texts)), 1),
        "n_questions": (N_QUESTIONS - 5) * options.rounds,
        "seed": SEED,
    }
    print(json.dumps(setting, indent=1))
    names = list(dict.fromkeys(name for figures in found.values() for name in figures))
    print(f"{'':22}" + "".join(f"{system:>18}" for system in found))
    for name in names:
        row = (figures.get(name, float("nan")) for figures in found.values())
        print(f"{name:22}" + "".join(f"{value:18.2f}" for value in row))
    if options.json:
        options.json.write_text(json.dumps({"setting": setting, "systems": found}, indent=1))
    if options.plot:
        plot(found, options.plot)


if __name__ == "__main__":
    main()
