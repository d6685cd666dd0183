"""The space where nobody gave one: the six settings that every textbook tunes, as far as the recipe has them."""

from collections.abc import Iterator
from dataclasses import replace

from luthier.data import Dataset
from luthier.recipe import Recipe
from luthier.tuning.declared import look_up
from luthier.tuning.dimension import Dimension
from luthier.tuning.reading import from_declarations, in_order
from luthier.tuning.space import Space

SIX = ("optimizer.learning_rate", "optimizer.weight_decay", "training.batch_size", "model.dropout", "model.width")
"""The sixth is the strength of augmentation."""
STRENGTH = "augmentation-strength"
AT_FULL = {"augment.rotation.degrees": 20.0, "augment.random-scale.share": 0.2, "augment.translation.share": 0.1}
"""Strength 1: what handwriting and most photographs bear; none of them makes another sign of one."""
STEPS_PER_EPOCH = 4
"""An epoch of fewer steps is no training."""


def default_space(recipe: Recipe, dataset: Dataset, examples: int) -> Space:
    """The default space: learning rate, weight decay, batch size, dropout, network size and augmentation strength.

    examples: how many are trained on; a batch is at most a quarter of them.
    """
    return Space(recipe, in_order([*_declared_dimensions(recipe, examples), *_strength(recipe, dataset)]))


def _declared_dimensions(recipe: Recipe, examples: int) -> Iterator[Dimension]:
    for path in SIX:
        settings = [one for one in look_up(path, recipe, {}).values() if one.search]
        if not settings:
            continue
        one = from_declarations(path, settings, {}, [])
        if path == "training.batch_size":
            one = replace(one, high=min(int(one.high or 0), examples // STEPS_PER_EPOCH))
        if one.low is not None and one.high is not None and one.low < one.high:
            yield one


def _strength(recipe: Recipe, dataset: Dataset) -> Iterator[Dimension]:
    """How strongly pictures are changed: the recipe's own augmentations are left as somebody chose them."""
    if dataset.is_picture and not recipe.augment:
        says = "how strongly pictures are turned, scaled and moved; 0 not at all, 1 by 20 degrees, a fifth and a tenth"
        yield Dimension(STRENGTH, 0.0, 1.0, scales=AT_FULL, says=says)
