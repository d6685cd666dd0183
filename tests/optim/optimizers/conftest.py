"""Steps of an optimizer beside those of a reference, from the same gradients."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from luthier.core.rng import generator
from luthier.optim import Optimizer, group_parameters

STEPS = 6
Reference = Callable[[nn.Module], torch.optim.Optimizer]
Formula = Callable[[Tensor, list[Tensor], bool], Tensor]


def network() -> nn.Module:
    """A convolution, a norm and a linear layer, in 64 bits, always the same."""
    made = nn.Sequential(nn.Conv2d(2, 3, 2), nn.BatchNorm2d(3), nn.Linear(5, 7)).double()
    for one in made.parameters():
        one.data = torch.randn(one.shape, generator=generator(0, "weights")).double()
    return made


def gradients(made: nn.Module) -> list[list[Tensor]]:
    """For each step a gradient per parameter."""
    rng = generator(0, "gradients")
    return [[torch.randn(one.shape, generator=rng).double() for one in made.parameters()] for _ in range(STEPS)]


def stepped(made: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The parameters after all steps."""
    for grads in gradients(made):
        for one, grad in zip(made.parameters(), grads, strict=True):
            one.grad = grad.clone()
        optimizer.step()
    return {name: one.detach().clone() for name, one in made.named_parameters()}


@pytest.fixture
def compare() -> Callable[..., None]:
    """Check an optimizer against PyTorch's own unfused one, if any, and a formula applied to each parameter alone."""

    def check(part: Optimizer, reference: Reference | None, formula: Formula, rtol: float = 1e-9) -> None:
        ours = network()
        found = stepped(ours, part.build(group_parameters(ours)))
        if reference:
            theirs = network()
            torch.testing.assert_close(found, stepped(theirs, reference(theirs)), rtol=1e-9, atol=1e-12)
        start, grads = network(), gradients(ours)
        for number, (name, one) in enumerate(start.named_parameters()):
            expected = formula(one.detach().clone(), [step[number] for step in grads], one.ndim > 1)
            torch.testing.assert_close(found[name], expected, rtol=rtol, atol=1e-12)

    return check


@pytest.fixture
def split() -> Callable[[nn.Module, float, float], list[dict[str, object]]]:
    """Groups by hand: weight decay on what has two sides or more, none on the rest."""

    def groups(made: nn.Module, rate: float, decay: float) -> list[dict[str, object]]:
        wide = [one for one in made.parameters() if one.ndim > 1]
        narrow = [one for one in made.parameters() if one.ndim <= 1]
        assert (len(wide), len(narrow)) == (2, 4)
        common = {"lr": rate, "foreach": False}
        return [{"params": wide, "weight_decay": decay, **common}, {"params": narrow, "weight_decay": 0.0, **common}]

    return groups
