"""Pictures with a hole."""

import math
from typing import Literal

import torch
from torch import Tensor

from luthier.core.card import TipCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.data.augment.augmentation import Augmentation, Draw, Pixel, Size
from luthier.data.augment.geometric import draw_chance, draw_uniform

LEAST_AREA, ASPECT = 0.02, 1 / 0.3
"""Smallest share of the picture and most stretched form of the paper."""


class RandomErasing(Augmentation):
    """Replace a rectangle of some pictures; its area, form and place are drawn, all of it inside the picture.

    >>> RandomErasing(probability=0).off
    True
    """

    name = "random-erasing"
    card = TipCard(
        summary="Replaces a random rectangle of some pictures by noise or black.",
        source="Zhong, Zheng, Kang, Li and Yang, Random erasing data augmentation, 2017, arXiv 1708.04896; with black "
        "it is close to DeVries and Taylor, Improved regularization of convolutional neural networks with cutout, 2017",
        cost="a rectangle for each picture",
        claim="Wide ResNet-28-10 on CIFAR-10 from 3.72% to 3.08% error",
    )

    probability: float = hyperparameter(
        0.5, bounds=Range(0, 1), search=Search(0, 1), description="share of pictures with a hole; 0 is none, 1 is all"
    )
    area: float = hyperparameter(
        0.4,
        bounds=Range(0, 1),
        search=Search(0.05, 0.5),
        description="largest share of the picture in the rectangle, drawn from 0.02 on; 0 erases nothing, 1 may erase "
        "all",
    )
    content: Literal["noise", "zeros"] = hyperparameter(
        "noise", description="what is put there: even noise between 0 and 1 for each value, or black (zeros)"
    )

    @property
    def off(self) -> bool:
        return self.probability == 0 or self.area == 0

    def draw(self, size: Size, rng: torch.Generator) -> Draw:
        hole = self._hole(size, rng)
        content = torch.rand(size, generator=rng) if self.content == "noise" else torch.zeros(())
        return Pixel(lambda pictures: torch.where(hole.to(pictures.device), content.to(pictures), pictures))

    def _hole(self, size: Size, rng: torch.Generator) -> Tensor:
        """Mark the pixels that are replaced (B, 1, H, W)."""
        count, _, height, width = size
        share = draw_uniform(count, min(LEAST_AREA, self.area), self.area, rng)
        stretch = draw_uniform(count, -1, 1, rng).mul(math.log(ASPECT) / 2).exp()
        rows = _inside(height, (share.sqrt() * stretch), rng)[:, :, None]
        columns = _inside(width, (share.sqrt() / stretch), rng)[:, None]
        chosen = draw_chance(count, self.probability, rng)[:, None, None]
        return (rows & columns & chosen)[:, None]


def _inside(length: int, share: Tensor, rng: torch.Generator) -> Tensor:
    """Mark a run of pixels of the given shares of the length, at a random place (B, length)."""
    pixels = (share * length).round().clamp(1, length)
    start = (torch.rand(len(share), generator=rng) * (length - pixels + 1)).floor()
    place = torch.arange(length)
    return (place >= start[:, None]) & (place < (start + pixels)[:, None])
