"""The one place that knows in which forms sequences reach a network."""

from torch import Tensor

from luthier.core.batch import Inputs
from luthier.core.errors import BadInput
from luthier.models.modules.rows import Rows

Sequences = tuple[Tensor, Tensor | None]


def as_sequences(inputs: Inputs) -> Sequences:
    """Bring inputs to sequences (B, T, F) and their lengths (B,), None where all have T steps.

    inputs: pictures (B, C, H, W), whose rows are the steps; sequences (B, T, F); or padded sequences with their
        lengths from 1 to T, {"sequence": (B, T, F), "length": (B,)}, "length" being left out where all have T steps.
    Raises BadInput for anything else.

    >>> import torch
    >>> sequence, lengths = as_sequences(torch.zeros(2, 3, 7, 5))
    >>> sequence.shape, lengths
    (torch.Size([2, 7, 15]), None)
    """
    if isinstance(inputs, dict):
        return _pad(inputs)
    pictures: Tensor = Rows()(inputs) if inputs.ndim == 4 else inputs
    return pictures, None


def _pad(inputs: dict[str, Tensor]) -> Sequences:
    if "sequence" not in inputs:
        raise BadInput(f"inputs must hold 'sequence', but hold {', '.join(inputs) or 'nothing'}; name it so")
    sequence, lengths = inputs["sequence"], inputs.get("length")
    if lengths is not None:
        _check(lengths, *sequence.shape[:2])
    return sequence, lengths


def _check(lengths: Tensor, count: int, steps: int) -> None:
    if lengths.shape != (count,) or lengths.is_floating_point():
        raise BadInput(
            f"lengths must be {count} whole numbers, one for each sequence, but got {lengths.dtype} of shape "
            f"{tuple(lengths.shape)}; pass one for each"
        )
    outside = (lengths < 1) | (lengths > steps)
    if outside.any():
        raise BadInput(
            f"lengths must be from 1 to the {steps} steps of the sequences, but {int(outside.sum())} are not, "
            f"such as {int(lengths[outside][0])}; mend them or drop such sequences"
        )
