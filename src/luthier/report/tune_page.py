"""The page of a tuning study: what came of it, how the search went, how to repeat it."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from luthier.recipe.recipe import Recipe
from luthier.report.templates import render
from luthier.report.tune_charts import (
    curves,
    expected_best,
    front,
    history,
    importance,
    slices,
    slices_key,
    space,
    space_file,
)
from luthier.report.tune_data import Tuning
from luthier.report.tune_words import (
    best_recipe,
    changes,
    final_words,
    pairs,
    phases,
    plan,
    race,
    spent,
    states,
    trials,
    verdict,
)
from luthier.report.words import about_data, about_machine, about_recipe, figures
from luthier.run import Run, RunPaths

TEMPLATE = Path(__file__).parent / "tuning.html"


OPTIONS = ("trials", "minutes", "sampler", "pruner", "threads", "workers", "race_seeds", "fresh_seeds")
"""Of the plan, by their names on the command line."""


OF_A_SEARCH = ("trials", "sampler", "pruner")
"""What --lr-only decides itself."""


AHEAD = 4
"""A plan that looks further back is that of half as many workers."""


def tuning_page(root: Path, ledger: Mapping[str, Any], recipe: Recipe) -> str:
    """Write the page of a tuning study, finished or not.

    root: its directory. ledger: its plan, the trials so far and, once finished, the answer. recipe: the default one.
    """
    tuning = Tuning(root, ledger)
    run = _final(root, recipe)
    return render(
        TEMPLATE,
        title=f"{recipe.model.name} on {recipe.data.source}: a search over {len(ledger['space'])} settings",
        verdict=verdict(tuning),
        finished=tuning.finished,
        final=final_words(tuning),
        metric=tuning.metric,
        unit=tuning.unit,
        plan=plan(tuning),
        states=states(tuning),
        phases=phases(tuning),
        spent=spent(tuning),
        pairs=pairs(tuning),
        race=race(tuning),
        history=history(tuning),
        expected=expected_best(tuning),
        slices=slices(tuning),
        slices_key=slices_key(tuning),
        space=space(tuning),
        space_file=space_file(tuning),
        front=front(tuning),
        importance=importance(tuning),
        curves=curves(tuning),
        trials=trials(tuning),
        changes=changes(tuning, recipe),
        best=tuning.best,
        best_recipe=best_recipe(tuning),
        test=figures(ledger["test"]) if ledger.get("test") else [],
        on_what=[*about_data(recipe, None), *about_recipe(recipe)],
        commands=_commands(tuning),
        minutes=bool(ledger.get("minutes")),
        recipe=recipe.to_toml().splitlines(),
        hashes=[("seed", str(ledger["seed"])), ("default recipe", ledger["recipe_hash"])],
        machine=about_machine(run) if run else [],
    )


def _final(root: Path, recipe: Recipe) -> Run | None:
    """The run of the recipe that is shipped; None where it is not there."""
    path = root / "run"
    return Run(path, own=recipe.own_classes()) if RunPaths(path).recipe.is_file() else None


def _commands(tuning: Tuning) -> list[str]:
    if not tuning.finished:
        return [shlex.join(["luthier", "tune", "--resume", str(tuning.root)])]
    alone = ["luthier", "train", "--recipe", str(tuning.root / "best.toml"), "--out", f"{tuning.root}-best"]
    return [
        "# with the files below:",
        shlex.join(_again(tuning)),
        "# the recipe that was found, alone:",
        shlex.join(alone),
    ]


def _again(tuning: Tuning) -> list[str]:
    """The seed and the epochs are in the recipe; the settings that the default space searches follow from it."""
    ledger, rates = tuning.ledger, tuning.ledger.get("finder") is not None
    known = {**ledger, "workers": ledger["ahead"] // 2 if ledger["ahead"] > AHEAD else None}
    names = [name for name in OPTIONS if not (rates and name in OF_A_SEARCH)]
    asked = {f"--{name.replace('_', '-')}": known.get(name) for name in names}
    asked["--cost"] = next(iter(ledger["objectives"][1:]), None)
    options = [word for key, value in asked.items() if value is not None for word in (key, str(value))]
    space = ["--lr-only"] if rates else ["--space", "space.toml"] if space_file(tuning) else []
    return ["luthier", "tune", "--recipe", "recipe.toml", *space, *options, "--out", f"{tuning.root}-again"]
