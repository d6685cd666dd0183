"""The battery for initialisers."""

import torch

from luthier.models.initialisers import Initialiser
from luthier.models.initialisers.initialiser import Fan
from luthier.testing.compare import private, require
from luthier.testing.part import check_part

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

    Raises AssertionError with what is wrong.

    >>> from luthier.models.initialisers import HeNormal
    >>> check_initialiser(HeNormal())
    """
    check_part(initialiser)
    for shape, into, out in CASES:
        _check_draw(initialiser, torch.Size(shape), into, out)


def _check_draw(initialiser: Initialiser, shape: torch.Size, into: Fan, out: Fan) -> None:
    what = f"{initialiser.name} for shape {tuple(shape)}"
    drawn = private(lambda rng: initialiser.draw(shape, into, out, rng), what)
    require(
        drawn.shape == shape and drawn.dtype == torch.float32,
        f"{what} must give float32 of that shape, but gave {tuple(drawn.shape)} {drawn.dtype}",
    )
    require(bool(drawn.isfinite().all()), f"{what} must give finite numbers")
