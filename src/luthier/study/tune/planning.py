"""Makes the plan of a study from its options, its recipe and its data."""

from dataclasses import fields, replace
from pathlib import Path

import torch

from luthier.core.errors import BadInput, raise_all
from luthier.data import Dataset
from luthier.data.split import split
from luthier.recipe.build import prepare
from luthier.recipe.compatibility import check_recipe, check_split
from luthier.recipe.recipe import Recipe
from luthier.recipe.values import read_toml
from luthier.study.tune.learning_rate_finder import HIGH, LOW, rate_curve
from luthier.study.tune.options import PlannedOptions, TuneOptions
from luthier.study.tune.space import Space
from luthier.study.tune.space_reader import default_space, read_space
from luthier.study.tune.stages import Plan, jobs_ahead

TRIALS = 24
SAMPLER = "tpe"
LEARNING_RATE = "optimizer.learning_rate"
FACTORS = (1 / 3, 1, 3)
"""The suggestion is a rate that learns fast at the beginning; which one ends best may lie to either side."""


def make_plan(options: TuneOptions, recipe: Recipe, dataset: Dataset, workers: int) -> Plan:
    """Choose what the options leave open, and read the search space.

    workers: at once.
    Raises BadInput where the space is wrong or there is nothing to compare trials on.
    """
    parts = split(dataset, recipe.seed, recipe.split)
    raise_all([*check_recipe(recipe, "search"), *check_split(recipe, dataset, parts, "search")])
    space = _choose_space(options, recipe, dataset, len(parts.train))
    chosen = {field.name: getattr(options, field.name) for field in fields(PlannedOptions)}
    if options.trials is None and options.minutes is None:
        chosen["trials"] = TRIALS
    if options.sampler is None:
        chosen["sampler"] = SAMPLER
    if options.pruner is None:  # by two objectives no trial can be stopped early, and of few rates none is to be
        chosen["pruner"] = "none" if options.cost or options.lr_only else "asha"
    return Plan(
        **chosen,
        space=space,
        objectives=(recipe.training.monitor, *((options.cost,) if options.cost else ())),
        ahead=jobs_ahead(workers),
        threads=options.threads,
        ratio=len(parts.validation) / len(parts.train),
    )


def _choose_space(options: TuneOptions, recipe: Recipe, dataset: Dataset, examples: int) -> Space:
    if options.lr_only:
        return rate_space(recipe)
    if options.space is None:
        return default_space(recipe, dataset, examples)
    if isinstance(options.space, str | Path):
        return read_space(read_toml(Path(options.space), "a search space"), recipe)
    return read_space(options.space, recipe)


def extend_plan(plan: Plan, options: TuneOptions) -> Plan:
    """Give a plan another end where one is asked for."""
    if options.trials is None and options.minutes is None:
        return plan
    return replace(plan, trials=options.trials, minutes=options.minutes)


def rate_space(recipe: Recipe) -> Space:
    """Return the space of the learning rate alone, in the range that the optimizer declares."""
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
        proposals=tuple({LEARNING_RATE: rate} for rate in rates),
        trials=1 + len(rates),
        top=min(plan.top, 1 + len(rates)),
    )


def rates_around(suggestion: float, space: Space) -> list[float]:
    """Return a third of a rate, the rate and three times it, in three digits, within the range that is searched.

    >>> from luthier.recipe.read import read_recipe
    >>> rates_around(0.0123456, rate_space(read_recipe({"optimizer": "adamw"})))
    [0.00412, 0.0123, 0.037]
    """
    (dimension,) = space.dimensions
    assert dimension.low is not None and dimension.high is not None
    rates = (min(dimension.high, max(dimension.low, float(f"{suggestion * factor:.3g}"))) for factor in FACTORS)
    return list(dict.fromkeys(rates))
