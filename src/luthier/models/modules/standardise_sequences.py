"""Standardisation of sequences as the first layer, which also finds their ends."""

from torch import Tensor

from luthier.models.modules.standardise import Standardise


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
