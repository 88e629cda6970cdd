"""The model card that is written beside the weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SOURCES = {
    "policyqa": "PolicyQA (Ahmad et al., 2020), MIT",
    "qamr": "QAMR (Michael et al., 2018), MIT",
    "squadshifts_reddit_amazon": "SQuADShifts: Reddit, Amazon (Miller et al., 2020), CC BY 4.0",
    "subjqa": "SubjQA (Bjerva et al., 2020), licence not stated",
    "squad2": "SQuAD 2.0, 19 articles of the dev set (Rajpurkar et al., 2018), CC BY-SA 4.0",
    "clapnq": "CLAPNQ, half of its development set (Rosenthal et al., 2024), Apache-2.0",
    "written": "`training/written`, made-up articles, written for this project, as the project",
    "follow_ups": "of the same articles, what follows up on other questions, as the project",
    "more": "of both kinds about other articles, never held out, as the project",
}


def write_card(folder: Path, figures: dict[str, Any]) -> None:
    """Write ``README.md``: what the model is, from what data, how good, and where it fails."""
    rows = [
        f"| {SOURCES.get(source, source)} | {counts['n']:,} | {counts['unanswerable']:,} |"
        for source, counts in figures["examples"].items()
    ]
    recipe = ", ".join(f"{name} {value}" for name, value in figures["recipe"].items())
    text = f"""# Footnote's reader

Reads a question and a passage together and says whether the passage answers it, in which words and
in which sentences. Six layers of width 384, started from all-MiniLM-L6-v2 (Apache-2.0), whose
embeddings it shares; trained on {figures["device"]} with torch {figures["torch"]} by
`training/train.py`. Weights in 16 bits, as safetensors.

## Data

| set | questions | without an answer |
|---|---|---|
{chr(10).join(rows)}

To these come negatives made by the program: the question with the passage of its set that shares
most of its rare words but none of its answers, or with the sentences that answer taken away; and
questions with a name, number, date, unit or word in them changed, so that the passage no longer
answers. No test question of the shipped articles was seen.

## Licence

The weights are under the licence of the project. No text of the data is in them; of the data one
set is shared alike (SQuAD 2.0), and the licence of one is not stated (SubjQA). Whoever cannot use
a network that has seen such data trains one without them, or does without (`--reader none`).

## Recipe

{recipe}

## Figures

{describe_measures(figures)}

## Limits

English. Passages of up to 384 word pieces with the question; longer ones are read in windows.
It was trained on encyclopaedia articles, reviews, policies and made-up articles of many kinds: on
other text measure it first.
"""
    (folder / "README.md").write_text(text, encoding="utf-8")


def describe_measures(figures: dict[str, Any]) -> str:
    """Return the table of what cross-validation measured, in percent with 95 % intervals."""
    if "measures" not in figures:
        return "Not measured."
    measures = figures["measures"]
    clapnq = measures["clapnq"]
    rows = [
        (f"{title}: {name}", measures[source][name], measures[source]["n"])
        for source, title in (
            ("squad2", "SQuAD 2.0"),
            ("written", "In other words"),
            ("follow_ups", "Follow-ups"),
        )
        for name in ("f1", "exact", "f1 of the answerable, never refusing", "auc of refusal")
    ]
    rows.append(("CLAPNQ: auc of refusal", clapnq["auc of refusal"], clapnq["n"]))
    rows += [
        (f"CLAPNQ: RougeL, {100 * point['refused']:.0f} % refused", point["rouge_l"], clapnq["n"])
        for point in clapnq["curve"]
    ]
    lines = [f"| {name} | {show(value)} | {n:,} |" for name, value, n in rows]
    return "\n".join(
        [
            f"By cross-validation over articles ({figures['folds']} folds), each read by a network",
            "that saw nothing of its article. The weights are the mean of these networks', which",
            "is not measured here. *Refused*: so many of the unanswerable; a refusal of what has",
            "an answer scores 0 then.",
            "",
            "| measure | value | n |",
            "|---|---|---|",
            *lines,
        ]
    )


def show(value: Any) -> str:
    """Return a figure with its interval, or an area under a curve."""
    if isinstance(value, float):
        return f"{value:.2f}"
    return f"{value['value']:.1f} [{value['low']:.1f}, {value['high']:.1f}]"
