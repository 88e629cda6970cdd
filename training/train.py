"""Trains the reader: question and passage in; answer span, supporting sentences, "not here" out.

    python training/train.py DATA --out OUT             # cross-validates, then trains on everything
    python training/train.py DATA --out OUT --folds 0   # trains on everything alone
    python training/train.py DATA --out OUT --tiny      # a few examples, to see that it all runs

``DATA`` holds ``reader_train/``, ``squad2/tune.json`` and ``clapnq/``. Minutes on an accelerator,
two hours on two CPU cores that know bfloat16. The network starts from the default encoder's
weights, whose embeddings stay as they are, so that they need not be shipped twice. It is trained
in two parts: first on ``reader_train``, once, since nothing is measured there; from that, for each
fold and at last for good, on the two sets that are measured. Seeds are fixed; the last digits still
differ from run to run and from machine to machine.

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
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from batches import IGNORED, Row, make_rows, shuffle, to_tensors
from card import write_card
from examples import Example, add_negatives, count, read_all
from measure import Prediction, measure, predict, write_predictions
from torch.nn import functional

from rag.index.weights import DEFAULT_MODEL, find_model
from rag.read.network import build_network, save_network
from rag.read.pairs import PairTokens

UNSEEN = "unseen.json"  # beside the weights of a fold: the articles that it did not see
MEASURED = ("squad2", "clapnq")  # what cross-validation holds out; the rest is always trained on


@dataclass(frozen=True)
class Recipe:
    """What is chosen by cross-validation."""

    seed: int = 0
    general_epochs: int = 1
    general_rate: float = 2e-4
    epochs: int = 2
    batch: int = 32
    rate: float = 1e-4  # of a network this small; base models take a third of it
    warm_up: float = 0.1
    dropout: float = 0.0  # behind layers; that of attention has no fast path and is left out
    weight_decay: float = 0.01
    negatives: float = 0.3  # of the answerable, also asked of a passage without the answer
    support_weight: float = 1.0
    answerable_weight: float = 1.0
    repeat_clapnq: int = 2  # times an example of the smaller of the measured sets counts
    train_embeddings: bool = False


def start_network(recipe: Recipe, device: torch.device) -> torch.nn.Module:
    """Return a network with the encoder's weights below and random heads on top."""
    from safetensors.torch import load_file
    from transformers import AutoConfig

    folder = find_model(DEFAULT_MODEL).folder
    torch.manual_seed(recipe.seed)
    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    config.attention_probs_dropout_prob = 0.0
    config.hidden_dropout_prob = recipe.dropout
    network = build_network(config)
    weights = load_file(folder / "model.safetensors")
    missing, _ = network.backbone.load_state_dict(weights, strict=False)
    if missing:
        raise ValueError(f"the encoder must have all weights of the backbone, got no {missing[0]}")
    network.backbone.embeddings.requires_grad_(recipe.train_embeddings)
    return network.to(device)


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
    general = [example for example in examples if example.source not in MEASURED]
    with_negatives = add_negatives(general, recipe.negatives, recipe.seed)
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_name(f"{kept.name}.part")
    train(
        network,
        with_negatives,
        tokens,
        recipe,
        recipe.general_epochs,
        recipe.general_rate,
        device,
        keep=lambda: save_model(network, part),
    )
    save_model(network, part)
    part.replace(kept)
    return network


def learn_the_measured(
    start: torch.nn.Module,
    examples: Sequence[Example],
    tokens: PairTokens,
    recipe: Recipe,
    device: torch.device,
) -> torch.nn.Module:
    """Return a copy of the network trained further on examples of the measured sets."""
    network = copy.deepcopy(start)
    often = [e for e in examples if e.source == "clapnq"] * (recipe.repeat_clapnq - 1)
    train(network, [*examples, *often], tokens, recipe, recipe.epochs, recipe.rate, device)
    return network.eval()


