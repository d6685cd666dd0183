"""The one place that knows in which forms sequences reach a network."""

from torch import Tensor

from luthier.core.batch import Inputs
from luthier.models.modules.rows import Rows

Sequences = tuple[Tensor, Tensor | None]


def as_sequences(inputs: Inputs) -> Sequences:
    """Bring inputs to sequences (B, T, F) and their lengths (B,), None where all have T steps.

    inputs: pictures (B, C, H, W), whose rows are the steps; sequences (B, T, F); or padded sequences with their
        lengths, {"sequence": (B, T, F), "length": (B,)}.

    >>> import torch
    >>> sequence, lengths = as_sequences(torch.zeros(2, 3, 7, 5))
    >>> sequence.shape, lengths
    (torch.Size([2, 7, 15]), None)
    """
    if isinstance(inputs, dict):
        return inputs["sequence"], inputs["length"]
    pictures: Tensor = Rows()(inputs) if inputs.ndim == 4 else inputs
    return pictures, None
