"""Noise on every pixel."""

import torch

from luthier.core.card import TipCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.data.augment.augmentation import Augmentation, Draw, Pixel, Size


class Noise(Augmentation):
    """Add Gaussian noise to every value and cut off what leaves [0, 1].

    >>> Noise(std=0).off
    True
    """

    name = "noise"
    card = TipCard(
        summary="Adds Gaussian noise to every pixel and cuts off what leaves [0, 1].",
        source="Sietsma and Dow, Creating artificial neural networks that generalize, 1991",
        cost="a random number for each value",
        claim="no figure of its own on pictures",
    )

    std: float = hyperparameter(
        0.05,
        bounds=Range(0, 1),
        search=Search(0, 0.3),
        description="standard deviation, where black is 0 and white is 1; 0 changes nothing, 1 drowns the picture",
    )

    @property
    def off(self) -> bool:
        return self.std == 0

    def draw(self, size: Size, rng: torch.Generator) -> Draw:
        values = torch.randn(size, generator=rng)
        return Pixel(lambda pictures: torch.add(pictures, values.to(pictures), alpha=self.std).clamp_(0, 1))
