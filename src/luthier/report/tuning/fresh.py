"""The best trials on fresh seeds: their race, then the winner and the default in pairs."""

from collections.abc import Mapping
from typing import Any

from luthier.report.chart import Chart, Line, Spots
from luthier.report.tuning.tuning import BEST, DEFAULT, RANDOM, SAMPLED, Tuning

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
