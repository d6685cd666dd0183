"""Training pictures as the network sees them: brought to its size, augmented."""

import numpy as np
import torch

from luthier.augment.several import several
from luthier.core.rng import generator
from luthier.data import Dataset, split
from luthier.data.loader import to_device
from luthier.data.resize import resize_pictures
from luthier.page import thumbnail
from luthier.recipe import Recipe
from luthier.report.cases import Case, numbers

MOST_CLASSES, DRAWS = 20, 3
OF_VALUES = 8


def samples(dataset: Dataset, recipe: Recipe) -> list[Case]:
    """One training picture of each class, at most 20, or some where values are predicted: as it is, then augmented."""
    if not dataset.is_picture:
        return []
    chosen = _choose(dataset, recipe)
    size = recipe.data.size
    inputs = dataset.inputs[chosen]
    pictures = resize_pictures(inputs, size, recipe.data.fit) if size else inputs
    some = to_device(pictures, dataset.labels[chosen], len(dataset.classes), torch.device("cpu"))
    plain = some.inputs(some.indices)
    changed = several(plain, recipe.augment, DRAWS, recipe.seed, "report") if recipe.augment else plain[:, None][:, :0]
    rows = torch.cat((plain[:, None], changed), 1)
    return [Case([_shown(one) for one in row], [_label(dataset, int(k))]) for row, k in zip(rows, chosen, strict=True)]


def _choose(dataset: Dataset, recipe: Recipe) -> np.ndarray:
    train = split(dataset, recipe.seed, recipe.split).train
    order = train[torch.randperm(len(train), generator=generator(recipe.seed, "report")).numpy()]
    if not dataset.classes:
        return np.asarray(order[:OF_VALUES])
    _, first = np.unique(dataset.labels[order], return_index=True)
    return np.asarray(order[first[:MOST_CLASSES]])


def _shown(picture: torch.Tensor) -> str:
    """A picture (C, H, W) in [0, 1]."""
    return thumbnail(picture.mul(255).clamp(0, 255).round().byte().permute(1, 2, 0).numpy())


def _label(dataset: Dataset, example: int) -> str:
    label = dataset.labels[example]
    return dataset.classes[label] if dataset.classes else numbers(label)
