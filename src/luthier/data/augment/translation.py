"""Pictures shifted."""

import torch
from torch import Tensor

from luthier.core.card import TipCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.data.augment.augmentation import Size
from luthier.data.augment.geometric import Geometric, draw_uniform, shift_matrix


class Translation(Geometric):
    """Shift each picture across and down; `random-crop` does so by whole pixels.

    >>> Translation(share=0).off
    True
    """

    name = "translation"
    card = TipCard(
        summary="Shifts each picture across and down by shares of its sides.",
        source="LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998",
        cost="a matrix more in the one resample that all moves of a recipe share",
        claim="with translations, scales, squeezes and shears together LeNet-5 on MNIST from 0.95% to 0.8% error",
    )

    share: float = hyperparameter(
        0.1,
        bounds=Range(0, 1),
        search=Search(0, 0.3),
        description="largest shift in each direction, as a share of the side; 0 changes nothing, 1 may leave nothing "
        "in view",
    )

    @property
    def off(self) -> bool:
        return self.share == 0

    def matrices(self, size: Size, rng: torch.Generator) -> Tensor:
        count, _, height, width = size
        right, down = (draw_uniform(count, -1, 1, rng) * self.share * side for side in (width, height))
        return shift_matrix(right, down)
