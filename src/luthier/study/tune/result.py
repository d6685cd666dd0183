"""What came of a study, in plain values: a function of its plan, its trials and the runs after the search."""

import logging
import math
import threading
import warnings
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial, create_trial

from luthier.stats import Interval, expected_best, worst_for_diverged
from luthier.stats.metrics import METRICS
from luthier.stats.selection import Judgement, judge
from luthier.study.tune.budget import FRESH, RACE, epochs_by_stage
from luthier.study.tune.confirmation import Confirmation, search_score, stage_seeds
from luthier.study.tune.search import trial_directory
from luthier.study.tune.stages import Plan
from luthier.study.tune.trial import DEFAULT, Trial

BEST = "best.toml"
DEFAULT_WON = "the default won the race: no trial was better on its seeds"
NOT_ASKED = "not asked: without fresh seeds nothing is known but the search score, so the default is kept"


def make_result(plan: Plan, trials: Sequence[Trial], confirmation: Confirmation) -> dict[str, Any]:
    """Summarise everything that a study has found; numbers that are not finite are None."""
    higher = plan.higher
    judged = judge_winner(plan, confirmation)
    return {
        "budget": epochs_by_stage(plan),
        "trial_list": [trial_row(plan, trial) for trial in trials],
        "search": _describe_search(trials),
        "best": _describe_best(plan, trials, confirmation.winner),
        "race": _describe_race(plan, confirmation),
        "fresh": _describe_confirmation(plan, confirmation, judged),
        "shipped": select_recipe(judged),
        "expected_best": [
            {"n": n, "mean": mean}
            for n, mean in enumerate(expected_best([_score_of(trial) for trial in trials], higher), 1)
        ],
        "boundary": _find_boundary(plan, trials[confirmation.winner]),
        "importance": _describe_importance(plan, trials),
        "front": _describe_front(plan, trials),
    }


def _keep_finite(scores: Sequence[float]) -> list[float]:
    return [score for score in scores if math.isfinite(score)]


def _score_of(trial: Trial) -> float:
    """Return the score by which a trial counts among all: of one that was stopped the last, of one that failed none."""
    return trial.score if trial.last is not None and trial.last.ended in ("paused", "finished") else math.nan


def _finite_or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None


def judge_winner(plan: Plan, confirmation: Confirmation) -> Judgement | None:
    """Judge what the pairs on confirmation seeds say; None where there are none."""
    if confirmation.fresh is None:
        return None
    higher, share = plan.higher, METRICS[plan.metric].share
    return judge(*confirmation.fresh, higher=higher, share=share, ratio=plan.ratio)


def select_recipe(judged: Judgement | None) -> str:
    """Select the recipe that is kept: the default, unless another has proved itself on confirmation seeds."""
    return "best" if judged is not None and judged.ships else "default"


def trial_row(plan: Plan, trial: Trial) -> dict[str, Any]:
    """Describe a trial as the page and scripts take it."""
    last, outcomes = trial.last, trial.outcomes.values()
    scores = dict(sorted(last.scores.items())) if last else {}
    return {
        "number": trial.number,
        "how": trial.how,
        "params": dict(trial.params),
        "seed": trial.seed,
        "state": {"paused": "stopped"}.get(last.ended, last.ended) if last else "begun",
        "why": last.why if last else None,
        "scores": {str(epoch): score for epoch, score in scores.items()},
        "score": _finite_or_none(trial.score),
        "epochs": max(scores, default=0),
        "seconds": round(sum(outcome.seconds for outcome in outcomes), 3),
        "examples": last.examples if last else 0,
        "threads": last.threads if last else plan.threads,
        "directory": trial_directory(trial.number),
        "values": [last.costs.get(name) for name in plan.objectives[1:]] if last else [],
    }


def _describe_search(trials: Sequence[Trial]) -> dict[str, Any]:
    outcomes = [outcome for trial in trials for outcome in trial.outcomes.values()]
    ends: list[str] = [trial.last.ended for trial in trials if trial.last]
    seconds, examples = (
        sum(outcome.seconds for outcome in outcomes),
        sum(trial.last.examples for trial in trials if trial.last),
    )
    return {
        "trials": len(trials),
        **{name: ends.count(one) for name, one in ENDS.items()},
        "examples": examples,
        "worker_seconds": round(seconds, 3),
    }


