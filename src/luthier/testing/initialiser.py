"""The battery for initialisers."""

import torch
from torch import Tensor, nn

from luthier.core.rng import generator
from luthier.models import Network
from luthier.models.initialisers import Initialiser, initialise_
from luthier.models.initialisers.initialiser import Fan
from luthier.models.modules import Standardise, TableConv2d, TrainableSubsampling
from luthier.testing.compare import check_private, require, require_same
from luthier.testing.part import check_part
from luthier.testing.training import copy_weights

CASES: tuple[tuple[tuple[int, ...], Fan, Fan], ...] = (
    ((7, 5), 5, 7),
    ((5, 3, 3, 3), 27, 45),
    ((4, 5, 5), torch.tensor([25.0, 50.0, 50.0, 75.0]).view(-1, 1, 1), torch.full((4, 1, 1), 50.0)),
    ((11,), 5, 11),
    ((1, 1), 1, 1),
)
"""A matrix, a kernel, kernels with fans of their own, a bias, a single weight."""


def check_initialiser(initialiser: Initialiser) -> None:
    """Check that an initialiser draws privately, finite numbers of the right shape, for every kind of layer.

    Where it adapts a network to its inputs, that must be repeatable and finite too, and leave all but parameters alone.

    Raises AssertionError with what is wrong.

    >>> from luthier.models.initialisers import HeNormal
    >>> check_initialiser(HeNormal())
    """
    check_part(initialiser)
    for shape, into, out in CASES:
        _check_draw(initialiser, torch.Size(shape), into, out)
    _check_adapt(initialiser)


def _check_draw(initialiser: Initialiser, shape: torch.Size, into: Fan, out: Fan) -> None:
    what = f"{initialiser.name} for shape {tuple(shape)}"
    drawn = check_private(lambda rng: initialiser.draw(shape, into, out, rng), what)
    require(
        drawn.shape == shape and drawn.dtype == torch.float32,
        f"{what} must give float32 of that shape, but gave {tuple(drawn.shape)} {drawn.dtype}",
    )
    require(bool(drawn.isfinite().all()), f"{what} must give finite numbers")


def _network(initialiser: Initialiser) -> Network:
    """Make a network with padding, stride, groups, a table, batch norm and dropout; draw its weights."""
    with torch.random.fork_rng(devices=[]):
        body = nn.Sequential(
            nn.Conv2d(2, 6, 3, padding=1),
            nn.BatchNorm2d(6),
            nn.ReLU(),
            nn.Conv2d(6, 8, (3, 2), stride=2, groups=2, bias=False),
            nn.Tanh(),
            TrainableSubsampling(8),
            TableConv2d([(0, 1, 2), (3, 4), (5, 6, 7)], 2),
            nn.Dropout(0.5),
            nn.Flatten(),
            nn.Linear(6, 7),
            nn.Linear(7, 5),
        )
    initialise_(body, initialiser, 0)
    return Network(Standardise(torch.tensor([0.5, 0.3]), torch.tensor([0.25, 2.0])), body)


def _inputs() -> Tensor:
    return torch.rand(23, 2, 11, 13, generator=generator(0, "testing/initialiser"))


def _check_adapt(initialiser: Initialiser) -> None:
    what, inputs = f"{initialiser.name} adapting a network", _inputs()
    networks = []

    def adapted(rng: torch.Generator) -> dict[str, Tensor]:
        networks.append(_network(initialiser))
        initialiser.adapt(networks[-1], inputs, rng)
        return copy_weights(networks[-1])

    found = check_private(adapted, what)
    require_same(inputs, _inputs(), f"{what} must leave the inputs as they were")
    bad = [name for name, one in found.items() if one.is_floating_point() and not one.isfinite().all()]
    require(not bad, f"{what} must give finite numbers, but {bad[:1]} is not")
    before, after = (dict(one.named_buffers()) for one in (_network(initialiser), networks[0]))
    require_same(before, after, f"{what} must leave batch norms and other buffers as they were")
    ready = all(module.training and not module._forward_hooks for module in networks[0].modules())
    require(ready, f"{what} must leave the network in training mode and without hooks")
    free = all(parameter.requires_grad and parameter.grad is None for parameter in networks[0].parameters())
    require(free, f"{what} must leave parameters to be trained, without gradients")
