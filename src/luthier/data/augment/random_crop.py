"""Random windows of the picture."""

import math

import torch
from torch import Tensor

from luthier.core.card import TipCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.data.augment.augmentation import Size
from luthier.data.augment.geometric import Geometric, draw_uniform, draw_whole, scale_matrix, shift_matrix


class RandomCrop(Geometric):
    """Cut a window out of the padded picture; below area 1 the window is smaller and is stretched to the full size.

    >>> RandomCrop(padding=0).draw((1, 1, 4, 4), torch.Generator()).matrix[0].tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """

    name = "random-crop"
    card = TipCard(
        summary="Random crop of the padded picture; with an area below 1 a smaller window, resized.",
        source="He, Zhang, Ren and Sun, Deep residual learning for image recognition, 2016 (padding 4); Szegedy et "
        "al., Going deeper with convolutions, 2015 (area from 0.08, aspect up to 4/3)",
        cost="a matrix more in the one resample that all moves of a recipe share",
        claim="with crops and flips AlexNet could be as large as it was; without them it overfitted substantially "
        "(Krizhevsky, Sutskever and Hinton, 2012)",
    )

    padding: int = hyperparameter(
        4,
        bounds=Range(0),
        search=Search(0, 8),
        description="pixels by which the window may leave the picture on each side; 0 keeps it inside",
    )
    area: float = hyperparameter(
        1.0,
        bounds=Range(0, 1, low_open=True),
        search=Search(0.08, 1),
        description="least share of the picture in the window; 1 is its size, moved by whole pixels, near 0 a few "
        "pixels",
    )
    aspect: float = hyperparameter(
        4 / 3,
        bounds=Range(1),
        description="how far a window below area 1 may be stretched in one direction; 1 keeps the picture's "
        "proportions",
    )

    @property
    def off(self) -> bool:
        return self.padding == 0 and self.area == 1

    def matrices(self, size: Size, rng: torch.Generator) -> Tensor:
        count, _, height, width = size
        if self.area == 1:
            return shift_matrix(draw_whole(count, self.padding, rng), draw_whole(count, self.padding, rng))
        share = draw_uniform(count, self.area, 1, rng)
        stretch = draw_uniform(count, -1, 1, rng).mul(math.log(self.aspect)).exp()
        across, down = (share * stretch).sqrt().clamp(max=1), (share / stretch).sqrt().clamp(max=1)
        right = draw_uniform(count, -1, 1, rng) * (self.padding + width * (1 - across) / 2)
        below = draw_uniform(count, -1, 1, rng) * (self.padding + height * (1 - down) / 2)
        return scale_matrix(1 / across, 1 / down) @ shift_matrix(-right, -below)
