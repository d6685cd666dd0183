"""How each layer fares in one training step: its gradient, its activation, its dead units, its update.

It watches through hooks that it takes away again, so that the step knows nothing of it and computes the same bits.
"""

import math
from collections import defaultdict
from functools import partial
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.linalg import vector_norm

DIGITS = 4


UNITS_SECOND = (nn.Embedding, nn.modules.conv._ConvTransposeNd)
"""Layers whose weights have their units in the second dimension; everywhere else it is the first."""


Figures = dict[str, float | None]


class Health:
    """Watches, within a `with` block around one step, every layer that has parameters of its own to train.

    network: the one that is trained. optimizer: the one that updates it.

    >>> layer = nn.Linear(2, 3)
    >>> optimizer = torch.optim.SGD(layer.parameters(), lr=0.5)
    >>> with Health(layer, optimizer) as health:
    ...     _ = layer(torch.ones(4, 2)).sum().backward()
    ...     optimizer.step()
    >>> health.figures()[""]["gradient"]  # each of the 9 parameters has the gradient 4
    12.0
    """

    def __init__(self, network: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        self.layers = layers_to_train(network)
        self.optimizer = optimizer
        self.handles: list[Any] = []
        self.before: list[Tensor] = []
        self.seen: dict[tuple[str, str, int], Tensor] = {}
        self.sizes: dict[tuple[str, str], int] = defaultdict(int)

    def __enter__(self) -> Self:
        watch = self.handles.append
        for name, (layer, parameters) in self.layers.items():
            see_output = partial(self._see_output, name)
            watch(layer.register_forward_hook(lambda _, args, output, see=see_output: see(output)))
            for number, one in enumerate(parameters):
                watch(one.register_post_accumulate_grad_hook(partial(self._see_gradient, name, number)))
            watch(parameters[0].register_post_accumulate_grad_hook(partial(self._see_units, name)))
        watch(self.optimizer.register_step_pre_hook(lambda *_: self._see_weights()))
        watch(self.optimizer.register_step_post_hook(lambda *_: self._see_moves()))
        return self

    def __exit__(self, *error: object) -> None:
        for handle in self.handles:
            handle.remove()

    def figures(self) -> dict[str, Figures]:
        """Return what was seen, by layer in the order of the network; None for what a layer does not have.

        gradient: norm of the gradient of its parameters, as the backward passes left it, before tricks change it.
        activation: root mean square of what it gives, before the function that follows it.
        dead: share of its units to whose weights no example of the batch sends a gradient, such as those of a ReLU that
        is 0 for all of them. update_ratio: norm of the change of its parameters over their norm before.
        """
        numbers = torch.stack([one.float() for one in self.seen.values()]).tolist()  # waits for the device, once
        totals: dict[tuple[str, str], float] = {}
        for (layer, what, _), number in zip(self.seen, numbers, strict=True):
            totals[layer, what] = math.hypot(totals.get((layer, what), 0.0), number)
        return {name: self._figures(name, totals) for name in self.layers}

    def _figures(self, name: str, totals: dict[tuple[str, str], float]) -> Figures:
        output, reached = totals.get((name, "output")), totals.get((name, "reached"))
        weight = totals.get((name, "weight"))
        return {
            "gradient": short(totals.get((name, "gradient"))),
            "activation": short(None if output is None else output / math.sqrt(self.sizes[name, "output"])),
            "dead": short(None if reached is None else 1 - reached / self.sizes[name, "reached"]),
            "update_ratio": short(totals[name, "move"] / weight if weight else None),
        }

    def _see_output(self, name: str, output: Any) -> None:
        """Note what a layer gives in one pass; a recurrent one gives it first in a tuple, and perhaps packed."""
        while isinstance(output, tuple):
            output = output[0]
        if isinstance(output, Tensor) and output.is_floating_point():
            self.seen[name, "output", self.sizes[name, "output"]] = vector_norm(output.detach())
            self.sizes[name, "output"] += output.numel()

    def _see_gradient(self, name: str, number: int, one: nn.Parameter) -> None:
        """Note a gradient; where several passes add to it, the last of them finds it whole."""
        assert one.grad is not None
        self.seen[name, "gradient", number] = vector_norm(one.grad)

    def _see_units(self, name: str, weights: nn.Parameter) -> None:
        """Count the units that a gradient reaches."""
        assert weights.grad is not None
        second = isinstance(self.layers[name][0], UNITS_SECOND) and weights.ndim > 1
        grad = weights.grad.transpose(0, 1) if second else weights.grad
        reached = grad.reshape(grad.shape[0] if grad.ndim else 1, -1).any(1)
        self.seen[name, "reached", 0] = reached.sum()
        self.sizes[name, "reached"] = len(reached)

    def _parameters(self) -> list[Tensor]:
        return [one.detach() for _, parameters in self.layers.values() for one in parameters]

    def _see_weights(self) -> None:
        self.before = [one.clone() for one in self._parameters()]

    def _see_moves(self) -> None:
        norms = {
            "weight": torch._foreach_norm(self.before),
            "move": torch._foreach_norm(torch._foreach_sub(self._parameters(), self.before)),
        }
        places = [(name, number) for name, (_, found) in self.layers.items() for number in range(len(found))]
        for what, found in norms.items():
            self.seen |= {(name, what, number): one for (name, number), one in zip(places, found, strict=True)}


def layers_to_train(network: nn.Module) -> dict[str, tuple[nn.Module, list[nn.Parameter]]]:
    """Find the layers with parameters to train, by name; a parameter that layers share counts with the first.

    >>> list(layers_to_train(nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))))
    ['0', '2']
    """
    found: dict[str, list[nn.Parameter]] = defaultdict(list)
    for name, one in network.named_parameters():
        if one.requires_grad:
            found[name.rpartition(".")[0]].append(one)
    return {name: (network.get_submodule(name), parameters) for name, parameters in found.items()}


def short(value: float | None) -> float | None:
    """Round to a few digits, enough to be drawn; None for what is not finite."""
    return float(f"{value:.{DIGITS}g}") if value is not None and math.isfinite(value) else None
