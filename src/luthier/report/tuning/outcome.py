"""What was tried, trial by trial, and what the recipe that was found changes."""

from typing import Any

from luthier.recipe import Recipe
from luthier.report.figures import duration
from luthier.report.tuning.tuning import Tuning, value_text
from luthier.run.resume import flat


def trials(tuning: Tuning) -> dict[str, Any]:
    """A table of all trials: the headings of their values, and a row for each."""
    rows = [
        {
            "number": one["number"],
            "how": one["how"],
            "values": [value_text(one["params"].get(path)) for path in tuning.names],
            "score": tuning.words(one["score"]),
            "epochs": one["epochs"],
            "state": one["state"],
            "why": one.get("why") or "",
            "time": duration(one["seconds"]),
            "best": one["number"] == tuning.best,
        }
        for one in tuning.trials
    ]
    return {"headings": list(tuning.names.values()), "rows": rows}


def changes(tuning: Tuning, recipe: Recipe) -> list[dict[str, str]]:
    """The settings in which the recipe that was found differs from the default, the seed apart."""
    found = tuning.ledger.get("best")
    if not found:
        return []
    before, after = flat(recipe.dump()), flat(found["recipe"])
    paths = [
        path for path in dict.fromkeys([*before, *after]) if path != "seed" and before.get(path) != after.get(path)
    ]
    return [
        {"path": path, "default": value_text(before.get(path)), "found": value_text(after.get(path))} for path in paths
    ]


def best_recipe(tuning: Tuning) -> list[str]:
    """The file of the recipe that was found, line by line; none where it is not there."""
    path = tuning.root / "best.toml"
    return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
