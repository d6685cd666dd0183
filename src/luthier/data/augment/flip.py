"""Mirror pictures: left and right, or top and bottom."""

import torch

from luthier.core.card import TipCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.data.augment.augmentation import Affine, Augmentation, Draw, Size
from luthier.data.augment.geometric import draw_chance, scale_matrix


class HorizontalFlip(Augmentation):
    """Exchange left and right of some pictures.

    >>> HorizontalFlip(probability=1).draw((1, 1, 4, 4), torch.Generator()).matrix[0].tolist()
    [[-1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """

    name = "horizontal-flip"
    card = TipCard(
        summary="Exchanges left and right of some pictures.",
        source="Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional neural networks, "
        "2012",
        cost="a matrix more in the one resample that all moves of a recipe share",
        claim="with crops and flips AlexNet could be as large as it was; without them it overfitted substantially",
    )

    probability: float = hyperparameter(
        0.5,
        bounds=Range(0, 1),
        search=Search(0, 0.5),
        description="share of pictures that are flipped; 0 is none, 1 is all",
    )

    @property
    def off(self) -> bool:
        return self.probability == 0

    @property
    def label_changing(self) -> bool:
        return not self.off

    def draw(self, size: Size, rng: torch.Generator) -> Draw:
        sign = 1 - 2 * draw_chance(size[0], self.probability, rng).float()
        return Affine(scale_matrix(sign, torch.ones_like(sign)))


class VerticalFlip(Augmentation):
    """Exchange above and below of some pictures.

    >>> VerticalFlip(probability=1).draw((1, 1, 4, 4), torch.Generator()).matrix[0].tolist()
    [[1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, 1.0]]
    """

    name = "vertical-flip"
    card = TipCard(
        summary="Exchanges above and below of some pictures.",
        source="Buslaev et al., Albumentations: fast and flexible image augmentations, 2020",
        cost="a matrix more in the one resample that all moves of a recipe share",
        claim="no figure of its own; for pictures that have no upside, such as those from above",
    )

    probability: float = hyperparameter(
        0.5,
        bounds=Range(0, 1),
        search=Search(0, 0.5),
        description="share of pictures that are flipped; 0 is none, 1 is all",
    )

    @property
    def off(self) -> bool:
        return self.probability == 0

    @property
    def label_changing(self) -> bool:
        return not self.off

    def draw(self, size: Size, rng: torch.Generator) -> Draw:
        sign = 1 - 2 * draw_chance(size[0], self.probability, rng).float()
        return Affine(scale_matrix(torch.ones_like(sign), sign))
