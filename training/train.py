"""Trains the reader: question and passage in; answer span, supporting sentences, "not here" out.

    python training/train.py DATA --out OUT             # cross-validates; the mean is what ships
    python training/train.py DATA --out OUT --folds 0   # trains one network, on everything
    python training/train.py DATA --out OUT --tiny      # a few examples, to see that it all runs

``DATA`` holds ``reader_train/``, ``squad2/tune.json`` and ``clapnq/``; ``training/written`` comes
to them. Minutes on an accelerator, three and a half hours on two CPU cores with bfloat16 in
AVX-512. The network starts from the default encoder's weights, whose embeddings stay as they are,
so that they need not be shipped twice. It is trained in two parts: first on ``reader_train``, since
nothing is measured there; from that, for each fold, on the sets that are measured and on what more
was written, of which nothing is held out. What ships is the mean of the folds' networks, of which
cross-validation can measure each but not their mean. Seeds are fixed; the last digits still differ
from run to run and from machine to machine.

On a CPU with Linux a step takes a sixth less time where the allocator keeps what it has:
``MALLOC_MMAP_THRESHOLD_=4000000000 MALLOC_TRIM_THRESHOLD_=20000000000``.

Written to OUT: ``general.safetensors``, the first part's end, which a second run begins with
(broken off, ``general.safetensors.part``, for ``--begun``); ``reader.safetensors`` and
``config.json`` (put them into ``rag/read/weights/``), ``predictions.jsonl``, ``figures.json`` and
``README.md``, the model card; and in ``folds/`` the networks of the cross-validation, for
``benchmarks/answering.py --readers``.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from altered import add_altered
from card import write_card
from examples import Example, add_negatives, count, read_all
from learn import Recipe, average, start_network, train
from measure import MEASURES, Prediction, measure, predict, write_predictions

from rag.index.weights import DEFAULT_MODEL, find_model
from rag.read.network import load_network, save_network
from rag.read.pairs import PairTokens

UNSEEN = "unseen.json"  # beside the weights of a fold: the articles that it did not see
N_TINY = 40  # examples of each set, where it is only to be seen that all runs
LAST = (*MEASURES, "more")
"""What the second part of the training is on; the rest is what it begins with."""


def learn_to_read(
    examples: Sequence[Example],
    tokens: PairTokens,
    recipe: Recipe,
    device: torch.device,
    *,
    kept: Path,
    begun: Path | None = None,
) -> torch.nn.Module:
    """Return a network trained on the sets that are not measured, from ``kept`` if it is there.

    Training that was broken off goes on from ``begun``, which is ``kept`` with ``.part`` behind it:
    with a schedule and an order of its own.
    """
    from safetensors.torch import load_model, save_model

    network = start_network(recipe, device)
    if kept.exists():
        load_model(network, kept)
        return network
    if begun is not None:
        load_model(network, begun)
    general = [example for example in examples if example.source not in LAST]
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_name(f"{kept.name}.part")
    for epoch in range(recipe.general_epochs):
        seed = recipe.seed + epoch
        train(
            network,
            add_unanswered(general, recipe, seed),
            tokens,
            replace(recipe, seed=seed),
            1,
            recipe.general_rate,
            device,
            keep=lambda: save_model(network, part),
        )
    save_model(network, part)
    part.replace(kept)
    return network


def learn_last(
    start: torch.nn.Module,
    examples: Sequence[Example],
    tokens: PairTokens,
    recipe: Recipe,
    device: torch.device,
) -> torch.nn.Module:
    """Return a copy of the network trained further on examples of the second part."""
    network = copy.deepcopy(start)
    often = [e for e in examples if e.source == "clapnq"] * (recipe.repeat_clapnq - 1)
    asked = [*add_unanswered(examples, recipe, recipe.seed), *often]
    train(network, asked, tokens, recipe, recipe.epochs, recipe.rate, device)
    return network.eval()


def add_unanswered(examples: Sequence[Example], recipe: Recipe, seed: int) -> list[Example]:
    """Return the examples and questions made from them that their passages do not answer."""
    return add_negatives(add_altered(examples, recipe.altered, seed), recipe.negatives, seed)


def cross_validate(
    start: torch.nn.Module,
    examples: Sequence[Example],
    tokens: PairTokens,
    recipe: Recipe,
    device: torch.device,
    n_folds: int,
    out: Path,
) -> list[Prediction]:
    """Return a prediction for every measured example, by a network that saw none of its article.

    The networks are written to ``out``, each with the names of the articles that it did not see.
    """
    examples = [example for example in examples if example.source in LAST]
    fold_of = assign_folds(examples, n_folds, recipe.seed)
    predictions: list[Prediction] = []
    for fold in range(n_folds):
        print(f"fold {fold + 1} of {n_folds}", flush=True)
        held = [e for e in examples if fold_of.get(e.group) == fold]
        kept = [e for e in examples if fold_of.get(e.group) != fold]
        network = learn_last(start, kept, tokens, recipe, device)
        predictions += predict(network, held, tokens, device)
        folder = out / str(fold)
        save_network(network, folder, with_embeddings=recipe.train_embeddings)
        unseen = json.dumps(sorted({example.group for example in held}), ensure_ascii=False)
        (folder / UNSEEN).write_text(unseen, encoding="utf-8")
    return predictions


def assign_folds(examples: Sequence[Example], n_folds: int, seed: int) -> dict[str, int]:
    """Return the fold of each article, group → fold; those of each set are spread evenly."""
    fold_of: dict[str, int] = {}
    for source in MEASURES:  # the follow-ups are about the same articles as what was written first
        groups = sorted({e.group for e in examples if e.source == source})
        random.Random(seed).shuffle(groups)
        fold_of |= {group: number % n_folds for number, group in enumerate(groups)}
    return fold_of


def name_cpu() -> str:
    return f"a CPU with {torch.get_num_threads()} cores"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--begun", type=Path, metavar="FILE", help="where it was broken off")
    defaults = Recipe()
    for name, value in asdict(defaults).items():
        option = f"--{name.replace('_', '-')}"
        if isinstance(value, bool):
            parser.add_argument(option, action="store_true")
        else:
            parser.add_argument(option, type=type(value), default=value)
    arguments = parser.parse_args()
    recipe = Recipe(**{name: getattr(arguments, name) for name in asdict(defaults)})
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    examples = read_all(arguments.data)
    if arguments.tiny:
        chance, sources = random.Random(recipe.seed), sorted({e.source for e in examples})
        of_each = [[e for e in examples if e.source == source] for source in sources]
        examples = [e for of_one in of_each for e in chance.sample(of_one, N_TINY)]
    np.random.seed(recipe.seed)  # noqa: NPY002 - what torch's own code might draw from
    torch.manual_seed(recipe.seed)
    tokens = PairTokens.from_file(find_model(DEFAULT_MODEL).folder / "tokenizer.json")
    figures: dict[str, Any] = {
        "recipe": asdict(recipe),
        "examples": count(examples),
        "device": torch.cuda.get_device_name() if device.type == "cuda" else name_cpu(),
        "torch": torch.__version__,
    }
    network = learn_to_read(
        examples,
        tokens,
        recipe,
        device,
        kept=arguments.out / "general.safetensors",
        begun=arguments.begun,
    )
    if arguments.folds:
        predictions = cross_validate(
            network, examples, tokens, recipe, device, arguments.folds, arguments.out / "folds"
        )
        figures |= {"folds": arguments.folds, "measures": measure(predictions)}
        print(json.dumps(figures["measures"], indent=1))
        write_predictions(arguments.out / "predictions.jsonl", predictions)
        folders = [arguments.out / "folds" / str(fold) for fold in range(arguments.folds)]
        embeddings = find_model(DEFAULT_MODEL).folder / "model.safetensors"
        network = average([load_network(folder, embeddings) for folder in folders])
    else:
        last = [example for example in examples if example.source in LAST]
        network = learn_last(network, last, tokens, recipe, device)
    save_network(network, arguments.out, with_embeddings=recipe.train_embeddings)
    (arguments.out / "figures.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    write_card(arguments.out, figures)


if __name__ == "__main__":
    main()
