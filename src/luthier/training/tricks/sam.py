"""Sharpness-aware minimisation: Foret, Kleiner, Mobahi and Neyshabur, 2021."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import torch
from torch import Tensor, nn

from luthier.core.batch import Batch
from luthier.core.card import TrickCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.core.rng import fork_rng
from luthier.training.trick import Backward, Outcome, StepContext, Trick, TrickState, skipping


def climb(grads: Iterable[Tensor], radius: float) -> list[Tensor]:
    """Compute the step of length radius, all tensors taken as one vector, that raises the loss most."""
    grads = list(grads)
    norm = torch.nn.utils.get_total_norm(grads)
    return [grad * (radius / (norm + 1e-12)) for grad in grads]


@contextmanager
def set_grads_aside(network: nn.Module) -> Iterator[None]:
    """Start without gradients and restore the old ones at the end."""
    held = {parameter: parameter.grad for parameter in network.parameters()}
    network.zero_grad()
    yield
    for one, grad in held.items():
        one.grad = grad


@contextmanager
def perturb(steps: dict[nn.Parameter, Tensor], network: nn.Module) -> Iterator[None]:
    """Move parameters by steps; at the end, whatever happens, restore them and all buffers bit for bit."""
    before = [(tensor, tensor.detach().clone()) for tensor in (*steps, *network.buffers())]
    try:
        with torch.no_grad():
            for parameter, step in steps.items():
                parameter.add_(step)
        yield
    finally:
        with torch.no_grad():
            for tensor, old in before:
                tensor.copy_(old)


class SAM(Trick):
    """Take the gradient where the loss is worst within a radius, and make the step from where the weights are.

    Both passes draw the same masks of dropout; batch norm's statistics and the history are those of the first.
    """

    name = "sam"
    card = TrickCard(
        summary="Takes the gradient at the worst place nearby, so that flat minima are found.",
        source="Foret, Kleiner, Mobahi and Neyshabur, Sharpness-aware minimization for efficiently improving "
        "generalization, 2021, arXiv 2010.01412",
        after=("gradient-accumulation", "mixed-precision"),
        cost="two passes per step, twice the time",
        claim="Wide ResNet-28-10 on CIFAR-10 from 3.5% to 2.7% error with plain augmentation",
    )

    radius: float = hyperparameter(
        0.05, bounds=Range(0), search=Search(0.01, 0.5, log=True),
        description="length of the climb; 0 is plain descent, a large one leaves what the gradient knows",
    )  # fmt: skip

    def wrap_backward(self, backward: Backward, trick_state: TrickState, context: StepContext) -> Backward:
        if self.radius == 0:
            return backward

        def sharp(batch: Batch, share: float | Tensor) -> Outcome:
            network = context.training.network
            with set_grads_aside(network):
                with fork_rng(context.training.device):  # so that the second pass draws the same
                    here = backward(batch, 1.0)
                found = {parameter: parameter.grad for parameter in network.parameters() if parameter.grad is not None}
            steps = dict(zip(found, climb(found.values(), self.radius), strict=True))
            with perturb(steps, network):
                there = backward(batch, share)
            return replace(here, skip=skipping((here, there)))

        return sharp
