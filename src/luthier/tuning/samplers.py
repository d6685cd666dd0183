"""What proposes the values of a trial: Optuna's samplers by name, made anew for each suggestion."""

import warnings
from collections.abc import Callable

from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseSampler, GPSampler, RandomSampler, TPESampler

MOST_GOOD = 25


def _good(results: int) -> int:
    """How many results count as good ones: a quarter, 25 at most. A tenth, as Optuna has it, is one of ten."""
    return min(-(-results // 4), MOST_GOOD)


def _tpe(seed: int) -> BaseSampler:
    return TPESampler(seed=seed, n_startup_trials=1, multivariate=True, group=True, gamma=_good)


def _gp(seed: int) -> BaseSampler:
    return GPSampler(seed=seed, n_startup_trials=1)


def _random(seed: int) -> BaseSampler:
    return RandomSampler(seed=seed)


SAMPLERS: dict[str, Callable[[int], BaseSampler]] = {"gp": _gp, "random": _random, "tpe": _tpe}


def sampler(name: str, seed: int) -> BaseSampler:
    """A new sampler of a name; equal seeds and equal studies make equal suggestions."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        warnings.filterwarnings("ignore", "`gamma` has been deprecated", FutureWarning)  # it stays until Optuna 6
        return SAMPLERS[name](seed)
