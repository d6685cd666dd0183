"""Sharpness-aware minimisation, as a toy."""

from collections.abc import Iterable

import torch
from torch import Tensor

from luthier.core.batch import Batch
from luthier.core.card import TrickCard
from luthier.core.declare import Range, hyper
from luthier.tricks import Backward, Memory, Moment, Outcome, Trick


def climb(grads: Iterable[Tensor], radius: float) -> list[Tensor]:
    """The step of length radius, all tensors taken as one vector, that raises the loss most."""
    grads = list(grads)
    norm = torch.linalg.vector_norm(torch.stack([grad.norm() for grad in grads]))
    return [grad * (radius / (norm + 1e-12)) for grad in grads]


class Sam(Trick):
    """Takes the gradient where the loss is worst within a radius; the climb leaves no other trace."""

    name = "sam"
    card = TrickCard(
        summary="Takes the gradient at the worst place nearby.",
        source="Foret, Kleiner, Mobahi and Neyshabur, Sharpness-aware minimization, 2021, arXiv 2010.01412",
        after=("accumulation",),
    )

    radius: float = hyper(0.05, legal=Range(0), says="length of the climb; 0 is plain descent")

    def wrap_backward(self, backward: Backward, memory: Memory, at: Moment) -> Backward:
        if self.radius == 0:
            return backward

        def sharp(batch: Batch, share: float | Tensor) -> Outcome:
            network = at.training.network
            buffers = [one.clone() for one in network.buffers()]
            held = {one: one.grad for one in network.parameters()}
            network.zero_grad()
            with at.seeded("climb"):  # so that the masks of dropout in the second pass are those of a plain step
                here = backward(batch, 1.0)
            moved = {one: one.detach().clone() for one in held if one.grad is not None}
            with torch.no_grad():
                for one, step in zip(moved, climb([one.grad for one in moved], self.radius), strict=True):
                    one.add_(step)
                for buffer, before in zip(network.buffers(), buffers, strict=True):
                    buffer.copy_(before)
            for one, grad in held.items():
                one.grad = grad
            backward(batch, share)
            with torch.no_grad():
                for one, before in moved.items():
                    one.copy_(before)
            return here

        return sharp
