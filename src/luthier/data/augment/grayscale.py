"""Pictures without colour."""

import torch

from luthier.core.card import TipCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.data.augment.augmentation import Augmentation, Colour, Draw, Size
from luthier.data.augment.geometric import draw_chance
from luthier.data.augment.pixel_operations import saturation


class Grayscale(Augmentation):
    """Take the colour out of some pictures, keeping their channels; one channel stays as it is.

    >>> Grayscale(probability=0).off
    True
    """

    name = "grayscale"
    card = TipCard(
        summary="Takes the colour out of some pictures.",
        source="Chen, Kornblith, Norouzi and Hinton, A simple framework for contrastive learning of visual "
        "representations, 2020; the usual form is torchvision's RandomGrayscale",
        cost="a matrix more in the one colour product that all colours of a recipe share",
        claim="no figure of its own; part of SimCLR's colour distortion",
    )

    probability: float = hyperparameter(
        0.1, bounds=Range(0, 1), search=Search(0, 0.5), description="share of pictures made grey; 0 is none, 1 is all"
    )

    @property
    def off(self) -> bool:
        return self.probability == 0

    def draw(self, size: Size, rng: torch.Generator) -> Draw:
        kept = 1 - draw_chance(size[0], self.probability, rng).float()
        return Colour(saturation(kept, size[1]))
