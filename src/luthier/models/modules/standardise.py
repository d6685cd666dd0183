"""Standardisation as the first layer, so that every saved or exported network contains it."""

from collections.abc import Iterable
from typing import TypeVar

import torch
from torch import Tensor, nn


class Standardise(nn.Module):
    """Bring each channel of pictures (B, C, H, W), or each column of rows (B, F), to mean 0 and variance 1.

    A missing value of a row, NaN, becomes 0: the mean stands in for it.

    mean, std: of the training part (C,) or (F,); a constant channel or column has std 1, so nothing is divided by 0.
    Source: LeCun, Bottou, Orr and Muller, Efficient BackProp, 1998.

    >>> Standardise(torch.tensor([2.0]), torch.tensor([4.0]))(torch.tensor([[6.0]]))
    tensor([[1.]])
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, mean: Tensor, std: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("scale", 1 / torch.where(std > 0, std, torch.ones_like(std)))

    def forward(self, x: Tensor) -> Tensor:
        shape = (-1, *[1] * (x.ndim - 2))
        standard = (x - self.mean.view(shape)) * self.scale.view(shape)
        return standard if x.ndim == PICTURES else standard.masked_fill(x.isnan(), 0)


PICTURES = 4
S = TypeVar("S", bound=Standardise)
CONSTANT = 1e-12
"""Share of the mean square below which a variance is rounding error, so that the column counts as constant."""


def fit_standardise(chunks: Iterable[Tensor], kind: type[S] = Standardise) -> S:  # type: ignore[assignment]  # a class fits
    """Take the constants from inputs (B, C, H, W) or (B, F) in chunks, normally the training part, in one pass.

    What is NaN in rows does not count. kind: of the layer that is made.
    """
    count, total, squares = torch.zeros(()), torch.zeros(()), torch.zeros(())
    for chunk in chunks:
        values, known = _known(chunk.double().unsqueeze(2).flatten(2))
        count = count + known
        total = total + values.sum((0, 2))
        squares = squares + values.square().sum((0, 2))
    count = count.clamp(min=1)  # a column that holds nothing has mean 0
    mean = total / count
    variance = squares / count - mean.square()
    std = torch.where(variance > CONSTANT * (squares / count), variance, torch.zeros_like(variance)).sqrt()
    return kind(mean.float(), std.float())


def _known(values: Tensor) -> tuple[Tensor, Tensor]:
    """Values (B, C, P) with zeros for NaN, and how many are none (C,)."""
    if values.shape[2] > 1:  # pixels, which are never missing
        return values, torch.tensor(values.shape[0] * values.shape[2], dtype=torch.float64)
    missing = values.isnan()
    return values.masked_fill(missing, 0), (~missing).sum((0, 2), dtype=torch.float64)
