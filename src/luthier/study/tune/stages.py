"""The plan of a study, written before the first trial, and the epochs at which its trials are compared.

Sources: Jamieson and Talwalkar, Non-stochastic best arm identification and hyperparameter optimization, 2016; Li,
Jamieson, Rostamizadeh, Gonina, Ben-tzur, Hardt, Recht and Talwalkar, A system for massively parallel hyperparameter
tuning, 2020 (ASHA); Li, Jamieson, DeSalvo, Rostamizadeh and Talwalkar, Hyperband, 2018.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from luthier.core.rng import stream_seed
from luthier.recipe.read import read_recipe
from luthier.recipe.recipe import Recipe
from luthier.stats.metrics import METRICS
from luthier.study.tune.options import PlannedOptions, PrunerName, SamplerName
from luthier.study.tune.space import Dimension, Space

KIND = "tune"
SEEDS = 1 << 31
AHEAD = 4
"""So many workers at most give the same study; with more, a job depends on results twice as far back as there are."""
STARTUP_WITHOUT_TRIALS = 10
"""Quasi-random trials where time alone is given."""


@dataclass(frozen=True, kw_only=True)
class Plan(PlannedOptions):
    """What a study does: its options, none of them left open, and what followed from the recipe and the data.

    trials: None where minutes alone end the search. space: around the recipe, whose seed is the study's.
    objectives: the deciding metric, and perhaps parameters or flops.
    ahead: a job depends on results of jobs so many before it; so the study is the same for fewer workers.
    threads: of each worker. ratio: examples validated on for each trained on. salt: what the seeds of one of several
    machines at the same study differ by.
    proposals: the values of the trials after the default, in order, before anything else proposes any. finder: the
    learning rate that the finder suggested, where it was asked.
    """

    sampler: SamplerName
    pruner: PrunerName
    space: Space
    objectives: tuple[str, ...]
    ahead: int
    threads: int
    ratio: float
    salt: str = ""
    proposals: tuple[Mapping[str, Any], ...] = ()
    finder: float | None = None

    @property
    def recipe(self) -> Recipe:
        return self.space.recipe

    @property
    def epochs(self) -> int:
        """Epochs of a whole training."""
        return self.recipe.training.epochs

    @property
    def metric(self) -> str:
        """The metric that decides, on the validation part."""
        return self.recipe.training.monitor

    @property
    def higher(self) -> bool:
        """Whether a larger value of it is better."""
        return METRICS[self.metric].higher

    @property
    def contenders(self) -> int:
        """How many trials race at most."""
        return self.top if self.trials is None else min(self.top, self.trials)

    @property
    def startup_trials(self) -> int:
        """How many trials are spread evenly over the space, the default among them: the first third."""
        return STARTUP_WITHOUT_TRIALS if self.trials is None else -(-self.trials // 3)

    def rungs(self, trial: int) -> tuple[int, ...]:
        """Return the epochs at which a trial is compared; the default goes to its end, to time a whole training."""
        return (self.epochs,) if trial == 0 else PRUNERS[self.pruner](trial, self.epochs)

    def seed(self, what: str, number: int) -> int:
        """Return a seed of the study: of a trial, of the race, or of the fresh comparison; no two are equal."""
        return stream_seed(self.recipe.seed, f"tune/{what}{self.salt}", number) % SEEDS

    def dump(self) -> dict[str, Any]:
        """Return plain values, from which `Plan.of` makes it again."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "space"}
        return {
            "kind": KIND,
            "recipe": self.recipe.dump(),
            "recipe_hash": self.recipe.hash(),
            "seed": self.recipe.seed,
            "epochs": self.epochs,
            "metric": self.metric,
            "higher": self.higher,
            "space": [dimension.dump() for dimension in self.space.dimensions],
            **plain,
            "objectives": list(self.objectives),
            "proposals": list(map(dict, self.proposals)),
        }

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Plan":
        """Make a plan from what `dump` gave."""
        space = Space(read_recipe(values["recipe"]), tuple(map(Dimension.of, values["space"])))
        plain = {name: values[name] for name in cls.__dataclass_fields__ if name != "space"}
        lists = {name: tuple(values[name]) for name in ("objectives", "proposals")}
        return cls(**{**plain, **lists, "space": space})


def jobs_ahead(workers: int) -> int:
    """Return how far back the results lie that a job of the search depends on.

    >>> jobs_ahead(1), jobs_ahead(4), jobs_ahead(5)
    (4, 4, 10)
    """
    return 2 * workers if workers > AHEAD else AHEAD


def workers_of(ahead: int) -> int | None:
    """Return for how many workers a plan was made; None where it is the same for one to four of them."""
    return ahead // 2 if ahead > AHEAD else None


ETA = 3
"""One in so many goes on."""
FIRST_SHARE = 9
"""The first comparison comes after a ninth of a training, or one epoch."""


def _asha_rungs(number: int, epochs: int) -> tuple[int, ...]:
    return list_rungs(epochs)


def _hyperband_rungs(number: int, epochs: int) -> tuple[int, ...]:
    """Let trials take turns in beginning at the first rung, at the second, and so on."""
    rungs = list_rungs(epochs)
    return rungs[number % len(rungs) :]


def _one_rung(number: int, epochs: int) -> tuple[int, ...]:
    return (epochs,)


PRUNERS: dict[str, Callable[[int, int], tuple[int, ...]]] = {
    "asha": _asha_rungs,
    "hyperband": _hyperband_rungs,
    "none": _one_rung,
}
"""By name: the epochs at which a trial with this number is compared, the last of them the end of its training."""


@cache
def list_rungs(epochs: int) -> tuple[int, ...]:
    """Return the epochs at which trials are compared; from one to the next the factor is about 3.

    >>> list_rungs(20), list_rungs(3), list_rungs(1)
    ((2, 6, 20), (1, 3), (1,))
    """
    found = [epochs]
    while found[0] // ETA >= max(1, epochs // FIRST_SHARE):
        found.insert(0, found[0] // ETA)
    return tuple(found)


def promote(scores: Sequence[tuple[float, int]]) -> list[int]:
    """Choose which trials at one rung go on, the best first: one in three.

    scores: of each, of which more is better, and its number; of equal scores the lower number comes first.

    >>> promote([(0.5, 0), (0.9, 1), (0.7, 2)])
    [1]
    """
    ranked = sorted(scores, key=lambda one: (-one[0], one[1]))
    return [number for _, number in ranked[: len(ranked) // ETA]]
