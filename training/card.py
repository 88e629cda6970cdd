"""The model card that is written beside the weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SOURCES = {
    "policyqa": "PolicyQA (Ahmad et al., 2020), MIT",
    "qamr": "QAMR (Michael et al., 2018), MIT",
    "squadshifts_reddit_amazon": "SQuADShifts: Reddit, Amazon (Miller et al., 2020), CC BY 4.0",
    "subjqa": "SubjQA (Bjerva et al., 2020), licence not stated",
    "squad2": "SQuAD 2.0, 19 articles of the dev set (Rajpurkar et al., 2018), CC BY-SA 4.0",
    "clapnq": "CLAPNQ, half of its development set (Rosenthal et al., 2024), Apache-2.0",
}


def write_card(folder: Path, figures: dict[str, Any]) -> None:
    """Write ``README.md``: what the model is, from what data, how good, and where it fails."""
    rows = [
        f"| {SOURCES.get(source, source)} | {counts['n']:,} | {counts['unanswerable']:,} |"
        for source, counts in figures["examples"].items()
    ]
    measures = json.dumps(figures.get("measures", "not measured"), indent=1)
    text = f"""# Footnote's reader

Reads a question and a passage together and says whether the passage answers it, in which words and
in which sentences. Twelve heads of attention in six layers, started from all-MiniLM-L6-v2
(Apache-2.0), whose embeddings it shares; trained on one {figures["device"]} with torch
{figures["torch"]} by `training/train.py`.

## Data

| set | questions | without an answer |
|---|---|---|
{chr(10).join(rows)}

To these come negatives made by the program: the question with the passage of its set that shares
most of its rare words but none of its answers, or with the sentences that answer taken away. No
test question of the shipped articles was seen.

## Recipe

```json
{json.dumps(figures["recipe"], indent=1)}
```

## Figures

By cross-validation over articles ({figures.get("folds", 0)} folds): nothing measured was
trained on.

```json
{measures}
```

## Limits

English. Passages of up to 384 word pieces with the question; longer ones are read in windows.
It was trained on encyclopaedia articles, reviews and policies: on other text measure it first.
"""
    (folder / "README.md").write_text(text, encoding="utf-8")
