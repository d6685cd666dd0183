"""Proposes the values of the next trial, from nothing but the plan and what is known of earlier ones.

So the same seed and the same results give the same proposal, whichever worker asks, in whatever order results came.
"""

import logging
import sys
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseSampler, GPSampler, RandomSampler, TPESampler
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial

from luthier.study.tune.space import Params, Space
from luthier.study.tune.stages import Plan
from luthier.study.tune.trial import DEFAULT, Outcome, Trial

QUASI_RANDOM = "quasi-random"
FINDER = "finder"
ALL = sys.maxsize
"""Of jobs: more than there are."""


optuna.logging.get_logger("optuna").setLevel(logging.ERROR)  # its account of every study goes to people's terminals


def suggest_params(
    plan: Plan, number: int, trials: Sequence[Trial], before: int, others: Sequence[Trial] = ()
) -> tuple[dict[str, Any], str]:
    """Propose the values of a trial, and say what proposed them.

    trials: all that were given so far. before: results of jobs from this number on are not looked at. others: trials
    of other machines, whose results are all looked at.
    """
    if number == DEFAULT:
        return plan.space.default_values(), "default"
    if number <= len(plan.proposals):
        return dict(plan.proposals[number - 1]), FINDER
    seen = [*((trial, before) for trial in trials), *((other, ALL) for other in others)]
    known = [frozen for trial, jobs in seen if (frozen := _to_optuna(plan, trial, jobs)) is not None]
    if (
        number < plan.startup_trials
        or plan.sampler == QUASI_RANDOM
        or not any(one.state.is_finished() for one in known)
    ):
        return plan.space.values_at(_sobol_point(plan, number)), QUASI_RANDOM
    study = optuna.create_study(
        directions=list_directions(plan), sampler=make_sampler(plan.sampler, plan.seed("suggestion", number))
    )
    study.add_trials(known)
    return _ask_sampler(plan.space, study), plan.sampler


def list_directions(plan: Plan) -> list[StudyDirection]:
    """List whether each objective is to be large or small; all beside the metric are costs, which are to be small."""
    first = StudyDirection.MAXIMIZE if plan.higher else StudyDirection.MINIMIZE
    return [first, *(StudyDirection.MINIMIZE for _ in plan.objectives[1:])]


def _sobol_point(plan: Plan, number: int) -> list[float]:
    """Return a point of a scrambled Sobol sequence: Owen, Scrambling Sobol' and Niederreiter-Xing points, 1998."""
    from scipy.stats.qmc import Sobol

    points = Sobol(len(plan.space.dimensions), rng=plan.seed("quasi-random", 0))
    if number > 1:
        points.fast_forward(number - 1)
    return [float(point) for point in points.random(1)[0]]


def _ask_sampler(space: Space, study: optuna.Study) -> dict[str, Any]:
    trial, found = study.ask(), dict[str, Any]()
    for dimension in space.dimensions:
        if space.is_active(found, dimension):
            found[dimension.path] = dimension.suggest(trial)
    return found


def list_distributions(space: Space, params: Params) -> dict[str, BaseDistribution]:
    """List what each of these values was drawn from."""
    return {dimension.path: dimension.distribution for dimension in space.dimensions if dimension.path in params}


def _to_optuna(plan: Plan, trial: Trial, before: int) -> FrozenTrial | None:
    """Turn a trial, as it was known before a job, into one of Optuna; None of one that lacks a value of the space."""
    if not plan.space.is_complete(trial.params):
        return None
    seen = trial.outcome_before(before)
    state = _state(plan, trial, seen)
    return create_trial(
        state=state,
        values=list_objectives(plan, trial, before) if state == TrialState.COMPLETE else None,
        params=dict(trial.params),
        distributions=list_distributions(plan.space, trial.params),
        intermediate_values=dict(seen.scores) if seen else {},
    )


def _state(plan: Plan, trial: Trial, seen: Outcome | None) -> TrialState:
    if seen is None or (seen.ended == "paused" and trial.target > max(seen.scores)):
        return TrialState.RUNNING
    if seen.ended == "finished":
        return TrialState.COMPLETE
    return TrialState.PRUNED if len(plan.objectives) == 1 else TrialState.FAIL  # samplers compare such by one score


def list_objectives(plan: Plan, trial: Trial, before: int) -> list[float] | None:
    """List the objectives of a trial as they were known before a job; None while there is no score."""
    seen = trial.outcome_before(before)
    if seen is None or not seen.scores:
        return None
    return [seen.scores[max(seen.scores)], *(seen.costs[name] for name in plan.objectives[1:])]


MOST_GOOD = 25


def _count_good(results: int) -> int:
    """Count how many results are good ones: a quarter, 25 at most. A tenth, as Optuna has it, is one of ten."""
    return min(-(-results // 4), MOST_GOOD)


def _make_tpe(seed: int) -> BaseSampler:
    return TPESampler(seed=seed, n_startup_trials=1, multivariate=True, group=True, gamma=_count_good)


def _make_gp(seed: int) -> BaseSampler:
    return GPSampler(seed=seed, n_startup_trials=1)


def _make_random(seed: int) -> BaseSampler:
    return RandomSampler(seed=seed)


SAMPLERS: dict[str, Callable[[int], BaseSampler]] = {"gp": _make_gp, "random": _make_random, "tpe": _make_tpe}


def make_sampler(name: str, seed: int) -> BaseSampler:
    """Make a sampler by its name; equal seeds and equal studies make equal suggestions."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        warnings.filterwarnings("ignore", "`gamma` has been deprecated", FutureWarning)  # it stays until Optuna 6
        return SAMPLERS[name](seed)
