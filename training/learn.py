"""The network and how it learns: where it starts, its loss, a run over examples, a mean."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from batches import IGNORED, Row, make_rows, shuffle, to_tensors
from examples import Example
from torch.nn import functional

from rag.index.weights import DEFAULT_MODEL, find_model
from rag.read.network import build_network
from rag.read.pairs import PairTokens


@dataclass(frozen=True)
class Recipe:
    """What is chosen by cross-validation."""

    seed: int = 0
    general_epochs: int = 4  # each with negatives and a schedule of its own
    general_rate: float = 2e-4
    epochs: int = 2
    batch: int = 32
    rate: float = 1e-4  # of a network this small; base models take a third of it
    warm_up: float = 0.1
    dropout: float = 0.0  # behind layers; attention has none
    weight_decay: float = 0.01
    negatives: float = 0.3  # of the answerable, also asked of a passage without the answer
    altered: float = 0.6  # of the answerable, also asked with one thing in the question another
    support_weight: float = 1.0
    answerable_weight: float = 1.0
    repeat_clapnq: int = 3  # times an example of the smaller of the measured sets counts
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
    if device.type == "cpu":  # where a step with PyTorch's fused attention takes 1.4 times as long
        network.backbone.set_attn_implementation("eager")
    return network.to(device)


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


def average(networks: Sequence[torch.nn.Module]) -> torch.nn.Module:
    """Return the first network with the mean of all their weights; all began as the same one.

    It reads like all of them asked together, at the price of one.

    Source: Wortsman et al., Model soups: averaging weights of multiple fine-tuned models improves
    accuracy without increasing inference time, ICML 2022.
    """
    parts = [network.state_dict() for network in networks]
    mean = {
        name: torch.stack([part[name].float().cpu() for part in parts]).mean(0) for name in parts[0]
    }
    networks[0].load_state_dict(mean)
    return networks[0]
