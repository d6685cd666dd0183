"""What a user asks of a study beside the recipe, checked before anything is read or started."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from luthier.core.errors import nearest, raise_all
from luthier.core.worker_process import processors
from luthier.data import Dataset
from luthier.data.split import split
from luthier.recipe.recipe import Recipe
from luthier.recipe.values import read_toml
from luthier.study.tune.learning_rate_finder import rate_space
from luthier.study.tune.space import Space
from luthier.study.tune.space_reader import default_space, read_space
from luthier.study.tune.stages import PRUNERS, Plan
from luthier.study.tune.train_trial import COSTS
from luthier.study.tune.trial_sampler import QUASI_RANDOM, SAMPLERS

TRIALS = 24


SAMPLER = "tpe"


OF_A_SEARCH = ("space", "trials", "sampler", "pruner", "cost")
"""What a search alone is asked."""


CHOSEN = ("trials", "workers")
"""Counts that are chosen where nothing is said."""


AHEAD = 4
"""So many workers at most give the same study; with more, a job depends on results twice as far back as there are."""


@dataclass(frozen=True)
class TuneOptions:
    """What a study is asked; None is chosen for the user.

    trials: of the search, by default 24 where there are no minutes. minutes: for everything. space: a TOML file or its
    values. workers: processes at once, by default one for each core. threads: of each. sampler, pruner: by name, by
    default tpe, and asha where there is one objective. cost: a second objective. top, race_seeds, fresh_seeds: as in
    `Plan`. lr_only: learning rates around the finder's suggestion are all that is tried.
    """

    trials: int | None = None
    minutes: float | None = None
    space: Mapping[str, Any] | Path | str | None = None
    workers: int | None = None
    threads: int = 1
    sampler: str | None = None
    pruner: str | None = None
    cost: str | None = None
    top: int = 5
    race_seeds: int = 3
    fresh_seeds: int = 6
    lr_only: bool = False

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, np.generic):  # its numbers are numbers, but no file takes them
                object.__setattr__(self, one.name, value.item())

    @property
    def worker_count(self) -> int:
        """How many workers there are."""
        return self.workers or max(1, processors() // self.threads)

    def check(self) -> None:
        """Raise BadInput with everything that is wrong."""
        raise_all([*self._counts(), *self._minutes(), *self._names(), *self._forms(), *self._against_lr_only()])

    def _counts(self) -> Iterator[str]:
        least = {"trials": 2, "workers": 1, "threads": 1, "top": 1, "race_seeds": 0, "fresh_seeds": 0}
        for name, low in least.items():
            value, option = getattr(self, name), f"--{name.replace('_', '-')}"
            if value is None and name in CHOSEN:
                continue
            if not isinstance(value, int) or isinstance(value, bool):
                yield f"{option} must be a whole number, but got {value!r}; give one of at least {low}"
            elif value < low:
                yield f"{option} must be at least {low}, but got {value}; raise it or leave it out"
        if self.fresh_seeds == 1:
            yield "--fresh-seeds must be 0 or at least 2, as one pair has no interval, but got 1; 6 are usual"

    def _minutes(self) -> Iterator[str]:
        one = self.minutes
        if one is not None and not (isinstance(one, int | float) and one is not True and 0 < one < float("inf")):
            yield f"--minutes must be a number above 0, but got {one!r}; give the time for the whole study"

    def _forms(self) -> Iterator[str]:
        space: Any = self.space
        lr_only: Any = self.lr_only
        if not isinstance(space, Mapping | Path | str | None):
            yield f"--space must be a file or a mapping, but got {space!r}; give the path of a TOML file"
        if not isinstance(lr_only, bool):
            yield f"--lr-only must be True or False, but got {lr_only!r}; leave it out"

    def _names(self) -> Iterator[str]:
        known = {"sampler": (QUASI_RANDOM, *SAMPLERS), "pruner": tuple(PRUNERS), "cost": COSTS}
        for name, names in known.items():
            value = getattr(self, name)
            if value is not None and value not in names:
                yield f"--{name} must be one that exists, but got {value!r}; {nearest(str(value), names)}"
        if self.cost and self.pruner not in (None, "none"):
            yield (
                f"--cost asks for two objectives, by which trials cannot be stopped early, but got --pruner "
                f"{self.pruner}; leave it out"
            )

    def _against_lr_only(self) -> Iterator[str]:
        for name in OF_A_SEARCH:
            if self.lr_only and getattr(self, name) is not None:
                yield (
                    f"--lr-only tries nothing but learning rates around the finder's, but got --{name} "
                    f"{getattr(self, name)}; leave out one of the two"
                )

    def make_plan(self, recipe: Recipe, dataset: Dataset) -> Plan:
        """The plan of the study; raise BadInput where the space is wrong or there is nothing to compare trials on."""
        parts = split(dataset, recipe.seed, recipe.split)
        raise_all(_check_recipe(recipe, len(parts.validation)))
        space = self._space(recipe, dataset, len(parts.train))
        trials = TRIALS if self.trials is None and self.minutes is None else self.trials
        every = self.cost or self.lr_only  # trials are trained to their end
        return Plan(
            space=space,
            trials=trials,
            minutes=self.minutes,
            sampler=self.sampler or SAMPLER,
            pruner=self.pruner or ("none" if every else "asha"),
            objectives=(recipe.training.monitor, *((self.cost,) if self.cost else ())),
            top=self.top,
            race_seeds=self.race_seeds,
            fresh_seeds=self.fresh_seeds,
            ahead=max(AHEAD, 2 * self.worker_count if self.worker_count > AHEAD else 0),
            threads=self.threads,
            ratio=len(parts.validation) / len(parts.train),
        )

    def _space(self, recipe: Recipe, dataset: Dataset, examples: int) -> Space:
        if self.lr_only:
            return rate_space(recipe)
        if self.space is None:
            return default_space(recipe, dataset, examples)
        given = self.space if isinstance(self.space, Mapping) else read_toml(Path(self.space), "a search space")
        return read_space(given, recipe)

    def extend_plan(self, plan: Plan) -> Plan:
        """A plan that is gone on with, to another end where one is asked for."""
        if self.trials is None and self.minutes is None:
            return plan
        return replace(plan, trials=self.trials, minutes=self.minutes)


def _check_recipe(recipe: Recipe, validation: int) -> Iterator[str]:
    yield from check_own_parts(recipe, "a search")
    if not validation:
        yield "trials are compared on a validation part, but split.validation leaves none; set it above 0"


def check_own_parts(recipe: Recipe, who: str) -> Iterator[str]:
    """Say which parts no other process would know. who: trains in such a one."""
    own = recipe.own_classes()
    if own:
        names = ", ".join(one.name for one in own)
        yield (
            f"{who} trains in processes of their own, which know the names of the catalogue alone, but the recipe "
            f"has {names}; use parts of the catalogue"
        )
