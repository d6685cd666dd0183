"""Standardisation of the columns of a table beside a text, whose words pass as they are."""

from torch import Tensor

from luthier.models.modules.standardise import Standardise


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
