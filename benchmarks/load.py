"""Many people at the page at once: how long they wait, whether anything fails, or gets mixed up.

    python benchmarks/load.py [--people 20] [--minutes 10] [--crowd 100]

Set-up. A server is started as ``python ui.py`` starts it, over made-up articles: one for each
person, about a lighthouse of their own. Through the endpoint ``answer``, as a program without
Gradio's client would, each person asks for a fact of their lighthouse, reads the answer for a while
(exponential, 3 seconds in the mean), and asks the next question. Every question has a number, so
that none is known before. An answer counts only if it comes whole; it is *wrong* if the fact is
not in it, and *mixed* if it belongs to another question or cites another's article. Then a crowd
asks at the same moment: what the queue cannot hold must be refused at once, with a sentence. The
memory of the server is sampled each second; its growth is that of the median of the last tenth of
the run over the median of the second tenth. People and server share the machine. Seed 0.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import numpy as np
from measuring import SEED, describe_machine

ROOT = Path(__file__).parent.parent
READING = 3.0  # seconds in the mean between an answer and the next question
TIMEOUT = 60.0  # seconds: whoever waits longer has left
SYLLABLES = ("bra", "dun", "fel", "gor", "hal", "kir", "lom", "mar", "nes", "tor")
FACTS = {
    "When was the lighthouse of {name} built?": "The lighthouse of {name} was built in {year}.",
    "How high is the tower of {name}?": "The tower of {name} is {height} metres high.",
    "Who was the first keeper of {name}?": "The first keeper of {name} was {keeper}.",
}


@dataclass(frozen=True)
class Person:
    """Somebody with a lighthouse: the questions about it, and what their answers must have."""

    doc_id: str
    text: str
    questions: tuple[tuple[str, str], ...]


@dataclass
class Tally:
    """What became of the questions; ``refusals`` and ``seconds`` are how long each took."""

    seconds: list[float] = field(default_factory=list)
    refusals: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)


def make_people(n: int) -> list[Person]:
    """Return people with lighthouses of different names, years, heights and keepers."""
    rng = random.Random(SEED)
    people = []
    for number in range(n):
        name = "".join(SYLLABLES[int(digit)] for digit in f"{number:03}").capitalize() + "vik"
        keeper = f"{rng.choice('ABCDEFGH')}. {name[:3]}{rng.choice(SYLLABLES)}sen"
        facts = {"name": name, "year": 1700 + number * 2, "height": 12 + number, "keeper": keeper}
        sentences = {q.format(**facts): a.format(**facts) for q, a in FACTS.items()}
        text = f"# {name}\n\n{' '.join(sentences.values())}\n"
        expected = (str(facts["year"]), f"{facts['height']} metres", keeper)
        people.append(Person(f"{name}.md", text, tuple(zip(sentences, expected, strict=True))))
    return people


@contextlib.contextmanager
def serving(people: Sequence[Person]) -> Iterator[tuple[str, int]]:
    """Yield the address and the process id of a server over the people's articles."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for person in people:
            (corpus / person.doc_id).write_text(person.text, "utf-8")
        command = [sys.executable, str(ROOT / "ui.py"), "--corpus", str(corpus)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                line = process.stdout.readline() if process.stdout else ""
                address = re.search(r"http://[\w.:]+", line)
                if address is None:
                    raise OSError(f"the server must tell its address, got {line!r}; see its errors")
                yield address[0], process.pid
            finally:
                process.terminate()


async def ask(client: httpx.AsyncClient, person: Person, number: int, tally: Tally) -> None:
    """Ask one question of a person, and note what became of it."""
    question, expected = person.questions[number % len(person.questions)]
    question = f"Question {number}: {question}"
    start = time.perf_counter()
    try:
        joined = await client.post("/gradio_api/call/answer", json={"data": [question]})
        if joined.status_code == 503 and "ask again" in joined.json()["detail"]:
            tally.refusals.append(time.perf_counter() - start)
            return
        joined.raise_for_status()
        told = await read_event(client, joined.json()["event_id"])
    except (httpx.HTTPError, ValueError) as error:
        tally.errors.append(f"{type(error).__name__}: {error}")
        return
    tally.seconds.append(time.perf_counter() - start)
    cited = {citation["doc_id"] for citation in told["citations"]}
    if told["question"] != question or cited - {person.doc_id}:
        tally.mixed.append(f"{question} -> {told['question']}: {sorted(cited)}")
    elif expected not in told["answer"].replace("**", ""):  # around the words that answer
        tally.wrong.append(f"{question} -> {told['answer']}")


async def read_event(client: httpx.AsyncClient, event_id: str) -> dict[str, Any]:
    """Return what an event ended with; a ``ValueError`` if that was an error."""
    kind = ""
    async for line in lines_of(client, f"/gradio_api/call/answer/{event_id}"):
        name, _, value = line.partition(": ")
        if name == "event":
            kind = value
        elif name == "data" and kind == "complete":
            told: dict[str, Any] = json.loads(value)[0]
            return told
        elif name == "data" and kind == "error":
            raise ValueError(value)
    raise ValueError("the answer ended before it was whole")


async def lines_of(client: httpx.AsyncClient, path: str) -> AsyncIterator[str]:
    async with client.stream("GET", path) as reply:
        reply.raise_for_status()
        async for line in reply.aiter_lines():
            yield line


async def visit(client: httpx.AsyncClient, person: Person, until: float, tally: Tally) -> None:
    """Ask and read until the time is up."""
    rng = random.Random(person.doc_id)
    number = rng.randrange(1_000_000)
    while time.monotonic() < until:
        await asyncio.sleep(min(rng.expovariate(1 / READING), max(until - time.monotonic(), 0)))
        await ask(client, person, number, tally)
        number += 1


async def sample_memory(pid: int, samples: list[float]) -> None:
    """Note the resident memory of a process, in MB, each second."""
    while True:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        samples.append(int(found[1]) / 1024 if found else float("nan"))
        await asyncio.sleep(1)


async def measure(address: str, pid: int, people: list[Person], options: Any) -> bool:
    """Run both parts, print their figures, and return whether nothing was lost or mixed."""
    # The server closes what was idle for 5 seconds: to be first is not to ask into a closed door.
    limits = httpx.Limits(max_connections=None, keepalive_expiry=2.0)
    async with httpx.AsyncClient(base_url=address, timeout=TIMEOUT, limits=limits) as client:
        await ask(client, people[0], 0, Tally())  # waits until the articles are read
        samples: list[float] = []
        watch = asyncio.create_task(sample_memory(pid, samples))
        visits, until = Tally(), time.monotonic() + 60 * options.minutes
        start = time.monotonic()
        some = people[: options.people]
        await asyncio.gather(*(visit(client, person, until, visits) for person in some))
        took = time.monotonic() - start
        watch.cancel()
        print(f"{options.people} people, {took / 60:.1f} minutes")
        show(visits)
        show_memory(samples)
        crowd = Tally()
        guests = people[: options.crowd]
        await asyncio.gather(*(ask(client, each, n, crowd) for n, each in enumerate(guests)))
        print(f"{options.crowd} people at the same moment")
        show(crowd)
        after = Tally()
        await ask(client, people[0], 1, after)
        print("one person after that")
        show(after)
    return not any(each.errors or each.mixed for each in (visits, crowd, after))


def show(tally: Tally) -> None:
    """Print the figures of a tally, and the first of what went wrong."""
    for name, values in (("answered", tally.seconds), ("refused", tally.refusals)):
        if values:
            p50, p95, p99 = np.percentile(values, [50, 95, 99])
            draws = np.random.default_rng(SEED).choice(np.array(values), (2_000, len(values)))
            low, high = np.percentile(np.percentile(draws, 95, axis=1), [2.5, 97.5])
            print(
                f"  {name} {len(values)}: seconds p50 {p50:.2f}, p95 {p95:.2f} "
                f"[{low:.2f}, {high:.2f}], p99 {p99:.2f}, max {max(values):.2f}"
            )
    for name, found in (("errors", tally.errors), ("wrong", tally.wrong), ("mixed", tally.mixed)):
        print(f"  {name} {len(found)}", *found[:3], sep="\n    ")


def show_memory(samples: Sequence[float]) -> None:
    """Print how the memory of the server grew."""
    tenth = max(len(samples) // 10, 1)
    early, late = median(samples[tenth : 2 * tenth] or samples), median(samples[-tenth:])
    growth = 100 * (late / early - 1)
    print(
        f"  memory {early:.0f} MB, then {late:.0f} MB ({growth:+.1f} %), most {max(samples):.0f} MB"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--crowd", type=int, default=100)
    options = parser.parse_args()
    people = make_people(max(options.people, options.crowd))
    print(f"{describe_machine()}, gradio {version('gradio')}, uvicorn {version('uvicorn')}")
    with serving(people) as (address, pid):
        return 0 if asyncio.run(measure(address, pid, people, options)) else 1


if __name__ == "__main__":
    sys.exit(main())
