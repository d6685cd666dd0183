"""TrivialAugment."""

import torch

from luthier.core.card import TipCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.data.augment.augmentation import Augmentation, Draw, Fill, Pixel, Size
from luthier.data.augment.composer import apply
from luthier.data.augment.geometric import draw_chance
from luthier.data.augment.policy import OPERATIONS, Choice, Space, operate

LEVELS = 30


SPACE = Space(shear=0.99, share=0, pixels=32, degrees=135, factor=0.99, bits=2)
"""The wide space of the paper; a shift is in pixels, so that small pictures may leave the frame altogether."""


class TrivialAugment(Augmentation):
    """Send each picture through one operation of `randaugment`'s fourteen at a strength drawn for it.

    >>> TrivialAugment(probability=0).off
    True
    """

    name = "trivialaugment"
    card = TipCard(
        summary="Sends each picture through one operation drawn from fourteen at a strength drawn for it.",
        source="Mueller and Hutter, TrivialAugment: tuning-free yet state-of-the-art data augmentation, 2021 (wide)",
        cost="one operation on each picture",
        claim="Wide ResNet-28-10 on CIFAR-10 at 97.5% accuracy, RandAugment at 97.3%",
    )

    probability: float = hyperparameter(
        1.0,
        bounds=Range(0, 1),
        search=Search(0, 1),
        description="share of pictures that are changed; 0 is none, 1 is all",
    )
    fill: Fill = hyperparameter(
        "zeros",
        description="what comes in from outside: black (zeros), the nearest pixel (edge) or the picture reflected "
        "(reflect)",
    )

    @property
    def off(self) -> bool:
        return self.probability == 0

    def draw(self, size: Size, rng: torch.Generator) -> Draw:
        count = size[0]
        operation = torch.randint(len(OPERATIONS), (count,), generator=rng)
        level = torch.randint(LEVELS + 1, (count,), generator=rng) / LEVELS
        sign = 1 - 2 * draw_chance(count, 0.5, rng).float()
        operation[~draw_chance(count, self.probability, rng)] = OPERATIONS.index("identity")
        draws = operate(Choice(operation, level, sign), size, SPACE, self.fill)
        return Pixel(lambda pictures: apply(pictures, draws))
