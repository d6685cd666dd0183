"""The words of a search's page: races and verdict, what is kept, what it cost."""

import shlex
from collections.abc import Mapping
from typing import Any

from luthier.charts.chart import Chart, Line, Spots
from luthier.core.console import duration
from luthier.recipe.recipe import Recipe
from luthier.report.tune_data import BEST, DEFAULT, RANDOM, SAMPLED, Tuning, value_text
from luthier.report.words import Pairs, first
from luthier.run.write import flat

Fresh = Mapping[str, Any]


SIDES = {"default": DEFAULT, "best": BEST}


def race(tuning: Tuning) -> dict[str, Any] | None:
    """The scores of the raced trials under each seed, beside those of the search; None where there was no race."""
    found = tuning.ledger.get("race")
    if not found:
        return None
    searched = {one["number"]: one["score"] for one in tuning.trials}
    rows = [
        {
            "trial": entry["trial"],
            "searched": tuning.words(searched.get(entry["trial"])),
            "scores": [tuning.words(one) for one in entry["scores"]],
            "mean": tuning.words(entry["mean"]),
            "won": entry["trial"] == tuning.best,
        }
        for entry in found["entries"]
    ]
    return {"seeds": found["seeds"], "rows": rows}


def pairs(tuning: Tuning) -> dict[str, Any] | None:
    """Winner and default under each fresh seed: two charts and a table; None where there are none."""
    fresh = tuning.ledger.get("fresh")
    if not fresh or fresh["difference"] is None:
        return None
    low, high = map(tuning.gap, fresh["interval"])
    return {
        "charts": [_scores(tuning, fresh), _differences(tuning, fresh)],
        "rows": [_row(tuning, *one) for one in _beside(fresh)],
        "default": tuning.words(fresh["default"]["mean"]),
        "best": tuning.words(fresh["best"]["mean"]),
        "difference": f"{tuning.gap(fresh['difference'])} (95% interval {low} to {high})",
        "delta": tuning.gap(fresh["delta"]).lstrip("+"),
    }


def _beside(fresh: Fresh) -> list[tuple[int, float | None, float | None]]:
    """Seed, score of the default, score of the winner; None of a run that came to no score."""
    return list(zip(fresh["seeds"], fresh["default"]["scores"], fresh["best"]["scores"], strict=True))


def _complete(fresh: Fresh) -> list[tuple[int, float, float]]:
    return [(seed, a, b) for seed, a, b in _beside(fresh) if a is not None and b is not None]


def _row(tuning: Tuning, seed: int, default: float | None, best: float | None) -> dict[str, Any]:
    gap = None if default is None or best is None else best - default
    return {"seed": seed, "default": tuning.words(default), "best": tuning.words(best), "difference": tuning.gap(gap)}


def _scores(tuning: Tuning, fresh: Fresh) -> Chart:
    """Both scores of each seed, joined."""
    found = _complete(fresh)
    joined = [Line(f"seed {seed}", [(0, a), (1, b)], key="same seed", colour=RANDOM) for seed, a, b in found]
    spots = []
    for x, (side, colour) in enumerate(SIDES.items()):
        points = [(x, one[1 + x]) for one in found]
        labels = [f"{tuning.words(one[1 + x])}, seed {one[0]}" for one in found]
        spots.append(Spots(side, points, labels, colour=colour))
    title = f"Validation {tuning.metric} under each fresh seed"
    return Chart(title, "recipe", [*joined, *spots], share=tuning.share, names=list(SIDES), nearest=True)


def _differences(tuning: Tuning, fresh: Fresh) -> Chart:
    """Best less default under each seed, beside the mean, its interval, and what would count as a loss."""
    times, found = 100 if tuning.share else 1, _complete(fresh)
    loss = fresh["delta"] * (-1 if tuning.higher else 1)
    labels = [f"{tuning.gap(b - a)}, seed {seed}" for seed, a, b in found]
    ends = (0, len(found) - 1)
    low, high = (times * one for one in fresh["interval"])
    given: list[Line | Spots] = [
        Line("mean, 95% interval", [(x, times * fresh["difference"]) for x in ends], [(low, high)] * 2, colour=SAMPLED),
        Line("no difference", [(x, 0.0) for x in ends], colour=RANDOM),
        Line("a loss that counts", [(x, times * loss) for x in ends], colour=DEFAULT),
        Spots("one seed", [(k, times * (b - a)) for k, (_, a, b) in enumerate(found)], labels, colour=BEST),
    ]
    title = f"Best less default, validation {tuning.metric}{', ' if tuning.unit else ''}{tuning.unit}"
    return Chart(title, "seed, by its row", given, names=[str(k + 1) for k in range(len(found))], nearest=True)


