"""The settings that many architectures share, each declared once, and the modules that they stand for."""

import math
from collections import OrderedDict
from typing import Any, Literal

from torch import nn

from luthier.core.declare import Range, Search, hyperparameter
from luthier.core.errors import BadInput

Norm = Literal["batch", "group", "layer", "none"]


Stem = Literal["auto", "large", "small"]


GROUPS = 32  # Wu and He, Group normalization, 2018


LEAST_OF_ROWS = 4
"""Values of a row that a norm takes together at least: its mean and variance cost two of them, so half are left."""


LARGE_SIDE = 64
"""Shorter side in pixels from which `stem = "auto"` takes the paper's stem for large pictures."""


def norm_field(default: Norm) -> Any:
    """Declare how the values of a layer are normalised; see `make_norm`."""
    return hyperparameter(
        default,
        description="how layers are normalised before their activation: over the batch, over groups of 32 channels of "
        "one "
        "example, over all channels of one example (layer), or not at all (none)",
    )


def dropout_field(default: float, where: str) -> Any:
    """Declare the share of values that is dropped in training. where: in words, such as "before the last layer"."""
    return hyperparameter(
        default,
        bounds=Range(0, 1, high_open=True),
        search=Search(0, 0.7),
        description=f"share of values dropped in training {where}; 0 drops none, near 1 nearly all",
    )


def width_field() -> Any:
    """Declare the factor on all channels; see `scale_width`."""
    return hyperparameter(
        1.0,
        bounds=Range(0, low_open=True),
        search=Search(0.25, 2, log=True),
        description="factor on the channels and units of every layer; 1 is the paper's network, near 0 one channel "
        "each",
    )


def stem_field() -> Any:
    """Declare which first layers a network has; see `is_small`."""
    return hyperparameter(
        "auto",
        description=f"first layers: large shrinks the picture at once as the paper does for 224 pixels, small keeps "
        f"its size, "
        f"auto is small below {LARGE_SIDE} pixels a side",
    )


def scale_width(channels: int, width: float) -> int:
    """Multiply a number of channels; at least one stays.

    >>> scale_width(64, 0.25), scale_width(3, 0.01)
    (16, 1)
    """
    return max(1, round(channels * width))


def is_small(stem: Stem, shape: tuple[int, ...]) -> bool:
    """Return whether pictures of shape (C, H, W) get the small stem."""
    return min(shape[1:]) < LARGE_SIDE if stem == "auto" else stem == "small"


def make_norm(kind: Norm, channels: int, maps: bool = True) -> nn.Module | None:
    """Make a normalisation with a trainable factor and shift per channel, or None for none.

    channels: those of maps (B, channels, H, W), or of rows (B, channels) where maps is false.
    batch: per channel over the batch and all pixels (Ioffe and Szegedy, Batch normalization, 2015).
    group: per example over 32 groups of channels, or as many as divide both (Wu and He, Group normalization, 2018);
    in rows, which have no pixels, over as many fewer as leave each group four values.
    layer: per example over all channels and pixels, one group, as Wu and He read Ba, Kiros and Hinton, Layer
    normalization, 2016, for maps.
    Raises BadInput where rows have too few values for a group.
    """
    if kind == "batch":
        return nn.BatchNorm2d(channels) if maps else nn.BatchNorm1d(channels)
    if kind == "none":
        return None
    if not maps and channels < LEAST_OF_ROWS:
        raise BadInput(
            f"norm = {kind!r} needs layers of {LEAST_OF_ROWS} units at least, but one has {channels}, whose values it "
            "would wipe out; raise model.width, or set model.norm = 'batch' or 'none'"
        )
    return nn.GroupNorm(1 if kind == "layer" else _groups(channels, 1 if maps else LEAST_OF_ROWS), channels)


def _groups(channels: int, least: int) -> int:
    """Return the largest power of two up to 32 that divides the channels and leaves enough channels in each group."""
    groups = math.gcd(GROUPS, channels)
    while channels // groups < least:
        groups //= 2
    return groups


def make_dropout(rate: float) -> nn.Module | None:
    """Make the dropout of a rate, or None for rate 0.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout, 2014.
    """
    return nn.Dropout(rate) if rate else None


def layers(**named: nn.Module | None) -> dict[str, nn.Module]:
    """Put layers under their names; None stands for a layer that is left out."""
    return {name: layer for name, layer in named.items() if layer is not None}


def chain(**named: nn.Module | None) -> nn.Sequential:
    """Chain layers under their names; None stands for a layer that is left out.

    >>> [name for name, _ in chain(full=nn.Linear(2, 3), norm=None).named_children()]
    ['full']
    """
    return nn.Sequential(OrderedDict(layers(**named)))
