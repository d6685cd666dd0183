"""A tuning study as its page shows it: its trials, its metric in words, where a trial lies on a chart."""

import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from luthier.charts.chart import Point, Spots
from luthier.report.words import format_metric
from luthier.stats.metrics import METRICS

Trial = Mapping[str, Any]
Dimension = Mapping[str, Any]
SPREADS = 3
"""How many distances from the best score to the median a chart reaches below the median."""
SHAPES = {True: "dot", False: "ring"}
"""Of trials that were trained to the end, and of others."""
DEFAULT, RANDOM, SAMPLED, BEST, LOST = 1, 7, 0, 2, 6
"""Colours by their number."""
BEYOND = {True: LOST, False: RANDOM}
COLOURS = {"default": DEFAULT, "quasi-random": RANDOM}


class Position(NamedTuple):
    """How high a trial lies on a chart, and what its mark means."""

    y: float
    name: str
    shape: str
    colour: int


@dataclass(frozen=True)
class TuneData:
    """A tuning study. root: its directory. content: of its file: its plan, and what came of it so far."""

    root: Path
    content: Mapping[str, Any]

    @property
    def metric(self) -> str:
        return str(self.content["metric"])

    @property
    def higher(self) -> bool:
        """Whether a larger score is a better one."""
        return bool(self.content["higher"])

    @property
    def share(self) -> bool:
        return METRICS[self.metric].share

    @property
    def finished(self) -> bool:
        return "shipped" in self.content

    @property
    def space(self) -> list[Dimension]:
        return list(self.content["space"])

    @cached_property
    def names(self) -> dict[str, str]:
        """What each searched setting is called for short: as much of the end of its path as no other one has."""
        paths = [dimension["path"] for dimension in self.space]
        return {path: _ending(path, [one for one in paths if one != path]) for path in paths}

    @property
    def trials(self) -> list[Trial]:
        return list(self.content.get("trial_list", []))

    @property
    def best(self) -> int | None:
        """Number of the trial that won, once that is known."""
        return self.content["best"]["trial"] if self.content.get("best") else None

    def write_score(self, score: float | None) -> str:
        """Write a score."""
        return "none" if score is None else format_metric(self.metric, score)

    def write_difference(self, value: float | None) -> str:
        """Write a difference of two scores, in percentage points where they are shares."""
        if value is None:
            return "none"
        return f"{100 * value:+.2f}" if self.share else f"{value:+.4g}"

    @property
    def unit(self) -> str:
        """What differences of scores are counted in; empty where in nothing."""
        return "percentage points" if self.share else ""

    def better(self, one: float, other: float) -> bool:
        return one > other if self.higher else one < other

    @cached_property
    def worst(self) -> float | None:
        """The worst score that charts reach; None where no trial has one. Far worse ones would flatten all others."""
        known: list[float] = [trial["score"] for trial in self.trials if _counts(trial)]
        if not known:
            return None
        # trials that were not trained whole were cut off early
        whole = [trial["score"] for trial in self.trials if _whole(trial) and _counts(trial)]
        best, worst = (max, min) if self.higher else (min, max)
        middle, top = statistics.median(whole or known), best(whole or known)
        return worst(known) if middle == top else best(worst(known), middle + SPREADS * (middle - top))

    def place_trial(self, trial: Trial) -> Position | None:
        """Return where a trial lies: with its score, or at the worst one; None where no trial has a score."""
        if self.worst is None:
            return None
        if not _counts(trial):
            return Position(self.worst, str(trial["state"]), "cross", LOST)
        colour = COLOURS.get(trial["how"], SAMPLED)
        if self.better(self.worst, trial["score"]):
            return Position(self.worst, f"{trial['state']}, worse than is drawn", "diamond", BEYOND[_whole(trial)])
        stopped = "" if _whole(trial) else f", {trial['state']}"
        return Position(trial["score"], f"{trial['how']}{stopped}", SHAPES[_whole(trial)], colour)

    def make_spots(self, across: Callable[[Trial], float | None], told: Callable[[Trial], str]) -> list[Spots]:
        """Make the trials spots of a chart; those without an x are left out. told: what is said beside a score."""
        found: dict[tuple[str, str, int], tuple[list[Point], list[str]]] = {}
        for trial in self.trials:
            x, place = across(trial), self.place_trial(trial)
            if x is None or place is None:
                continue
            points, labels = found.setdefault(place[1:], ([], []))
            points.append((x, place.y))
            labels.append(f"trial {trial['number']}, {self.write_score(trial['score'])}{told(trial)}")
        return [Spots(name, *one, shape, colour) for (name, shape, colour), one in found.items()]


def _counts(trial: Trial) -> bool:
    """Say whether a trial came to a score; that of one that diverged later says nothing."""
    return trial["state"] not in ("diverged", "failed") and trial["score"] is not None


def _whole(trial: Trial) -> bool:
    return bool(trial["state"] == "finished")


def _ending(path: str, others: Sequence[str]) -> str:
    names = path.split(".")
    ends = (".".join(names[k:]) for k in reversed(range(len(names))))
    return next((end for end in ends if not any(f".{one}".endswith(f".{end}") for one in others)), path)


def value_text(value: Any) -> str:
    """Write a value of a setting.

    >>> value_text(0.00123456), value_text(True), value_text("relu"), value_text(None), value_text([1, 2])
    ('0.001235', 'true', 'relu', '-', '[1, 2]')
    """
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}"
    return value if isinstance(value, str) else json.dumps(value)


def make_steps(points: Sequence[Point]) -> list[Point]:
    """Make steps of points that ascend in x: each y holds until the next.

    >>> make_steps([(0, 5), (2, 7)])
    [(0, 5), (2, 5), (2, 7)]
    """
    return [*points[:1], *(place for (_, before), (x, y) in pairwise(points) for place in ((x, before), (x, y)))]