def find_loss(
    outputs: Sequence[torch.Tensor],
    inputs: dict[str, torch.Tensor],
    targets: dict[str, torch.Tensor],
    recipe: Recipe,
) -> torch.Tensor:
    """Return the mean loss of a batch: of the span, of the supporting tokens, of answerability."""
    start, end, support, answerable = (output.float() for output in outputs)
    # The answer stands in the passage or, for none, at the first token.
    allowed = (inputs["token_type_ids"] * inputs["attention_mask"]).bool()
    allowed[:, 0] = True
    low = torch.finfo(torch.float32).min / 4
    total = answerable.new_zeros(())
    for logits, name in ((start, "start"), (end, "end")):
        loss = functional.cross_entropy(
            logits.masked_fill(~allowed, low), targets[name], ignore_index=IGNORED, reduction="none"
        )
        total = total + loss.mean() / 2
    known = targets["support"] >= 0
    each = functional.binary_cross_entropy_with_logits(
        support, targets["support"].clamp(min=0), reduction="none"
    )
    per_row = (each * known).sum(1) / known.sum(1).clamp(min=1)
    total = total + recipe.support_weight * per_row.mean()
    return total + recipe.answerable_weight * functional.binary_cross_entropy_with_logits(
        answerable, targets["answerable"]
    )


def train(
    network: torch.nn.Module,
    examples: Sequence[Example],
    tokens: PairTokens,
    recipe: Recipe,
    epochs: int,
    rate: float,
    device: torch.device,
    keep: Callable[[], None] = lambda: None,
) -> None:
    """Train the network on the examples, and ``keep`` it every hundred steps."""
    rows = make_rows(examples, tokens)
    chance = random.Random(recipe.seed)
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=rate, weight_decay=recipe.weight_decay)
    n_steps = epochs * -(-len(rows) // recipe.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        rate,
        total_steps=n_steps,
        pct_start=recipe.warm_up,
        anneal_strategy="linear",
    )
    network.train()
    started = time.monotonic()
    for epoch in range(epochs):
        losses: list[torch.Tensor] = []
        for batch in shuffle(rows, recipe.batch, chance):
            losses.append(step(network, batch, tokens, recipe, optimizer, schedule, device))
            if len(losses) % 100 == 0:
                report(epoch, losses, len(rows) // recipe.batch, started)
                keep()
        report(epoch, losses, len(rows) // recipe.batch, started)


def report(epoch: int, losses: Sequence[torch.Tensor], n: int, started: float) -> None:
    """Print how far the training is and the loss of the last hundred steps."""
    mean = float(torch.stack(list(losses[-100:])).mean())
    seconds = time.monotonic() - started
    print(
        f"  epoch {epoch + 1}, step {len(losses)} of {n}: loss {mean:.4f}, {seconds:.0f} s",
        flush=True,
    )


def step(
    network: torch.nn.Module,
    batch: Sequence[Row],
    tokens: PairTokens,
    recipe: Recipe,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    device: torch.device,
) -> torch.Tensor:
    """Take one step of training and return its loss."""
    inputs, targets = to_tensors(batch, tokens, device)
    with torch.autocast(device.type, dtype=torch.bfloat16):
        outputs = network(**inputs)
    loss = find_loss(outputs, inputs, targets, recipe)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    schedule.step()
    return loss.detach()


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
    examples = [example for example in examples if example.source in MEASURED]
    groups = sorted({e.group for e in examples})
    random.Random(recipe.seed).shuffle(groups)
    fold_of = {group: number % n_folds for number, group in enumerate(groups)}
    predictions: list[Prediction] = []
    for fold in range(n_folds):
        print(f"fold {fold + 1} of {n_folds}", flush=True)
        held = [e for e in examples if fold_of[e.group] == fold]
        kept = [e for e in examples if fold_of[e.group] != fold]
        network = learn_the_measured(start, kept, tokens, recipe, device)
        predictions += predict(network, held, tokens, device)
        folder = out / str(fold)
        save_network(network, folder, with_embeddings=recipe.train_embeddings)
        unseen = json.dumps(sorted({example.group for example in held}), ensure_ascii=False)
        (folder / UNSEEN).write_text(unseen, encoding="utf-8")
    return predictions


def name_cpu() -> str:
    return f"a CPU with {torch.get_num_threads()} cores"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--folds", type=int, default=5)
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
        examples = random.Random(recipe.seed).sample(examples, 200)
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
    measured = [example for example in examples if example.source in MEASURED]
    network = learn_the_measured(network, measured, tokens, recipe, device)
    save_network(network, arguments.out, with_embeddings=recipe.train_embeddings)
    (arguments.out / "figures.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    write_card(arguments.out, figures)


if __name__ == "__main__":
    main()
