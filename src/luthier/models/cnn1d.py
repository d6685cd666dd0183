"""Convolutions over time.

Sources: Wang, Yan and Oates, Time series classification from scratch with deep neural networks, 2017 (blocks and the
average over time); Kim, Convolutional neural networks for sentence classification, 2014 (words in place of samples).
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

from luthier.core.batch import Inputs
from luthier.core.card import ArchitectureCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.core.errors import BadInput
from luthier.models.activations import ActivationField, ReLU
from luthier.models.architecture import Shape
from luthier.models.modules import to_sequences
from luthier.models.recurrent import ROWS_OF_MNIST, SequenceArchitecture, check_steps


class CNN1d(SequenceArchitecture):
    """Convolutions over the steps of a sequence (T, F), or over the rows of a picture, and their average over time.

    Each is followed by batch normalisation and the activation; zeros around the ends keep the T steps.

    >>> sum(p.numel() for p in CNN1d(depth=1, width=5).build((7, 3), 2).parameters())
    97
    """

    name = "cnn1d"
    card = ArchitectureCard(
        summary="Convolutions over time and their average, for sequences.",
        source="Wang, Yan and Oates, Time series classification from scratch with deep neural networks, 2017",
        native_size=ROWS_OF_MNIST,
    )

    depth: int = hyperparameter(3, bounds=Range(1), search=Search(1, 6), description="convolutions on one another")
    width: int = hyperparameter(
        128, bounds=Range(1), search=Search(16, 512, log=True), description="maps of each convolution"
    )
    kernel: int = hyperparameter(
        5,
        bounds=Range(1),
        search=Search(3, 9, step=2),
        description="steps that a kernel sees, an odd number; 1 sees no order",
    )
    activation: ActivationField = hyperparameter(ReLU(), description="what follows each convolution")
    dropout: float = hyperparameter(
        0.0,
        bounds=Range(0, 1, high_open=True),
        search=Search(0, 0.5),
        description="share of averages dropped before the output; 0 is none",
    )

    def build(self, shape: Shape, outputs: int) -> nn.Module:
        if self.kernel % 2 == 0:
            raise BadInput(
                f"{self.name}.kernel must be odd, so that it has a middle, but got {self.kernel}; "
                f"set {self.kernel - 1} or {self.kernel + 1}"
            )
        sizes = [check_steps(self.name, shape)[1]] + [self.width] * self.depth
        blocks = [self._block(before, after) for before, after in pairwise(sizes)]
        return TimeConvolutions(blocks, nn.Dropout(self.dropout), nn.Linear(self.width, outputs))

    def _block(self, before: int, after: int) -> nn.Module:
        convolution = nn.Conv1d(before, after, self.kernel, padding=self.kernel // 2, bias=False)
        return nn.Sequential(convolution, nn.BatchNorm1d(after), self.activation.build())


class TimeConvolutions(nn.Module):
    """Blocks over time, the average of the valid steps, the output; takes what `to_sequences` takes.

    In evaluation a padded sequence is answered as if it stood alone: behind its end each block sees zeros.
    """

    def __init__(self, blocks: list[nn.Module], dropout: nn.Dropout, output: nn.Linear) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(blocks)
        self.dropout = dropout
        self.output = output

    def forward(self, x: Inputs) -> Tensor:
        sequence, lengths = to_sequences(x)
        maps, valid = sequence.transpose(1, 2), _valid(sequence, lengths)
        for block in self.blocks:
            maps = block(_mask(maps, valid))
        total = _mask(maps, valid).sum(2)
        steps = maps.shape[2] if lengths is None else lengths.to(maps).unsqueeze(1)
        logits: Tensor = self.output(self.dropout(total / steps))
        return logits


def _valid(sequence: Tensor, lengths: Tensor | None) -> Tensor | None:
    """Mark the steps that exist (B, 1, T); None where all do."""
    if lengths is None:
        return None
    numbers = torch.arange(sequence.shape[1], device=sequence.device)
    return (numbers < lengths.to(sequence.device).unsqueeze(1)).unsqueeze(1)


def _mask(maps: Tensor, valid: Tensor | None) -> Tensor:
    return maps if valid is None else maps.masked_fill(~valid, 0)
