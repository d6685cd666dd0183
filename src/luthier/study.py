"""Many runs asked for by one question; here: the same recipe under several seeds."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from luthier.core.errors import BadInput, DamagedFile, Interrupted
from luthier.core.files import make_directory, read_sealed, write_sealed
from luthier.core.lock import owned
from luthier.models.metrics import Metrics
from luthier.recipe import Recipe
from luthier.run import Run, unused
from luthier.run.resume import differences
from luthier.stats import mean_interval

LEDGER = "study.json"
FEWEST = 2
BOUNDS = {"accuracy": (0.0, 1.0), "loss": (0.0, math.inf), "r2": (-math.inf, 1.0)}
"""Where a metric can lie at all."""

TrainOne = Callable[[int, Path], Run]
"""Trains, or goes on with, the recipe under a seed in a directory."""


def check_count(seeds: int) -> None:
    """Raise BadInput where the number of seeds allows no interval."""
    if seeds < FEWEST:
        raise BadInput(
            f"seeds must be at least {FEWEST} for an interval, but got {seeds}; use --seed N for a single run"
        )


def seeds_study(root: Path, recipe: Recipe, count: int, train_one: TrainOne) -> dict[str, Any]:
    """Train one recipe under `count` seeds from its own on, and write the mean test metric with its interval.

    root: the study's directory; one that already holds this study is gone on with, its finished runs kept.
    Raises BadInput where the directory holds something else.
    """
    check_count(count)
    seeds = list(range(recipe.seed, recipe.seed + count))
    plan = {"kind": "seeds", "seeds": seeds, "recipe_hash": recipe.hash(), "recipe": recipe.dump()}
    ledger = root / LEDGER
    if ledger.is_file() and not _same(read_ledger(root), recipe, seeds):
        raise BadInput(f"the study in {root} is of another recipe or other seeds than {seeds}; choose another --out")
    if not ledger.is_file() and not unused(root):
        raise BadInput(f"the study's directory must be new or empty, but {root} is not; choose another with --out")
    make_directory(root)
    with owned(root):
        write_sealed(ledger, plan)
        try:
            runs = [train_one(seed, root / f"seed-{seed}") for seed in seeds]
        except Interrupted as error:
            message = f"{error}, or with the whole study: luthier resume {root}"
            raise Interrupted(error.exit_code - 128, message) from None
        summary = summarise(root, runs)
        write_sealed(ledger, {**plan, **summary})
    return summary


def _same(ledger: dict[str, Any], recipe: Recipe, seeds: list[int]) -> bool:
    return ledger["seeds"] == seeds and not differences(ledger["recipe"], recipe)


def summarise(root: Path, runs: list[Run]) -> dict[str, Any]:
    """Mean and 95% interval over runs of the accuracy, or of what decides in regression, and of the loss; the runs."""
    tests = [run.result["test"] for run in runs]
    metric = "accuracy" if "accuracy" in tests[0] else runs[0].recipe.training.monitor
    return {
        "study": str(root),
        "runs": [str(run.path) for run in runs],
        "metric": metric,
        "test": _mean(tests, metric),
        "test_loss": _mean(tests, "loss"),
    }


def _mean(tests: list[Metrics], metric: str) -> dict[str, Any]:
    """Mean and interval of a metric; None where a run has no such number."""
    values = [one[metric] for one in tests]
    if None in values:
        return {"mean": None, "interval": None, "n": len(values)}
    found = mean_interval(values, within=BOUNDS.get(metric, (-math.inf, math.inf)))
    return {"mean": found.estimate, "interval": [found.low, found.high], "n": found.n}


def read_ledger(root: Path) -> dict[str, Any]:
    """Read the plan of a study, and what came of it; raise DamagedFile where it is not one."""
    ledger = read_sealed(root / LEDGER)
    shape = {"seeds": list, "recipe": dict, "recipe_hash": str}
    sound = all(isinstance(ledger.get(key), kind) for key, kind in shape.items())
    if not sound or not all(isinstance(seed, int) for seed in ledger["seeds"]):
        raise DamagedFile(f"{root / LEDGER} is not the ledger of a study; restore it or start the study anew")
    return ledger


def members(root: Path) -> list[Path]:
    """The directories of a study's runs, those not begun included."""
    return [root / f"seed-{seed}" for seed in read_ledger(root)["seeds"]]
