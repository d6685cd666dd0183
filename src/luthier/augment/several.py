"""The same pictures under several draws of the augmentations, to be looked at."""

from collections.abc import Sequence

import torch
from torch import Tensor

from luthier.augment.augmentation import Augmentation
from luthier.augment.composer import Composer
from luthier.core.rng import generator


def several(inputs: Tensor, augmentations: Sequence[Augmentation], draws: int, seed: int, stream: str) -> Tensor:
    """Change pictures (B, C, H, W) in [0, 1] by each of several draws: (B, draws, C, H, W).

    draws: at least 1. stream: name under which the draws are made; training draws under others.

    >>> several(torch.zeros(2, 1, 5, 7), (), 3, 0, "example").shape
    torch.Size([2, 3, 1, 5, 7])
    """
    composer = Composer(tuple(augmentations))
    changed = [
        composer(inputs, lambda name, draw=draw: generator(seed, f"{stream}/{name}", draw))  # type: ignore[misc]  # a default is how a loop's value is kept
        for draw in range(draws)
    ]
    return torch.stack(changed, 1)
