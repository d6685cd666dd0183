"""Learning rates to try, around what the finder suggests."""

from dataclasses import replace

import torch

from luthier.build import prepare
from luthier.core.errors import BadInput
from luthier.data import Dataset
from luthier.rate_finder import HIGH, LOW, rate_curve
from luthier.recipe import Recipe
from luthier.tuning.plan import Plan
from luthier.tuning.reading import read_space
from luthier.tuning.space import Space

PATH = "optimizer.learning_rate"
FACTORS = (1 / 3, 1, 3)
"""The suggestion is a rate that learns fast at the beginning; which one ends best may lie to either side."""


def rate_space(recipe: Recipe) -> Space:
    """The space of the learning rate alone, in the range that the optimizer declares."""
    return read_space({"optimizer": {"learning_rate": {}}}, recipe)


def find_rates(plan: Plan, dataset: Dataset, device: torch.device) -> Plan:
    """Run the finder on the recipe of a plan, and let its trials be the rates around the suggestion.

    Rates outside of the searched range are brought to its ends.
    Raises BadInput where the finder has nothing to suggest.
    """
    curve = rate_curve(prepare(plan.recipe, dataset, device))
    if curve.suggestion is None:
        raise BadInput(
            f"--lr-only needs a learning rate to begin with, but the loss never falls between {LOW:g} and {HIGH:g}; "
            "look at the curve with luthier find-lr, and mend the recipe"
        )
    rates = rates_around(curve.suggestion, plan.space)
    return replace(
        plan,
        finder=curve.suggestion,
        proposals=tuple({PATH: one} for one in rates),
        trials=1 + len(rates),
        top=min(plan.top, 1 + len(rates)),
    )


def rates_around(suggestion: float, space: Space) -> list[float]:
    """A third of a rate, the rate and three times it, in three digits, within the range that is searched.

    >>> from luthier.recipe import read_recipe
    >>> rates_around(0.0123456, rate_space(read_recipe({"optimizer": "adamw"})))
    [0.00412, 0.0123, 0.037]
    """
    (dimension,) = space.dimensions
    assert dimension.low is not None and dimension.high is not None
    rates = (min(dimension.high, max(dimension.low, float(f"{suggestion * one:.3g}"))) for one in FACTORS)
    return list(dict.fromkeys(rates))
