"""Group normalisation."""

from torch import nn

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.core.errors import BadInput
from luthier.models.layers.layer import Layer, Shape, picture


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
        channels, *_ = picture(self.name, shape)
        if channels % self.groups:
            raise BadInput(
                f"{self.name}.groups must divide the {channels} maps, but got {self.groups}; "
                f"set for example groups = {channels}"
            )
        return nn.GroupNorm(self.groups, channels)
