"""Pictures slanted."""

import torch
from torch import Tensor

from luthier.core.card import TipCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.data.augment.augmentation import Size
from luthier.data.augment.geometric import Geometric, draw_uniform, shear_matrix


class Shear(Geometric):
    """Slide rows, and columns where asked for, in proportion to their distance from the centre.

    >>> Shear(horizontal=0).off
    True
    """

    name = "shear"
    card = TipCard(
        summary="Slants each picture: rows slide in proportion to their distance from the centre, or columns.",
        source="LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998 "
        "(horizontal)",
        cost="a matrix more in the one resample that all moves of a recipe share",
        claim="with translations, scales, squeezes and shears together LeNet-5 on MNIST from 0.95% to 0.8% error",
    )

    horizontal: float = hyperparameter(
        0.2,
        bounds=Range(0, 2),
        search=Search(0, 0.5),
        description="largest slide of rows in pixels per pixel, either way; 0 keeps them, 1 slants by 45 degrees",
    )
    vertical: float = hyperparameter(
        0.0,
        bounds=Range(0, 2),
        search=Search(0, 0.5),
        description="largest slide of columns in pixels per pixel, either way; 0 keeps them, 1 slants by 45 degrees",
    )

    @property
    def off(self) -> bool:
        return self.horizontal == self.vertical == 0

    def matrices(self, size: Size, rng: torch.Generator) -> Tensor:
        across, down = (draw_uniform(size[0], -1, 1, rng) * most for most in (self.horizontal, self.vertical))
        return shear_matrix(across, down)
