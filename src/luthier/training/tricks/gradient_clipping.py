"""Gradient clipping: Pascanu, Mikolov and Bengio, 2013; adaptive: Brock, De, Smith and Simonyan, 2021."""

import torch
from torch import Tensor, nn

from luthier.core.card import TrickCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.optim.groups import name_layer
from luthier.training.trick import StepContext, Trick, TrickState

LEAST_WEIGHT = 1e-3


LEAST_GRADIENT = 1e-6


def clip_by_norm(grads: dict[str, Tensor], limit: float) -> dict[str, Tensor]:
    """Scale all gradients, taken as one vector, down to a largest Euclidean length."""
    factor = (limit / (torch.nn.utils.get_total_norm(grads.values()) + 1e-6)).clamp(max=1)
    return {name: grad * factor for name, grad in grads.items()}


def clip_by_value(grads: dict[str, Tensor], limit: float) -> dict[str, Tensor]:
    """Clip each number to [-limit, limit]; what is not finite stays, so that it is found."""
    return {name: torch.where(grad.isfinite(), grad.clamp(-limit, limit), grad) for name, grad in grads.items()}


def clip_by_weights(grads: dict[str, Tensor], weights: dict[str, Tensor], limit: float) -> dict[str, Tensor]:
    """Scale each unit's gradient down to `limit` x the length of its weights."""
    return {name: _unit_by_unit(grad, weights[name], limit) for name, grad in grads.items()}


def _unit_by_unit(grad: Tensor, weight: Tensor, limit: float) -> Tensor:
    longest = limit * _lengths(weight).clamp(min=LEAST_WEIGHT)
    length = _lengths(grad)
    return torch.where(length > longest, grad * (longest / length.clamp(min=LEAST_GRADIENT)), grad)


def _lengths(tensor: Tensor) -> Tensor:
    """Compute the Euclidean length of each unit's part; a bias is one unit."""
    inner = tuple(range(1, tensor.ndim)) or None
    lengths: Tensor = torch.linalg.vector_norm(tensor, dim=inner, keepdim=True)
    return lengths


def leave_out_last(network: nn.Module) -> dict[str, Tensor]:
    """Return the parameters by name, without those of the last layer that has weights."""
    named = {name: parameter.detach() for name, parameter in network.named_parameters()}
    last = name_layer(list(named)[-1])
    return {name: one for name, one in named.items() if name_layer(name) != last}


class GradientClipping(Trick):
    """Keep gradients from being too large: as a whole, number by number, or unit by unit beside the weights.

    Several may be asked for; they act in the order adaptive, value, norm. The adaptive form leaves the last layer as it
    is, as published. The gradient norm in the history is that after clipping.
    """

    name = "gradient-clipping"
    card = TrickCard(
        summary="Keeps gradients from being too large: by their norm, by value, or beside the weights (adaptive).",
        source="Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, 2013; adaptive: "
        "Brock, De, Smith and Simonyan, High-performance large-scale image recognition without normalization, 2021",
        after=("gradual-unfreezing", "l1", "l2"),
        cost="one or two passes over the gradients per step",
        claim="recurrent networks do not blow up; the adaptive form lets networks without batch norm use large batches",
    )

    norm: float = hyperparameter(
        1.0, bounds=Range(0), search=Search(0.1, 10, log=True),
        description="largest length of all gradients together; near 0 hardly learns, a large one changes nothing, 0 "
        "is off",
    )  # fmt: skip
    value: float = hyperparameter(
        0.0, bounds=Range(0), search=Search(0.01, 1, log=True),
        description="largest size of each number; near 0 keeps little but signs, a large one changes nothing, 0 is off",
    )  # fmt: skip
    adaptive: float = hyperparameter(
        0.0, bounds=Range(0), search=Search(0.002, 0.2, log=True),
        description="largest length of a unit's gradient as a share of its weights'; 0.01 as published, 0 is off",
    )  # fmt: skip

    def edit_grads(self, grads: dict[str, Tensor], trick_state: TrickState, context: StepContext) -> dict[str, Tensor]:
        if self.adaptive:
            weights = leave_out_last(context.training.network)
            grads = grads | clip_by_weights(
                {n: one for n, one in grads.items() if n in weights}, weights, self.adaptive
            )
        if self.value:
            grads = clip_by_value(grads, self.value)
        return clip_by_norm(grads, self.norm) if self.norm else grads
