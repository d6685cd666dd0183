"""A picture of what the augmentations of a recipe do."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from luthier.core.errors import BadInput
from luthier.core.rng import generator
from luthier.data import Dataset
from luthier.data.augment.composer import apply_several
from luthier.data.loader import to_device
from luthier.data.split import split
from luthier.recipe.build import warn_of_label_changes
from luthier.recipe.network import resize_inputs
from luthier.recipe.recipe import Recipe

CELL, GAP = 72, 4
"""Least side of a picture on the sheet and the space between two, in pixels."""


def preview(dataset: Dataset, recipe: Recipe, examples: int = 8, draws: int = 9) -> np.ndarray:
    """Draw some training examples, one a row: first as it is, then as each of several draws changes it.

    examples: at least 1; the recipe's seed chooses them. draws: at least 1.
    Returns one picture (H, W, 1 or 3), uint8, small pictures enlarged by a whole factor.
    Raises BadInput where the data are not pictures, or the recipe has no augmentations.

    >>> from luthier.data import load
    >>> from luthier.recipe.read import read_recipe
    >>> from luthier.recipe.resolve import resolve
    >>> digits = load("digits")
    >>> recipe = resolve(read_recipe({"augment": {"translation": {}}, "data": {"size": 8}}), digits)
    >>> preview(digits, recipe, examples=2, draws=3).shape
    (156, 308, 1)
    """
    if not dataset.is_picture:
        raise BadInput(f"preview shows pictures, but {dataset.name} holds rows; give it pictures")
    if not recipe.augment:
        raise BadInput(
            "preview shows augmentations, but the recipe has none; add one, such as --set augment.rotation.degrees=10"
        )
    warn_of_label_changes(recipe, dataset)
    inputs = _some(dataset, recipe, examples)
    changed = apply_several(inputs, recipe.augment, draws, recipe.seed, "preview")
    return _sheet(torch.cat((inputs[:, None], changed), 1))


def save_preview(sheet: np.ndarray, path: Path) -> None:
    """Write the sheet as a PNG file.

    Raises BadInput where the path is not one.
    """
    from PIL import Image

    if path.suffix.lower() != ".png":
        raise BadInput(f"a preview is a .png file, but got {str(path)!r}; pass --out preview.png")
    try:
        Image.fromarray(sheet.squeeze(2) if sheet.shape[2] == 1 else sheet).save(path)
    except OSError as error:
        raise BadInput(f"{path} must be a file to write to, but is not ({error.strerror}); use --out") from None


def _some(dataset: Dataset, recipe: Recipe, examples: int) -> Tensor:
    """Take some examples of the training part, as a batch has them (B, C, H, W)."""
    train = split(dataset, recipe.seed, recipe.split).train
    order = torch.randperm(len(train), generator=generator(recipe.seed, "preview")).numpy()
    chosen = train[order[:examples]]
    pictures = resize_inputs(recipe, dataset.inputs[chosen])
    some = to_device(pictures, dataset.labels[chosen], len(dataset.classes), torch.device("cpu"))
    return some.inputs(some.indices)


def _sheet(pictures: Tensor) -> np.ndarray:
    """Lay pictures (rows, columns, C, H, W) out on grey; of many channels, three or one are shown."""
    shown = pictures[:, :, : 3 if pictures.shape[2] >= 3 else 1]
    rows, columns, channels, height, width = shown.shape
    times = max(1, -(-CELL // min(height, width)))
    large = shown.repeat_interleave(times, 3).repeat_interleave(times, 4)
    down, across = height * times + GAP, width * times + GAP
    sheet = torch.full((rows * down + GAP, columns * across + GAP, channels), 0.5)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down + GAP, j * across + GAP
            sheet[top : top + height * times, left : left + width * times] = large[i, j].permute(1, 2, 0)
    return sheet.mul(255).round().byte().numpy()
