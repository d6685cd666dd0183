"""The words of a search's page: races and verdict, what is kept, what it cost."""

import shlex
from collections.abc import Mapping
from typing import Any

from luthier.charts.chart import Chart, Line, Spots
from luthier.core.console import format_duration
from luthier.recipe.recipe import Recipe
from luthier.recipe.values import flatten
from luthier.report.tune_data import BEST, DEFAULT, RANDOM, SAMPLED, TuneData, value_text
from luthier.report.words import Pairs, format_deciding_metric

Fresh = Mapping[str, Any]
SIDES = {"default": DEFAULT, "best": BEST}


def tabulate_race(study: TuneData) -> dict[str, Any] | None:
    """Tabulate the scores of the raced trials under each seed, beside those of the search; None without a race."""
    found = study.content.get("race")
    if not found:
        return None
    searched = {trial["number"]: trial["score"] for trial in study.trials}
    rows = [
        {
            "trial": entry["trial"],
            "searched": study.write_score(searched.get(entry["trial"])),
            "scores": [study.write_score(score) for score in entry["scores"]],
            "mean": study.write_score(entry["mean"]),
            "won": entry["trial"] == study.best,
        }
        for entry in found["entries"]
    ]
    return {"seeds": found["seeds"], "rows": rows}


def compare_pairs(study: TuneData) -> dict[str, Any] | None:
    """Compare winner and default under each fresh seed in two charts and a table; None where there are none."""
    fresh = study.content.get("fresh")
    if not fresh or fresh["difference"] is None:
        return None
    low, high = map(study.write_difference, fresh["interval"])
    return {
        "charts": [_scores(study, fresh), _differences(study, fresh)],
        "rows": [_row(study, *one) for one in _beside(fresh)],
        "default": study.write_score(fresh["default"]["mean"]),
        "best": study.write_score(fresh["best"]["mean"]),
        "difference": f"{study.write_difference(fresh['difference'])} (95% interval {low} to {high})",
        "delta": study.write_difference(fresh["delta"]).lstrip("+"),
    }


def _beside(fresh: Fresh) -> list[tuple[int, float | None, float | None]]:
    """List seed, score of the default, score of the winner; None of a run that came to no score."""
    return list(zip(fresh["seeds"], fresh["default"]["scores"], fresh["best"]["scores"], strict=True))


def _complete(fresh: Fresh) -> list[tuple[int, float, float]]:
    return [(seed, a, b) for seed, a, b in _beside(fresh) if a is not None and b is not None]


def _row(study: TuneData, seed: int, default: float | None, best: float | None) -> dict[str, Any]:
    gap = None if default is None or best is None else best - default
    return {
        "seed": seed,
        "default": study.write_score(default),
        "best": study.write_score(best),
        "difference": study.write_difference(gap),
    }


def _scores(study: TuneData, fresh: Fresh) -> Chart:
    """Draw both scores of each seed, joined."""
    found = _complete(fresh)
    joined = [Line(f"seed {seed}", [(0, a), (1, b)], key="same seed", colour=RANDOM) for seed, a, b in found]
    spots = []
    for x, (side, colour) in enumerate(SIDES.items()):
        points = [(x, one[1 + x]) for one in found]
        labels = [f"{study.write_score(one[1 + x])}, seed {one[0]}" for one in found]
        spots.append(Spots(side, points, labels, colour=colour))
    title = f"Validation {study.metric} under each fresh seed"
    return Chart(title, "recipe", [*joined, *spots], share=study.share, names=list(SIDES), nearest=True)


def _differences(study: TuneData, fresh: Fresh) -> Chart:
    """Draw best less default under each seed, beside the mean, its interval, and what would count as a loss."""
    times, found = 100 if study.share else 1, _complete(fresh)
    loss = fresh["delta"] * (-1 if study.higher else 1)
    labels = [f"{study.write_difference(b - a)}, seed {seed}" for seed, a, b in found]
    ends = (0, len(found) - 1)
    low, high = (times * one for one in fresh["interval"])
    given: list[Line | Spots] = [
        Line("mean, 95% interval", [(x, times * fresh["difference"]) for x in ends], [(low, high)] * 2, colour=SAMPLED),
        Line("no difference", [(x, 0.0) for x in ends], colour=RANDOM),
        Line("a loss that counts", [(x, times * loss) for x in ends], colour=DEFAULT),
        Spots("one seed", [(k, times * (b - a)) for k, (_, a, b) in enumerate(found)], labels, colour=BEST),
    ]
    title = f"Best less default, validation {study.metric}{', ' if study.unit else ''}{study.unit}"
    return Chart(title, "seed, by its row", given, names=[str(k + 1) for k in range(len(found))], nearest=True)


SHIPPED = {"best": "the recipe that was found", "default": "the default recipe"}


def write_verdict(study: TuneData) -> str:
    """Tell the difference on fresh seeds, what is selected, and the search score as what it is."""
    if not study.finished:
        done = f" after {len(study.trials)} trials" if study.trials else ""
        return f"The study is not finished{done}; go on with: luthier tune --resume {shlex.quote(str(study.root))}"
    found = study.content["best"]
    chosen = ", which is optimistic" if found["optimistic"] else ""
    search = f"trial {found['trial']} scored {study.write_score(found['search_score'])} in the search{chosen}"
    return f"{_fresh(study)}; shipped is {SHIPPED[study.content['shipped']]} ({search})."


