"""Follow-up questions without a language model: the words that a person's rewrite adds, CANARD.

    python benchmarks/rewrites.py DATA/canard/tune.json

Set-up. People rewrote each question of a conversation so that it stands alone. Counted are the
content words, as stems, that a rewrite has and its question lacks: which share of them our query
has (recall), and which share of what our query adds is among them (precision). Title and section,
which open each history, are taken for what the first question was about. Deterministic; seconds.

Source: Elgohary, Peskov and Boyd-Graber, Can you unpack that? Learning to rewrite
questions-in-context, EMNLP 2019.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from measuring import describe_machine, show

from rag.records import Turn
from rag.retrieve.followup import carry_over, write_query
from rag.retrieve.terms import is_content, read_terms

Write = Callable[[str, Sequence[Turn]], str]


def read_history(said: Sequence[str]) -> list[Turn]:
    """Return title and section as the first turn, then questions and answers."""
    pairs = zip(said[2::2], said[3::2], strict=True)
    return [Turn(" ".join(said[:2]), ""), *(Turn(*pair) for pair in pairs)]


def last_turn(question: str, history: Sequence[Turn]) -> str:
    return f"{question} {history[-1].question} {history[-1].answer}"


def all_turns(question: str, history: Sequence[Turn]) -> str:
    return " ".join([question, *(f"{turn.question} {turn.answer}" for turn in history)])


def find_stems(text: str) -> set[str]:
    return {term.stem for term in read_terms(text) if is_content(term)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    rows = json.loads(parser.parse_args().data.read_text(encoding="utf-8"))
    print(describe_machine())
    ways: dict[str, Write] = {
        "the query that is shown": write_query,
        "the carried form": carry_over,
        "the last turn": last_turn,
        "all turns": all_turns,
    }
    for name, write in ways.items():
        recalls, precisions, n_added = [], [], 0
        for row in rows:
            own = find_stems(row["Question"])
            wanted = find_stems(row["Rewrite"]) - own
            if not wanted:
                continue
            added = find_stems(write(row["Question"], read_history(row["History"]))) - own
            recalls.append(len(wanted & added) / len(wanted))
            n_added += len(added)
            if added:
                precisions.append(len(wanted & added) / len(added))
        print(
            f"{name:24} recall {show(recalls)}  precision {show(precisions)}"
            f"  words added {n_added / len(recalls):.1f}"
        )


if __name__ == "__main__":
    main()
