"""Pictures with above and below exchanged."""

import torch

from luthier.augment.augmentation import Affine, Augmentation, Draw, Size
from luthier.augment.draws import chance
from luthier.augment.moves import scaling
from luthier.core.card import TipCard
from luthier.core.declare import Range, Search, hyperparameter


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
        sign = 1 - 2 * chance(size[0], self.probability, rng).float()
        return Affine(scaling(torch.ones_like(sign), sign))
