"""RandAugment."""

import torch

from luthier.core.card import TipCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.data.augment.augmentation import Augmentation, Draw, Fill, Pixel, Size
from luthier.data.augment.composer import apply
from luthier.data.augment.geometric import draw_chance
from luthier.data.augment.policy import OPERATIONS, Choice, Space, operate

LEVELS = 30


SPACE = Space(shear=0.3, share=150 / 331, pixels=0, degrees=30, factor=0.9, bits=4)
"""Ends of the levels as torchvision's RandAugment has them."""


class RandAugment(Augmentation):
    """Send each picture through some operations drawn for it from fourteen, all at one magnitude.

    The operations are identity, auto-contrast, brightness, color, contrast (about mid-grey), equalize, posterize,
    rotate, sharpness, shear and translate along each side, and solarize; the sign is drawn where there is one.

    >>> RandAugment(operations=0).off
    True
    """

    name = "randaugment"
    card = TipCard(
        summary="Sends each picture through some operations drawn from fourteen, all at one magnitude.",
        source="Cubuk, Zoph, Shlens and Le, RandAugment: practical automated data augmentation with a reduced search "
        "space, 2020",
        cost="the operations drawn, each on the pictures that drew it",
        claim="Wide ResNet-28-10 on CIFAR-10 from 96.1% to 97.3% accuracy",
    )

    operations: int = hyperparameter(
        2,
        bounds=Range(0, 14),
        search=Search(1, 3),
        description="operations per picture, one after the other, which may be the same; 0 changes nothing",
    )
    magnitude: float = hyperparameter(
        9.0,
        bounds=Range(0, LEVELS),
        search=Search(0, LEVELS),
        description="strength of every operation; 0 leaves those that have one at their least, 30 at their most",
    )
    fill: Fill = hyperparameter(
        "zeros",
        description="what comes in from outside: black (zeros), the nearest pixel (edge) or the picture reflected "
        "(reflect)",
    )

    @property
    def off(self) -> bool:
        return self.operations == 0

    def draw(self, size: Size, rng: torch.Generator) -> Draw:
        level = torch.full((size[0],), self.magnitude / LEVELS)
        rounds = []
        for _ in range(self.operations):
            operation = torch.randint(len(OPERATIONS), (size[0],), generator=rng)
            sign = 1 - 2 * draw_chance(size[0], 0.5, rng).float()
            rounds.append(operate(Choice(operation, level, sign), size, SPACE, self.fill))

        def applied(pictures: torch.Tensor) -> torch.Tensor:
            for draws in rounds:
                pictures = apply(pictures, draws)
            return pictures

        return Pixel(applied)