def _fresh(study: TuneData) -> str:
    fresh = study.content["fresh"]
    words = str(fresh["verdict"]).rstrip(".")
    if fresh["difference"] is None:
        return words[:1].upper() + words[1:]
    difference, low, high = map(study.write_difference, (fresh["difference"], *fresh["interval"]))
    unit = f" {study.unit}" if study.unit else ""
    more = f", about {fresh['further_pairs']} more pairs would tell" if fresh.get("further_pairs") else ""
    return (
        f"On fresh seeds the recipe that was found differs from the default by {difference}{unit} "
        f"of validation {study.metric} (95% interval {low} to {high}, n = {fresh['n']} pairs): {words}{more}"
    )


def write_final_result(study: TuneData) -> str:
    """Tell what the selected recipe came to on the test part; empty where it was not trained yet."""
    test = study.content.get("test")
    if not test:
        return ""
    name, words = format_deciding_metric(test, study.metric)
    return f"The shipped recipe was then trained once: test {name} {words}, n = {test['n']:,}."


def tabulate_trials(study: TuneData) -> dict[str, Any]:
    """Tabulate all trials: the headings of their values, and a row for each."""
    rows = [
        {
            "number": trial["number"],
            "how": trial["how"],
            "values": [value_text(trial["params"].get(path)) for path in study.names],
            "score": study.write_score(trial["score"]),
            "epochs": trial["epochs"],
            "state": trial["state"],
            "why": trial.get("why") or "",
            "time": format_duration(trial["seconds"]),
            "best": trial["number"] == study.best,
        }
        for trial in study.trials
    ]
    return {"headings": list(study.names.values()), "rows": rows}


def list_changes(study: TuneData, recipe: Recipe) -> list[dict[str, str]]:
    """List the settings in which the recipe that was found differs from the default, the seed apart."""
    found = study.content.get("best")
    if not found:
        return []
    before, after = flatten(recipe.dump()), flatten(found["recipe"])
    paths = [
        path for path in dict.fromkeys([*before, *after]) if path != "seed" and before.get(path) != after.get(path)
    ]
    return [
        {"path": path, "default": value_text(before.get(path)), "found": value_text(after.get(path))} for path in paths
    ]


def read_best_recipe(study: TuneData) -> list[str]:
    """Read the file of the recipe that was found, line by line; none where it is not there."""
    path = study.root / "best.toml"
    return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []


PHASES = {
    "search": "search",
    "race": "race of the best",
    "fresh": "fresh pairs",
    "final": "final run",
}
STATES = ("finished", "stopped", "diverged", "failed")
PLAN = {
    "epochs": "epochs of a whole training",
    "sampler": "sampler",
    "pruner": "pruner",
    "top": "trials in the race",
    "race_seeds": "seeds of the race",
    "fresh_seeds": "fresh seeds",
    "threads": "threads of a worker",
    "ahead": "jobs ahead of what is known",
    "seed": "seed",
}


def list_plan(study: TuneData) -> Pairs:
    """List how the study was asked for, and how the search went."""
    content = study.content
    limits = [
        *([f"{content['trials']} trials"] if content.get("trials") else []),
        *([f"{value_text(content['minutes'])} minutes"] if content.get("minutes") else []),
    ]
    told = [(says, value_text(content[key])) for key, says in PLAN.items() if content.get(key) is not None]
    return [("asked for", ", ".join(limits) or "as long as it takes"), *told, *_search(content)]


def _search(content: Any) -> Pairs:
    found = content.get("search")
    if not found:
        return []
    return [
        ("time of the search", format_duration(found["seconds"])),
        ("trained on", f"{found['examples']:,} examples, {found['examples_per_second']:,.0f} examples/s"),
    ]


def count_states(study: TuneData) -> list[dict[str, Any]]:
    """Count how many trials ended in each way, and their share; none before the first trial."""
    ways = [trial["state"] for trial in study.trials]
    others = [one for one in dict.fromkeys(ways) if one not in STATES]
    return [_part(name, ways.count(name), len(ways)) for name in (*STATES, *others)] if ways else []


def split_epochs(study: TuneData) -> list[dict[str, Any]]:
    """Split the epochs among the parts of the study; of a search that time ended, those that it took."""
    budget = {"search_epochs": count_epochs(study), **_known(study.content.get("budget") or {})}
    epochs = {says: budget.get(f"{name}_epochs", 0) for name, says in PHASES.items()}
    total = sum(epochs.values())
    return [_part(name, count, total) for name, count in epochs.items()] if total else []


def _known(budget: Mapping[str, int | None]) -> dict[str, int]:
    return {name: count for name, count in budget.items() if count is not None}


def count_epochs(study: TuneData) -> int:
    """Count the epochs that all trials together were trained for."""
    return sum(trial["epochs"] for trial in study.trials)


def _part(name: str, count: int, total: int) -> dict[str, Any]:
    return {"name": name, "n": count, "share": count / total}
