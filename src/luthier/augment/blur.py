"""Pictures out of focus."""

import torch

from luthier.augment.augmentation import Augmentation, Draw, Pixel, Size
from luthier.augment.draws import uniform
from luthier.augment.gaussian import blur
from luthier.core.card import TipCard
from luthier.core.declare import Range, Search, hyperparameter


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
        sigma = uniform(size[0], 0, self.sigma, rng)
        return Pixel(lambda pictures: blur(pictures, sigma).clamp_(0, 1))
