"""The network of a reader, in torch: trained by ``training/train.py``, compiled by `compiler`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

WEIGHTS, CONFIG = "reader.safetensors", "config.json"
EMBEDDINGS = "backbone.embeddings."  # may be those of an encoder on this machine
OUTPUTS = ("start", "end", "support", "answerable")
HEADS = 3  # logits of a token: the answer starts here, ends here, its sentence supports the answer


def build_network(config: Any) -> Any:
    """Return a network of random weights, by a transformers configuration of its backbone.

    Its ``forward(input_ids, attention_mask, token_type_ids)``, each ``(n, t)``, returns the logits
    of `OUTPUTS`: three of ``(n, t)`` and one of ``(n,)``. Where a window holds no answer, the
    answer starts and ends at the first token.

    Source: after Devlin et al., BERT, NAACL 2019, for the span; Karpukhin et al., Dense passage
    retrieval, EMNLP 2020, whose reader judges passage and span at once.
    """
    import torch
    from transformers import AutoModel

    class Network(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            make: Any = AutoModel.from_config  # which has no types
            self.backbone = make(config, add_pooling_layer=False)
            self.tokens = torch.nn.Linear(config.hidden_size, HEADS)
            self.answerable = torch.nn.Linear(config.hidden_size, 1)

        def forward(
            self,
            input_ids: torch.Tensor,
            attention_mask: torch.Tensor,
            token_type_ids: torch.Tensor,
        ) -> tuple[torch.Tensor, ...]:
            states = self.backbone(
                input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
            ).last_hidden_state
            start, end, support = self.tokens(states).unbind(-1)
            return start, end, support, self.answerable(states[:, 0]).squeeze(-1)

    return Network()


def load_network(folder: Path, embeddings: Path | None = None) -> Any:
    """Return the network in a folder, in float32, ready to read.

    Weights that the folder leaves out because they are an encoder's are taken from its file
    ``embeddings``.

    Raises:
        ValueError: if weights are missing, or are not this network's.
    """
    import torch
    from safetensors.torch import load_file
    from transformers import AutoConfig

    network = build_network(AutoConfig.from_pretrained(folder, local_files_only=True))
    weights = load_file(folder / WEIGHTS)
    if embeddings is not None and not any(name.startswith(EMBEDDINGS) for name in weights):
        weights |= {
            f"backbone.{name}": tensor
            for name, tensor in load_file(embeddings).items()
            if name.startswith("embeddings.")
        }
    expected = set(network.state_dict())
    if not expected <= set(weights):
        missing = sorted(expected - set(weights))
        raise ValueError(
            f"the reader must have all its weights, got none for {missing[0]!r} in '{folder}'; "
            "train it again"
        )
    network.load_state_dict({name: weights[name].to(torch.float32) for name in expected})
    return network.eval()


def save_network(network: Any, folder: Path, *, with_embeddings: bool) -> None:
    """Write the weights in 16 bits, as safetensors, and the configuration of the backbone."""
    import torch
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        name: tensor.detach().to("cpu", torch.float16).contiguous()
        for name, tensor in network.state_dict().items()
        if with_embeddings or not name.startswith(EMBEDDINGS)
    }
    save_file(weights, folder / WEIGHTS)
    network.backbone.config.save_pretrained(folder)
