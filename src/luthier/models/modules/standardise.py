"""Standardisation as the first layer, so that every saved or exported network contains it."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

import torch
from torch import Tensor, nn

from luthier.core.batch import Form


class Standardise(nn.Module):
    """Bring each channel of pictures (B, C, H, W), or each column of rows (B, F), to mean 0 and variance 1.

    A missing value of a row, NaN, becomes 0: the mean stands in for it.

    mean, std: of the training part (C,) or (F,). What was constant there has an infinite std, so that it weighs nothing
        whatever it holds later; where std is 0 nothing is divided.
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
    """Compute the constants from inputs (B, C, H, W) or (B, F) in chunks, usually the training part, in one pass.

    What is NaN in rows does not count. kind: of the layer that is made.
    """
    count, total, squares = torch.zeros(()), torch.zeros(()), torch.zeros(())
    low, high = torch.tensor(torch.inf), torch.tensor(-torch.inf)
    for chunk in chunks:
        flat = chunk.unsqueeze(2).flatten(2)
        low = torch.minimum(low, flat.nan_to_num(torch.inf, torch.inf, -torch.inf).amin((0, 2)))
        high = torch.maximum(high, flat.nan_to_num(-torch.inf, torch.inf, -torch.inf).amax((0, 2)))
        values, known = _known(flat.double())
        count = count + known
        total = total + values.sum((0, 2))
        squares = squares + values.square().sum((0, 2))
    count = count.clamp(min=1)  # a column that holds nothing has mean 0
    mean = total / count
    variance = squares / count - mean.square()
    std = torch.where(variance > CONSTANT * (squares / count), variance, torch.zeros_like(variance)).sqrt()
    return kind(mean.float(), torch.where(low >= high, torch.inf, std).float())


def _known(values: Tensor) -> tuple[Tensor, Tensor]:
    """Return values (B, C, P) with zeros for NaN, and the number of NaN (C,)."""
    if values.shape[2] > 1:  # pixels, which are never missing
        return values, torch.tensor(values.shape[0] * values.shape[2], dtype=torch.float64)
    missing = values.isnan()
    return values.masked_fill(missing, 0), (~missing).sum((0, 2), dtype=torch.float64)


class StandardiseSequences(Standardise):
    """Bring each feature of sequences (B, T, F) to mean 0 and variance 1, and tell their lengths.

    Steps that are NaN in all features stand behind a sequence's end; they leave as zeros. What leaves is
    {"sequence": (B, T, F), "length": (B,)}.

    mean, std: of the steps of the training part (F,); a constant feature has std 1.

    >>> import torch
    >>> layer = StandardiseSequences(torch.tensor([2.0]), torch.tensor([4.0]))
    >>> layer(torch.tensor([[[6.0], [2.0], [torch.nan]]]))
    {'sequence': tensor([[[1.], [0.], [0.]]]), 'length': tensor([2])}
    """

    def forward(self, x: Tensor) -> dict[str, Tensor]:  # type: ignore[override]  # what follows reads a dict
        missing = x.isnan()
        steps = ((x - self.mean) * self.scale).masked_fill(missing, 0)
        return {"sequence": steps, "length": (~missing.all(2)).sum(1)}


class StandardiseText(Standardise):
    """Bring the first F numbers of rows (B, F + T) to mean 0 and variance 1, and tell where the text behind them ends.

    The T numbers of words are NaN behind the end of a text and leave as zeros. What leaves is
    {"columns": (B, F), "tokens": (B, T), "length": (B,)}, the words as floats that hold whole numbers.

    mean, std: of the columns of the training part (F,); F may be 0.

    >>> import torch
    >>> layer = StandardiseText(torch.tensor([2.0]), torch.tensor([4.0]))
    >>> layer(torch.tensor([[6.0, 7.0, torch.nan]]))
    {'columns': tensor([[1.]]), 'tokens': tensor([[7., 0.]]), 'length': tensor([1])}
    """

    def forward(self, x: Tensor) -> dict[str, Tensor]:  # type: ignore[override]  # what follows reads a dict
        columns, tokens = x[:, : len(self.mean)], x[:, len(self.mean) :]
        missing = tokens.isnan()
        return {
            "columns": super().forward(columns),
            "tokens": tokens.masked_fill(missing, 0),
            "length": (~missing).sum(1),
        }


FIRST: Mapping[Form, type[Standardise]] = {
    "pictures": Standardise,
    "rows": Standardise,
    "sequences": StandardiseSequences,
    "text": StandardiseText,
}


def make_first_layer(form: Form, chunks: Iterable[Tensor], columns: int) -> Standardise:
    """Make the first layer with constants computed from inputs in chunks, usually the training part.

    columns: how many numbers stand before the words, where the form is text.

    >>> make_first_layer("sequences", [torch.tensor([[[1.0], [3.0]], [[5.0], [torch.nan]]])], 0).mean
    tensor([3.])
    """
    if form == "sequences":
        return fit_standardise((chunk.flatten(0, 1) for chunk in chunks), FIRST[form])
    if form == "text":
        return fit_standardise((chunk[:, :columns] for chunk in chunks), FIRST[form])
    return fit_standardise(chunks, FIRST[form])


def make_blank_layer(form: Form, channels: int) -> Standardise:
    """Make a first layer whose constants are still to be loaded. channels: how many means it has."""
    return FIRST[form](torch.zeros(channels), torch.ones(channels))


class Rescale(nn.Module):
    """Convert outputs in standard deviations (B, D) to the user's units.

    mean, std: of each value over the training part (D,); a constant value has std 1, so nothing is divided by 0.

    >>> layer = Rescale(torch.tensor([5.0]), torch.tensor([2.0]))
    >>> layer(torch.tensor([[3.0]])), layer.inverse(torch.tensor([[11.0]]))
    (tensor([[11.]]), tensor([[3.]]))
    """

    mean: Tensor
    std: Tensor

    def __init__(self, mean: Tensor, std: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", torch.where(std > 0, std, torch.ones_like(std)))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.std + self.mean

    def inverse(self, values: Tensor) -> Tensor:
        """Convert values in the user's units (B, D) to standard deviations from the mean."""
        return (values - self.mean) / self.std


def fit_rescale(values: Tensor) -> Rescale:
    """Compute the constants from values (M, D), usually those of the training part, in their precision."""
    exact = values.double()
    return Rescale(exact.mean(0).to(values), exact.std(0, correction=0).to(values))
