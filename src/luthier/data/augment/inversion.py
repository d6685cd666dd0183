"""Pictures as negatives."""

import torch

from luthier.core.card import TipCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.data.augment.augmentation import Augmentation, Colour, Draw, Size
from luthier.data.augment.geometric import draw_chance
from luthier.data.augment.pixel_operations import contrast


class Inversion(Augmentation):
    """Make negatives of some pictures: light becomes dark.

    >>> Inversion(probability=0).off
    True
    """

    name = "inversion"
    card = TipCard(
        summary="Makes negatives of some pictures.",
        source="Cubuk, Zoph, Mane, Vasudevan and Le, AutoAugment: learning augmentation policies from data, 2018",
        cost="a matrix more in the one colour product that all colours of a recipe share",
        claim="no figure of its own; one of AutoAugment's operations",
    )

    probability: float = hyperparameter(
        0.5, bounds=Range(0, 1), search=Search(0, 0.5), description="share of pictures inverted; 0 is none, 1 is all"
    )

    @property
    def off(self) -> bool:
        return self.probability == 0

    def draw(self, size: Size, rng: torch.Generator) -> Draw:
        sign = 1 - 2 * draw_chance(size[0], self.probability, rng).float()
        return Colour(contrast(sign, size[1]))
