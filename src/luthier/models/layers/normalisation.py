"""Norms over a batch, groups of channels, a layer, and neighbouring channels."""

from torch import nn

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.core.errors import BadInput
from luthier.models.layers.layer import Layer, Shape, check_picture


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


class GroupNorm(Layer):
    """Bring each group of maps of a picture (C, H, W) to mean 0 and variance 1; the batch plays no part.

    >>> GroupNorm(groups=2).build((6, 5, 7)).num_channels
    6
    """

    name = "group-norm"
    card = Card(
        summary="Group normalisation: each group of maps with mean 0 and variance 1 within an example.",
        source="Wu and He, Group normalization, 2018",
    )

    groups: int = hyperparameter(
        32,
        bounds=Range(1),
        search=Search(1, 32, log=True),
        description="number of groups, a divisor of the maps; 1 takes them all together, as many as maps each by "
        "itself",
    )

    def build(self, shape: Shape) -> nn.Module:
        channels, *_ = check_picture(self.name, shape)
        if channels % self.groups:
            raise BadInput(
                f"{self.name}.groups must divide the {channels} maps, but got {self.groups}; "
                f"set for example groups = {channels}"
            )
        return nn.GroupNorm(self.groups, channels)


class LayerNorm(Layer):
    """Bring all values of a picture (C, H, W) or row (F,), or each step of a sequence (T, F), to mean 0, variance 1.

    Each value then gets a learned scale and shift. The batch plays no part.

    >>> LayerNorm().build((7, 5)).normalized_shape
    (5,)
    """

    name = "layer-norm"
    card = Card(
        summary="Layer normalisation: each example with mean 0 and variance 1.",
        source="Ba, Kiros and Hinton, Layer normalization, 2016",
    )

    def build(self, shape: Shape) -> nn.Module:
        return nn.LayerNorm(shape[1:] if len(shape) == 2 else shape)


class LocalResponseNorm(Layer):
    """Divide each value of pictures (C, H, W) by (k + alpha times the sum of squares of near maps) ^ beta.

    As in the paper, alpha multiplies the sum; PyTorch divides its alpha by the size first.

    >>> LocalResponseNorm().build((6, 5, 7)).alpha
    0.0005
    """

    name = "local-response-norm"
    card = Card(
        summary="Local response normalisation: strong maps damp their neighbours.",
        source="Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional neural "
        "networks, 2012",
    )

    size: int = hyperparameter(
        5, bounds=Range(1), search=Search(3, 9), description="maps that are summed over; 1 is the map itself"
    )
    alpha: float = hyperparameter(
        1e-4,
        bounds=Range(0),
        search=Search(1e-5, 1e-2, log=True),
        description="how much neighbours damp; 0 is not at all",
    )
    beta: float = hyperparameter(
        0.75, bounds=Range(0), search=Search(0.5, 1), description="exponent; 0 changes nothing, 0.5 divides by a length"
    )
    k: float = hyperparameter(
        2.0, bounds=Range(0, low_open=True), description="what is added to the sum; large values damp evenly"
    )

    def build(self, shape: Shape) -> nn.Module:
        check_picture(self.name, shape)
        return nn.LocalResponseNorm(self.size, self.alpha * self.size, self.beta, self.k)
