"""Fits and measures which sentences answer, and whether any does, on three public sets and ours.

    python benchmarks/answering.py DATA                      # measures, by cross-validation
    python benchmarks/answering.py DATA --readers OUT/folds  # the same with a reader
    python benchmarks/answering.py DATA … --write            # and writes rag/generate/weights.json

``DATA`` holds ``clapnq/``, ``squad2/tune.json`` and ``mtrag_un/``; ``OUT/folds`` is written by
``training/train.py``: each question is read by the network that saw nothing of its article. Seed 0;
CPU only; about ten minutes on 2 cores, with readers half an hour.

Set-up. Each question is read in up to three ways: with its own paragraph (*given*); with the first
five hits of its whole article, retrieved as the program does (*found*); and with the first five
that remain when its own paragraph is taken away (*removed*: the right people and things, the fact
absent). CLAPNQ has the first only; MTRAG-UN, whose questions follow up on others, the last two,
over the pool of all its passages, and its own unanswerable questions are *found* too. So are the
questions that were written for this project (``training/written``), in other words than the
articles', over all its articles, and those of them that follow up on others. How the models are
fitted is in ``fitting.py``. Every figure comes from models that saw no question about the same
article.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from fitting import N_FOLDS, cross_validate, describe, fit_answerable, fit_sentences, is_natural
from gathering import Example, Gatherer, read_examples
from measuring import SEED, describe_machine, show
from numpy.typing import NDArray
from rouge_score.rouge_scorer import RougeScorer
from sklearn.metrics import roc_auc_score

from rag.generate import selection
from rag.generate.citations import plain_text
from rag.generate.evidence import Evidence
from rag.generate.features import FEATURES
from rag.generate.selection import name_columns, select_sentences
from rag.generate.words.marks import find_answer, find_marked, find_read
from rag.index.compiler import load_encoder
from rag.retrieve.memory import RememberingEncoder

REFUSED_ANSWERABLE = 0.08  # where the threshold is put: this share of what has an answer is refused
WAYS = (
    *(("clapnq", "given"), ("squad2", "given"), ("squad2", "found"), ("mtrag_un", "found")),
    *(("written", "found"), ("follow_ups", "found")),
)


def report(
    examples: Sequence[Example],
    scores: Sequence[NDArray[np.float64]],
    probabilities: NDArray[np.float64],
    threshold: float,
) -> None:
    """Print the figures."""
    print(describe_machine())
    print(f"threshold {threshold:.3f}; {N_FOLDS}-fold cross-validation over articles, seed {SEED}")
    for data, way in WAYS:
        rows = [i for i, e in enumerate(examples) if (e.data, e.way) == (data, way)]
        answerable = [i for i in rows if examples[i].is_answerable]
        supported = [i for i in answerable if examples[i].is_support.any()]
        print(f"\n{data}, {way}:")
        if supported:
            best = [examples[i].is_support[np.argmax(scores[i])] for i in supported]
            print("  best sentence answers      ", show(best))
            chosen = [chosen_support(examples[i], scores[i]) for i in supported]
            print("  a chosen sentence answers  ", show(chosen))
        labels = [examples[i].is_answerable for i in rows]
        print(f"  AUC of refusal              {roc_auc_score(labels, probabilities[rows]):.3f}")
        refused = [i for i in rows if not examples[i].is_answerable]
        print("  refused of the unanswerable", show(probabilities[refused] < threshold))
        print("  refused of the answerable  ", show(probabilities[answerable] < threshold))
    for data in ("squad2", "mtrag_un", "written", "follow_ups"):
        of_data = [i for i, e in enumerate(examples) if e.data == data]
        removed = [i for i in of_data if examples[i].way == "removed"]
        found = [i for i in of_data if examples[i].way == "found" and examples[i].is_answerable]
        labels = [True] * len(found) + [False] * len(removed)
        auc = roc_auc_score(labels, probabilities[found + removed])
        print(f"\n{data}, what answers taken away, against found:")
        print(f"  AUC of refusal              {auc:.3f}")
        print("  refused                    ", show(probabilities[removed] < threshold))
    report_clapnq(examples, scores, probabilities, threshold)


def report_marks(examples: Sequence[Example]) -> None:
    """Print how often the words marked in a sentence with a gold answer share words with one."""
    by_kind: dict[str, list[NDArray[np.bool_]]] = defaultdict(list)
    for example in examples:
        if (example.data, example.way) != ("squad2", "given") or not example.is_answerable:
            continue
        read = example.evidence.short_answers()
        nothing = "" if example.evidence.is_read else None
        for sentence, supports in zip(example.evidence.sentences, example.is_support, strict=True):
            if supports:
                row = find_marks(plain_text(sentence.text), example, read.get(sentence, nothing))
                by_kind[example.evidence.kind].append(row)
                by_kind["all"].append(row)
    print("\nmarks: share of sentences marked, and of those right; patterns, reader, as shown")
    for kind, rows in sorted(by_kind.items()):
        shares = [
            f"{100 * marked.mean():5.1f} {100 * right[marked].mean() if marked.any() else 0:5.1f}"
            for marked, right in np.array(rows).transpose(1, 2, 0)
        ]
        print(f"  {kind:8} {'   '.join(shares)}   (n {len(rows)})")


def find_marks(text: str, example: Example, read: str | None) -> NDArray[np.bool_]:
    """Return whether words are marked, and rightly: by patterns, by the reader, as shown."""
    question = example.reading.question
    golds = set().union(*(answer.casefold().split() for answer in example.reading.answers))
    by_patterns, by_reader = find_answer(text, question), find_read(text, question, read)
    said = [
        set() if span is None else {*text[slice(*span)].casefold().split()}
        for span in (by_patterns, by_reader, find_marked(text, question, read))
    ]
    return np.array([[bool(words), bool(words & golds)] for words in said])


def chosen_support(example: Example, scores: NDArray[np.float64]) -> bool:
    chosen = select_sentences(example.reading.question, example.evidence, scores)
    return any(
        supports and sentence in chosen
        for sentence, supports in zip(example.evidence.sentences, example.is_support, strict=True)
    )


def report_clapnq(
    examples: Sequence[Example],
    scores: Sequence[NDArray[np.float64]],
    probabilities: NDArray[np.float64],
    chosen_threshold: float,
) -> None:
    """Print the five columns of CLAPNQ's table 5, for the threshold and along the curve."""
    scorer = RougeScorer(["rouge1", "rougeL"])
    rows = [i for i, e in enumerate(examples) if e.data == "clapnq"]
    columns = {}
    for i in rows:
        reading = examples[i].reading
        chosen = select_sentences(reading.question, examples[i].evidence, scores[i])
        text = " ".join(sentence.text for sentence in chosen)
        golds = [scorer.score(reference, text) for reference in reading.references]
        passage = scorer.score(f"{reading.title} {reading.text}", text)
        columns[i] = (
            max((gold["rougeL"].fmeasure for gold in golds), default=0.0),
            max((gold["rouge1"].recall for gold in golds), default=0.0),
            passage["rougeL"].precision,
            len(text),
        )
    answerable = [i for i in rows if examples[i].is_answerable]
    unanswerable = [i for i in rows if not examples[i].is_answerable]
    print("\nclapnq, given: RougeL, R, RougeLp, Len, unans (a refusal of the answerable scores 0)")
    for threshold in (0.0, chosen_threshold, 0.2, 0.3, 0.4, 0.5, 0.6):
        kept = np.array([probabilities[i] >= threshold for i in answerable], dtype=float)
        table = np.array([columns[i] for i in answerable]) * kept[:, None]
        refused = np.mean([probabilities[i] < threshold for i in unanswerable])
        figures = f"{table[:, 0].mean():.3f}  {table[:, 1].mean():.3f}  {table[:, 2].mean():.3f}"
        print(f"  at {threshold:.3f}:  {figures}  {table[:, 3].mean():.0f}  {refused:.3f}")
    at_threshold = [columns[i][0] * (probabilities[i] >= chosen_threshold) for i in answerable]
    print("  RougeL at the threshold:", show(at_threshold))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--readers", type=Path, metavar="FOLDS", help="of training/train.py")
    parser.add_argument("--articles", type=int, metavar="N", help="of SQuAD 2.0, for a quick look")
    parser.add_argument("--write", action="store_true", help="write rag/generate/weights.json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache:
        encoder = RememberingEncoder(load_encoder(cache=Path(cache))[0], n_texts=2000)
        gatherer = Gatherer(encoder, arguments.readers, Path(cache))
        examples = read_examples(arguments.data, gatherer, arguments.articles)
    fitted = {}
    for name, chosen in ways_of_fitting(examples).items():
        scores, summaries, probabilities = cross_validate(chosen)
        natural = [
            probability
            for example, probability in zip(chosen, probabilities, strict=True)
            if example.is_answerable and is_natural(example)
        ]
        threshold = round(float(np.quantile(natural, REFUSED_ANSWERABLE)), 3)
        print(f"\n# {name}")
        report(chosen, scores, probabilities, threshold)
        report_marks(chosen)
        is_read = name == "read"
        fitted[name] = {
            "threshold": threshold,
            "sentence": describe(fit_sentences(chosen), name_columns("sentence", is_read=is_read)),
            "answerable": describe(
                fit_answerable(summaries, chosen), name_columns("answerable", is_read=is_read)
            ),
        }
    if arguments.write:
        weights = {
            "made by": "benchmarks/answering.py --write",
            "data": "CLAPNQ dev, half (Apache-2.0); SQuAD 2.0 dev, 19 articles (CC BY-SA 4.0); "
            "MTRAG-UN (Apache-2.0); training/written (this project's)",
            **fitted,
        }
        path = Path(selection.__file__).with_name("weights.json")
        path.write_text(json.dumps(weights, indent=1) + "\n", encoding="utf-8")


def ways_of_fitting(examples: Sequence[Example]) -> dict[str, list[Example]]:
    """Return the examples as they are without a reader and, where there was one, with it."""
    unread = [replace(e, evidence=forget_readings(e.evidence)) for e in examples]
    is_read = any(example.evidence.is_read for example in examples)
    return {"unread": unread} | ({"read": list(examples)} if is_read else {})


def forget_readings(evidence: Evidence) -> Evidence:
    return replace(evidence, features=evidence.features[:, : len(FEATURES)], answers=())


if __name__ == "__main__":
    main()
