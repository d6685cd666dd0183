"""What mattered in a search: how much of its success hung on each setting, and how sure that is."""

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

from luthier.stats import Interval, worst_for_diverged

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


def importances(
    trials: Sequence[tuple[Mapping[str, Any], float]],
    space: Mapping[str, BaseDistribution],
    higher: bool = True,
    seed: int = 0,
) -> dict[str, Interval]:
    """How much each setting matters for being among the best third of the trials, the most important first.

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
    >>> list(importances(trials, space))
    ['rate', 'decay']
    """
    if len(trials) < FEWEST or len({score for _, score in trials if math.isfinite(score)}) < 2:
        return {}
    scores = worst_for_diverged([score for _, score in trials], higher)
    frozen = [_as_optuna(params, score, space) for (params, _), score in zip(trials, scores, strict=True)]
    paths = [path for path in space if any(path in one.params for one in frozen)]
    rng = np.random.default_rng(seed)
    draws = [
        _shares([frozen[one] for one in rng.integers(len(frozen), size=len(frozen))], higher) for _ in range(DRAWS)
    ]
    whole = _shares(frozen, higher)
    found = {path: _interval(whole[path], [draw.get(path, 0.0) for draw in draws], len(trials)) for path in paths}
    return dict(sorted(found.items(), key=lambda item: -item[1].estimate))


def _as_optuna(params: Mapping[str, Any], score: float, space: Mapping[str, BaseDistribution]) -> FrozenTrial:
    searched = {path: value for path, value in params.items() if path in space}
    return create_trial(value=score, params=searched, distributions={path: space[path] for path in searched})


def _shares(trials: Sequence[FrozenTrial], higher: bool) -> dict[str, float]:
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    study = optuna.create_study(direction="maximize" if higher else "minimize")
    study.add_trials(trials)
    evaluator = PedAnovaImportanceEvaluator(target_quantile=GOOD)
    with warnings.catch_warnings(action="ignore", category=UserWarning):  # few trials of one kind: the interval says it
        return get_param_importances(study, evaluator=evaluator)


def _interval(share: float, drawn: Sequence[float], n: int) -> Interval:
    low, high = np.quantile(drawn, (0.05, 0.95))
    return Interval(share, min(float(low), share), max(float(high), share), n)