SHIPPED = {"best": "the recipe that was found", "default": "the default recipe"}


def verdict(tuning: Tuning) -> str:
    """The difference on fresh seeds, what is shipped, and the search score as what it is."""
    if not tuning.finished:
        done = f" after {len(tuning.trials)} trials" if tuning.trials else ""
        return f"The study is not finished{done}; go on with: luthier tune --resume {shlex.quote(str(tuning.root))}"
    found = tuning.ledger["best"]
    chosen = ", which is optimistic" if found["optimistic"] else ""
    search = f"trial {found['trial']} scored {tuning.words(found['search_score'])} in the search{chosen}"
    return f"{_fresh(tuning)}; shipped is {SHIPPED[tuning.ledger['shipped']]} ({search})."


def _fresh(tuning: Tuning) -> str:
    fresh = tuning.ledger["fresh"]
    words = str(fresh["verdict"]).rstrip(".")
    if fresh["difference"] is None:
        return words[:1].upper() + words[1:]
    low, high = map(tuning.gap, fresh["interval"])
    unit = f" {tuning.unit}" if tuning.unit else ""
    more = f", about {fresh['further_pairs']} more pairs would tell" if fresh.get("further_pairs") else ""
    return (
        f"On fresh seeds the recipe that was found differs from the default by {tuning.gap(fresh['difference'])}{unit} "
        f"of validation {tuning.metric} (95% interval {low} to {high}, n = {fresh['n']} pairs): {words}{more}"
    )


def final_words(tuning: Tuning) -> str:
    """What the shipped recipe came to on the test part; empty where it was not trained yet."""
    test = tuning.ledger.get("test")
    if not test:
        return ""
    name, words = first(test, tuning.metric)
    return f"The shipped recipe was then trained once: test {name} {words}, n = {test['n']:,}."


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


def plan(tuning: Tuning) -> Pairs:
    """How the study was asked for, and how the search went."""
    ledger = tuning.ledger
    limits = [
        *([f"{ledger['trials']} trials"] if ledger.get("trials") else []),
        *([f"{value_text(ledger['minutes'])} minutes"] if ledger.get("minutes") else []),
    ]
    told = [(says, value_text(ledger[key])) for key, says in PLAN.items() if ledger.get(key) is not None]
    return [("asked for", ", ".join(limits) or "as long as it takes"), *told, *_search(ledger)]


def _search(ledger: Any) -> Pairs:
    found = ledger.get("search")
    if not found:
        return []
    return [
        ("time of the search", duration(found["seconds"])),
        ("trained on", f"{found['examples']:,} examples, {found['examples_per_second']:,.0f} examples/s"),
    ]


def states(tuning: Tuning) -> list[dict[str, Any]]:
    """How many trials ended in each way, and their share; none before the first trial."""
    ways = [one["state"] for one in tuning.trials]
    others = [one for one in dict.fromkeys(ways) if one not in STATES]
    return [_part(name, ways.count(name), len(ways)) for name in (*STATES, *others)] if ways else []


def phases(tuning: Tuning) -> list[dict[str, Any]]:
    """Epochs that each part of the study may take, and their share; of a search that time ended, what it took."""
    budget = {"search_epochs": spent(tuning), **_known(tuning.ledger.get("budget") or {})}
    epochs = {says: budget.get(f"{name}_epochs", 0) for name, says in PHASES.items()}
    total = sum(epochs.values())
    return [_part(name, count, total) for name, count in epochs.items()] if total else []


def _known(budget: Mapping[str, int | None]) -> dict[str, int]:
    return {name: count for name, count in budget.items() if count is not None}


def spent(tuning: Tuning) -> int:
    """Epochs that all trials together were trained for."""
    return sum(one["epochs"] for one in tuning.trials)


def _part(name: str, count: int, total: int) -> dict[str, Any]:
    return {"name": name, "n": count, "share": count / total}
