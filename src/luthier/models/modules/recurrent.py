"""Stacked recurrent layers over padded sequences."""

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from luthier.core.batch import Inputs
from luthier.core.errors import BadInput
from luthier.models.modules.embedding import Rows

Cell = Literal["rnn", "lstm", "gru"]


FORGET = 1
"""Place of the forget gate among the four blocks of PyTorch's LSTM: input, forget, cell, output."""


class _InputFans(nn.RNNBase):
    """Names to initialisers the weights that see the input; the recurrent weights and the biases stay as built."""

    def fans(self) -> dict[str, tuple[float, float]]:
        """Return the connections into and out of each input weight, counted per gate."""
        names = [name for name, _ in self.named_parameters(recurse=False) if name.startswith("weight_ih")]
        return {name: (float(getattr(self, name).shape[1]), float(self.hidden_size)) for name in names}


class RNN(_InputFans, nn.RNN):
    """Elman's cell with tanh."""


class LSTM(_InputFans, nn.LSTM):
    """Cell with input, forget and output gate."""


class GRU(_InputFans, nn.GRU):
    """Cell with reset and update gate."""


CELLS: Mapping[Cell, type[RNN | LSTM | GRU]] = {"rnn": RNN, "lstm": LSTM, "gru": GRU}


class Recurrent(nn.Module):
    """Run a stack of recurrent layers over sequences (B, T, F); gives the states of the top layer (B, T, D).

    cell: rnn, lstm or gru. inputs: F. units: per layer and direction. layers: at least 1. bidirectional: a second
    stack reads from the end, and D is 2 x units, else units. dropout: share dropped between layers, 0 to below 1.
    The recurrent weights start orthogonal gate by gate, biases at 0, but the LSTM's forget gate at 1, so that it
    remembers at first. An initialiser sets the input weights only.
    Sources: Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks, 2014; Gers, Schmidhuber and Cummins, Learning to forget, 2000; Jozefowicz, Zaremba and Sutskever, An
    empirical exploration of recurrent network architectures, 2015.

    >>> Recurrent("gru", 3, 5, bidirectional=True)(torch.zeros(2, 7, 3)).shape
    torch.Size([2, 7, 10])
    """

    def __init__(
        self, cell: Cell, inputs: int, units: int, *, layers: int = 1, bidirectional: bool = False, dropout: float = 0.0
    ) -> None:
        super().__init__()
        between = dropout if layers > 1 else 0.0  # PyTorch warns where there is no place between layers
        self.cell = CELLS[cell](inputs, units, layers, batch_first=True, bidirectional=bidirectional, dropout=between)
        _start(self.cell)

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Compute the states of the top layer; after its end, a sequence's states are 0.

        lengths: steps of each sequence (B,), 1 to T; None where all have T. What stands behind the end is not read.
        """
        if lengths is None:
            states: Tensor = self.cell(x)[0]
            return states
        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        return pad_packed_sequence(self.cell(packed)[0], batch_first=True, total_length=x.shape[1])[0]


class LastState(nn.Module):
    """Take from states (B, T, D) the last valid one, (B, D): of the reverse half, that of the first step.

    bidirectional: whether the second half of D was read from the end.

    >>> states = torch.arange(6.0).view(1, 3, 2)
    >>> LastState(bidirectional=True)(states), LastState()(states, torch.tensor([2]))
    (tensor([[4., 1.]]), tensor([[2., 3.]]))
    """

    def __init__(self, bidirectional: bool = False) -> None:
        super().__init__()
        self.bidirectional = bidirectional

    def forward(self, states: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Take the last valid state. lengths: steps of each sequence (B,); None where all have T."""
        if lengths is None:
            last = states[:, -1]
        else:
            last = states[torch.arange(len(states), device=states.device), lengths.to(states.device) - 1]
        if not self.bidirectional:
            return last
        half = states.shape[2] // 2
        return torch.cat((last[:, :half], states[:, 0, half:]), 1)


def _start(cell: nn.RNNBase) -> None:
    """Set the first values, from the global generator, which the caller seeds."""
    for name, parameter in cell.named_parameters():
        gates = parameter.data.split(cell.hidden_size)
        if name.startswith("bias"):
            parameter.data.zero_()
        for gate in gates if name.startswith("weight") else ():
            (nn.init.orthogonal_ if "_hh_" in name else nn.init.xavier_uniform_)(gate)
        if name.startswith("bias_ih") and isinstance(cell, nn.LSTM):
            gates[FORGET].fill_(1)


Sequences = tuple[Tensor, Tensor | None]


def to_sequences(inputs: Inputs) -> Sequences:
    """Convert inputs to sequences (B, T, F) and their lengths (B,), None where all have T steps.

    inputs: pictures (B, C, H, W), whose rows are the steps; sequences (B, T, F); or padded sequences with their
        lengths from 1 to T, {"sequence": (B, T, F), "length": (B,)}, "length" being left out where all have T steps.
    Raises BadInput for anything else.

    >>> import torch
    >>> sequence, lengths = to_sequences(torch.zeros(2, 3, 7, 5))
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