ENDS = {"finished": "finished", "stopped": "paused", "diverged": "diverged", "failed": "failed"}


def _describe_best(plan: Plan, trials: Sequence[Trial], winner: int) -> dict[str, Any]:
    recipe = plan.space.make_recipe(trials[winner].params, plan.recipe.seed)
    return {
        "trial": winner,
        "recipe": recipe.dump(),
        "file": BEST,
        "search_score": _finite_or_none(search_score(trials[winner])),
        "optimistic": winner != DEFAULT,
    }


def _describe_race(plan: Plan, confirmation: Confirmation) -> dict[str, Any] | None:
    if not confirmation.race:
        return None
    entries = [
        {"trial": trial, **_describe_scores(scores)}
        for trial, scores in zip(confirmation.racing, confirmation.race, strict=True)
    ]
    return {"seeds": stage_seeds(plan, RACE), "entries": entries}


def _describe_scores(scores: Sequence[float]) -> dict[str, Any]:
    known = _keep_finite(scores)
    return {
        "scores": [_finite_or_none(score) for score in scores],
        "mean": math.fsum(known) / len(known) if known else None,
    }


def _describe_confirmation(plan: Plan, confirmation: Confirmation, judged: Judgement | None) -> dict[str, Any]:
    if confirmation.fresh is None or judged is None:
        words = DEFAULT_WON if confirmation.winner == DEFAULT and plan.fresh_seeds else NOT_ASKED
        return {"seeds": [], "default": None, "best": None, "difference": None, "interval": None, "n": 0,
                "delta": None, "diverged": 0, "further_pairs": None, "verdict": words}  # fmt: skip
    sign = 1 if plan.higher else -1
    ends = sorted((sign * judged.gain.low, sign * judged.gain.high))
    return {
        "seeds": stage_seeds(plan, FRESH),
        "default": _describe_scores(confirmation.fresh[0]),
        "best": _describe_scores(confirmation.fresh[1]),
        "difference": sign * judged.gain.estimate,
        "interval": ends,
        "n": judged.gain.n,
        "delta": judged.delta,
        "diverged": judged.diverged,
        "further_pairs": judged.further_pairs,
        "verdict": judged.verdict,
    }


def _find_boundary(plan: Plan, winner: Trial) -> list[dict[str, Any]]:
    """Find settings of the winner that lie at an end of their range, which may be too narrow."""
    known = [dimension for dimension in plan.space.dimensions if dimension.path in winner.params]
    ends = [(one.path, winner.params[one.path], one.find_edge(winner.params[one.path])) for one in known]
    return [{"path": path, "value": value, "end": end} for path, value, end in ends if end]


