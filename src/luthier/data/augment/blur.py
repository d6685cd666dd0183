"""Gaussian blur."""

import torch
from torch import Tensor

from luthier.core.card import TipCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.data.augment.augmentation import Augmentation, Draw, Pixel, Size
from luthier.data.augment.geometric import draw_uniform


class Blur(Augmentation):
    """Blur each picture by a Gaussian of a width of its own; beyond the edge nothing is taken to be there.

    >>> Blur(sigma=0).off
    True
    """

    name = "blur"
    card = TipCard(
        summary="Blurs each picture by a Gaussian of a width of its own.",
        source="Chen, Kornblith, Norouzi and Hinton, A simple framework for contrastive learning of visual "
        "representations, 2020; the usual form is torchvision's GaussianBlur",
        cost="two passes of a small filter over the batch",
        claim="SimCLR's linear evaluation on ImageNet from 63.2% to 64.5% accuracy; a supervised ResNet-50 from "
        "75.7% to 75.4%",
    )

    sigma: float = hyperparameter(
        1.0,
        bounds=Range(0),
        search=Search(0, 2),
        description="largest width in pixels, widths being drawn from 0 on; 0 changes nothing, a large one leaves the "
        "mean",
    )

    @property
    def off(self) -> bool:
        return self.sigma == 0

    def draw(self, size: Size, rng: torch.Generator) -> Draw:
        sigma = draw_uniform(size[0], 0, self.sigma, rng)
        return Pixel(lambda pictures: blur(pictures, sigma).clamp_(0, 1))


SHARP = 1e-3
"""A width in pixels below which no neighbour counts in 32 bits; it stands in for 0, which cannot be divided by."""


def blur_weights(length: int, sigma: Tensor) -> Tensor:
    """Compute the weight of each pixel of a row in each blurred one (B, length, length), for widths in pixels (B,).

    What would fall on pixels outside goes to those inside: every row sums to 1, so that an even picture stays even.

    >>> blur_weights(3, torch.tensor([0.0]))[0].tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    place = torch.arange(length, dtype=sigma.dtype)
    apart = (place - place[:, None]) / sigma.clamp(min=SHARP)[:, None, None]
    weights = torch.exp(apart.square() / -2)
    return weights / weights.sum(-1, keepdim=True)


def blur(pictures: Tensor, sigma: Tensor) -> Tensor:
    """Blur pictures (B, C, H, W) by widths in pixels, one per picture or one for all (B,)."""
    height, width = pictures.shape[2:]
    down, across = (blur_weights(length, sigma)[:, None].to(pictures) for length in (height, width))
    return down @ pictures @ across.mT
