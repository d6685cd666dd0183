"""The page of a tuning study: what came of it, how the search went, how to repeat it."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from luthier.core.options import declared_options, flag
from luthier.recipe.recipe import Recipe
from luthier.report import tune_charts, tune_words
from luthier.report.templates import render
from luthier.report.tune_data import TuneData
from luthier.report.words import describe_data, describe_machine, describe_recipe, format_metrics
from luthier.run import Run, RunPaths
from luthier.study.tune.options import OF_A_SEARCH, PlannedOptions
from luthier.study.tune.stages import workers_of

TEMPLATE = Path(__file__).parent / "tuning.html"


def tune_page(root: Path, content: Mapping[str, Any], recipe: Recipe) -> str:
    """Write the page of a tuning study, finished or not.

    root: its directory. content: of its file: its plan, the trials so far and, once finished, the result.
    recipe: the default one.
    """
    study, run = TuneData(root, content), _final_run(root, recipe)
    return render(
        TEMPLATE,
        title=f"{recipe.model.name} on {recipe.data.source}: a search over {len(study.space)} settings",
        study=study,
        charts=tune_charts,
        words=tune_words,
        default=recipe,
        test=format_metrics(content["test"]) if content.get("test") else [],
        on_what=[*describe_data(recipe, None), *describe_recipe(recipe)],
        commands=_list_commands(study),
        recipe=recipe.to_toml().splitlines(),
        hashes=[("seed", str(content["seed"])), ("default recipe", content["recipe_hash"])],
        machine=describe_machine(run) if run else [],
    )


def _final_run(root: Path, recipe: Recipe) -> Run | None:
    """The run of the recipe that is shipped; None where it is not there."""
    path = root / "run"
    return Run(path, own=recipe.own_classes()) if RunPaths(path).recipe.is_file() else None


def _list_commands(study: TuneData) -> list[str]:
    if not study.finished:
        return [shlex.join(["luthier", "tune", "--resume", str(study.root)])]
    alone = ["luthier", "train", "--recipe", str(study.root / "best.toml"), "--out", f"{study.root}-best"]
    return [
        "# with the files below:",
        shlex.join(_repeat_study(study)),
        "# the recipe that was found, alone:",
        shlex.join(alone),
    ]


def _repeat_study(study: TuneData) -> list[str]:
    """The seed and the epochs are in the recipe; the settings that the default space searches follow from it."""
    content = study.content
    asked = {name: content.get(name) for name in (*declared_options(PlannedOptions), "threads") if name != "top"}
    asked |= {"workers": workers_of(content["ahead"]), "cost": next(iter(content["objectives"][1:]), None)}
    space = ["--space", "space.toml"] if tune_charts.write_space_file(study) else []
    if content.get("finder") is not None:
        asked |= dict.fromkeys(OF_A_SEARCH)
        space = ["--lr-only"]
    options = [word for name, value in asked.items() if value is not None for word in (flag(name), str(value))]
    return ["luthier", "tune", "--recipe", "recipe.toml", *space, *options, "--out", f"{study.root}-again"]