def _describe_importance(plan: Plan, trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """Measure importance; of a trial that was stopped the last score counts, mostly lower than one it never came to."""
    known = [
        (trial.params, trial.last.scores[max(trial.last.scores)] if trial.last.scores else math.nan)
        for trial in trials
        if trial.last
    ]
    space = {dimension.path: dimension.distribution for dimension in plan.space.dimensions}
    found = measure_importance(known, space, plan.higher, plan.recipe.seed)
    return [{"path": path, "share": one.estimate, "interval": [one.low, one.high]} for path, one in found.items()]


def _describe_front(plan: Plan, trials: Sequence[Trial]) -> list[dict[str, Any]] | None:
    if len(plan.objectives) == 1:
        return None
    sign = 1 if plan.higher else -1
    points = {
        trial.number: (search_score(trial), *(trial.last.costs[name] for name in plan.objectives[1:]))
        for trial in trials
        if trial.last is not None and math.isfinite(search_score(trial))
    }
    turned = {number: (sign * first, *(-cost for cost in costs)) for number, (first, *costs) in points.items()}
    return [{"trial": number, "values": list(points[number])} for number in find_front(turned)]


def render_best_recipe(plan: Plan, trials: Sequence[Trial], winner: int) -> str:
    """Write the winner's recipe as TOML."""
    return plan.space.make_recipe(trials[winner].params, plan.recipe.seed).to_toml()


FEWEST = 10
GOOD = 1 / 3
"""Share of the trials that count as good: with 10 trials four, where the usual tenth would be a single one."""
DRAWS = 50


optuna.logging.get_logger("optuna").setLevel(logging.ERROR)  # its account of every study goes to people's terminals


def import_in_background(trials: int | None) -> None:
    """Import what measures importance while workers train: it brings scikit-learn, which takes more than a second.

    trials: of the search, None where time ends it; of too few nothing is measured.
    """
    if trials is None or trials >= FEWEST:
        threading.Thread(target=import_module, args=("optuna.importance",), daemon=True).start()


def measure_importance(
    trials: Sequence[tuple[Mapping[str, Any], float]],
    space: Mapping[str, BaseDistribution],
    higher: bool = True,
    seed: int = 0,
) -> dict[str, Interval]:
    """Measure how much each setting matters for being among the best third of the trials, the most important first.

    trials: values by path, and the score of each; a path is missing where a setting was not there, as momentum with an
        optimizer that has none. A score that is not finite stands for a diverged trial and ranks last.
    space: what each path was drawn from. higher: whether larger scores are better. seed: of the draws.
    Each share lies in [0, 1], and they sum to 1: from 0, good values are spread like all that were tried, to 1, they
    differ in this setting alone. The interval holds the share, and nine tenths of those found when the trials are drawn
    again with replacement. Empty below 10 trials, or where no two scores differ.
    The measure looks at ranks and at what was tried: one diverged trial does not outweigh all others, and a search that
    dwelt in one corner does not pass for evidence about it. With an analysis of variance by a forest both would be so.
    Source: Watanabe et al., PED-ANOVA: efficiently quantifying hyperparameter importance in arbitrary subspaces, 2023.

    >>> from optuna.distributions import FloatDistribution
    >>> space = {"rate": FloatDistribution(0, 1), "decay": FloatDistribution(0, 1)}
    >>> trials = [({"rate": n / 20, "decay": n * 7 % 20 / 20}, -abs(n - 9)) for n in range(20)]
    >>> list(measure_importance(trials, space))
    ['rate', 'decay']
    """
    if len(trials) < FEWEST or len({score for _, score in trials if math.isfinite(score)}) < 2:
        return {}
    scores = worst_for_diverged([score for _, score in trials], higher)
    frozen = [_to_optuna(params, score, space) for (params, _), score in zip(trials, scores, strict=True)]
    paths = [path for path in space if any(path in one.params for one in frozen)]
    rng = np.random.default_rng(seed)
    draws = [
        _measure_shares([frozen[one] for one in rng.integers(len(frozen), size=len(frozen))], higher)
        for _ in range(DRAWS)
    ]
    whole = _measure_shares(frozen, higher)
    found = {path: _make_interval(whole[path], [draw.get(path, 0.0) for draw in draws], len(trials)) for path in paths}
    return dict(sorted(found.items(), key=lambda item: -item[1].estimate))


def _to_optuna(params: Mapping[str, Any], score: float, space: Mapping[str, BaseDistribution]) -> FrozenTrial:
    searched = {path: value for path, value in params.items() if path in space}
    return create_trial(value=score, params=searched, distributions={path: space[path] for path in searched})


def _measure_shares(trials: Sequence[FrozenTrial], higher: bool) -> dict[str, float]:
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    study = optuna.create_study(direction="maximize" if higher else "minimize")
    study.add_trials(trials)
    evaluator = PedAnovaImportanceEvaluator(target_quantile=GOOD)
    with warnings.catch_warnings(action="ignore", category=UserWarning):  # few trials of one kind: the interval says it
        return get_param_importances(study, evaluator=evaluator)


def _make_interval(share: float, drawn: Sequence[float], n: int) -> Interval:
    low, high = np.quantile(drawn, (0.05, 0.95))
    return Interval(share, min(float(low), share), max(float(high), share), n)


def find_front(points: Mapping[int, Sequence[float]]) -> list[int]:
    """Find the points that no other equals or exceeds in all values and exceeds in one; their keys by first value.

    points: values of which more is better.

    >>> find_front({0: (0.9, -100), 1: (0.8, -50), 2: (0.7, -80)})
    [0, 1]
    """
    best = [key for key, one in points.items() if not any(_beats(other, one) for other in points.values())]
    return sorted(best, key=lambda key: [-value for value in points[key]])


def _beats(other: Sequence[float], one: Sequence[float]) -> bool:
    pairs = list(zip(other, one, strict=True))
    return all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)
