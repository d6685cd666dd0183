"""What the moves of pictures have in common."""

import torch
from torch import Tensor

from luthier.augment.augmentation import Affine, Augmentation, Draw, Fill, Size
from luthier.core.declare import hyperparameter


class Geometric(Augmentation):
    """Moves each picture's points; all moves of a recipe that fill alike are one resample, bilinear."""

    fill: Fill = hyperparameter(
        "zeros",
        description="what comes in from outside: black (zeros), the nearest pixel (edge) or the picture reflected "
        "(reflect)",
    )

    def draw(self, size: Size, rng: torch.Generator) -> Draw:
        return Affine(self.matrices(size, rng), self.fill)

    def matrices(self, size: Size, rng: torch.Generator) -> Tensor:
        """Draw the moves (B, 3, 3)."""
        raise NotImplementedError
