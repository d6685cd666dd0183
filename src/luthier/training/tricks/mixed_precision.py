"""Mixed precision: Micikevicius and others, 2018."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor, nn

from luthier.core.batch import Batch, Inputs
from luthier.core.card import TrickCard
from luthier.core.declare import hyperparameter
from luthier.core.errors import BadInput
from luthier.training.device import autocast_fault
from luthier.training.trick import Backward, Forward, Outcome, Setup, StepContext, Trick, TrickState, skipping

START, GROWS_AFTER = 2.0**16, 2000
"""Scale of the loss at first, and steps without an overflow after which it doubles: those of torch.amp.GradScaler."""


@contextmanager
def accumulate_grads(parameters: list[nn.Parameter]) -> Iterator[None]:
    """Start without gradients; at the end, add those of earlier parts of the batch to the new ones."""
    held = [parameter.grad for parameter in parameters]
    for parameter in parameters:
        parameter.grad = None
    yield
    for parameter, before in zip(parameters, held, strict=True):
        if before is not None:
            parameter.grad = before if parameter.grad is None else before + parameter.grad


class MixedPrecision(Trick):
    """Run the network in half the bits where that is safe, and keep weights, loss and update in 32.

    What is safe is PyTorch's autocast. In float16, which has few small numbers, the loss is scaled up before the
    backward pass; a step whose gradients overflow is skipped and the scale halved, and it doubles after 2000 good steps
    in a row. bfloat16 has the range of float32 and needs none of this. Evaluation and the kept network are in 32 bits.
    """

    name = "mixed-precision"
    card = TrickCard(
        summary="Runs the network in 16 bits and keeps the weights in 32.",
        source="Micikevicius and others, Mixed precision training, 2018, arXiv 1710.03740; bfloat16: Kalamkar and "
        "others, A study of BFLOAT16 for deep learning training, 2019, arXiv 1905.12322",
        cost="less memory and, where the processor multiplies 16 bits faster, less time; 3 digits instead of 7",
        claim="ResNet-50 on ImageNet at 76.0% accuracy, 75.9% in 32 bits",
    )

    precision: Literal["off", "bfloat16", "float16"] = hyperparameter(
        "bfloat16",
        description="bits of the passes: bfloat16 has the range of 32 bits, float16 more digits; off keeps 32",
    )

    def setup(self, value: Setup, context: StepContext) -> Setup:
        if self.precision == "off":
            return value
        device = context.training.device.type
        fault = autocast_fault(device, self.precision) or self._fault_of(value, context)
        if fault:
            raise BadInput(
                f"tricks.{self.name}.precision must be one that {device} and the network can compute in, but got "
                f"{self.precision!r}: tried beforehand, {fault}; set it to 'off', or take the trick out"
            )
        return value

    def _fault_of(self, value: Setup, context: StepContext) -> str | None:
        """Try the network on an example; what the machine can do in general is already known."""
        network = copy.deepcopy(value.network).eval()
        try:
            with torch.no_grad():
                self._lowered(network, context)(value.sample.rows(0, 1).inputs)
        except RuntimeError as error:
            return f"it failed with {error}".splitlines()[0]
        return None

    def begin(self, network: nn.Module, context: StepContext) -> TrickState:
        if self.precision != "float16":
            return {}
        device = context.training.device
        return {"scale": torch.tensor(START, device=device), "good": torch.tensor(0, device=device)}

    def wrap_forward(self, forward: Forward, trick_state: TrickState, context: StepContext) -> Forward:
        return forward if self.precision == "off" else self._lowered(forward, context)

    def _lowered(self, forward: Forward, context: StepContext) -> Forward:
        dtype: torch.dtype = getattr(torch, self.precision)

        def lowered(inputs: Inputs) -> Tensor:
            with torch.autocast(context.training.device.type, dtype=dtype):
                logits = forward(inputs)
            return logits.float() if logits.dtype == dtype else logits

        return lowered

    def wrap_backward(self, backward: Backward, trick_state: TrickState, context: StepContext) -> Backward:
        if self.precision != "float16":
            return backward
        parameters, scale = list(context.training.network.parameters()), trick_state["scale"]

        def scaled(batch: Batch, share: float | Tensor) -> Outcome:
            with accumulate_grads(parameters):
                outcome = backward(batch, share * scale)
                gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
                for gradient in gradients:
                    gradient.div_(scale)
                overflow = ~torch.nn.utils.get_total_norm(gradients).isfinite()
            mine = replace(outcome, skip=overflow & (scale > 1))  # unscaled, it is the loss's own
            return replace(outcome, skip=skipping((outcome, mine)))

        return scaled

    def after_step(self, trick_state: TrickState, batch: Batch, outcome: Outcome, context: StepContext) -> TrickState:
        if self.precision != "float16":
            return trick_state
        assert outcome.skip is not None
        return next_scale(trick_state, outcome.skip)


def next_scale(trick_state: TrickState, skipped: Tensor) -> TrickState:
    """Halve the scale after a skipped step, double it after many good ones; all on the device.

    >>> next_scale({"scale": torch.tensor(8.0), "good": torch.tensor(1999)}, torch.tensor(False))
    {'scale': tensor(16.), 'good': tensor(0)}
    """
    scale, good = trick_state["scale"], trick_state["good"] + 1
    grows = (good == GROWS_AFTER) & ~skipped
    factor = torch.where(skipped, 0.5, torch.where(grows, 2.0, 1.0)).to(scale)
    return {"scale": scale * factor, "good": torch.where(skipped | grows, 0, good)}
