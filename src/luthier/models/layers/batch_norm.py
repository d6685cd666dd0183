"""Batch normalisation."""

from torch import nn

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.core.errors import BadInput
from luthier.models.layers.layer import Layer, Shape


class BatchNorm(Layer):
    """Bring each map of pictures (C, H, W), or each column of rows (F,), to mean 0 and variance 1 over the batch.

    Each then gets a learned scale and shift; in evaluation the running averages stand in for the batch's.

    >>> BatchNorm().build((3, 5, 7)).num_features
    3
    """

    name = "batch-norm"
    card = Card(
        summary="Batch normalisation: each map with mean 0 and variance 1 over the batch.",
        source="Ioffe and Szegedy, Batch normalization: accelerating deep network training by reducing internal "
        "covariate shift, 2015",
    )

    momentum: float = hyperparameter(
        0.1,
        bounds=Range(0, 1),
        search=Search(0.01, 0.3, log=True),
        description="share of the newest batch in the running averages; 0 keeps the first values, 1 only the newest",
    )

    def build(self, shape: Shape) -> nn.Module:
        if len(shape) == 2:
            raise BadInput(f"{self.name} needs pictures or rows, but gets shape {shape}; use layer-norm for sequences")
        return (nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d)(shape[0], momentum=self.momentum)
