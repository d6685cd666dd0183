"""The contract of a study: which runs it asks for, and what comes of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from luthier.core.shape import Form, is_count, is_number, list_of, or_none, table_with
from luthier.recipe.compatibility import Use
from luthier.recipe.recipe import Recipe
from luthier.run import Run
from luthier.stats import Interval, mean_interval
from luthier.stats.metrics import METRICS, Metrics
from luthier.study.worker_pool import AddedLabels

Average = Callable[[list[float], tuple[float, float]], Interval]
"""The mean with its interval, of values within bounds."""

FIGURE: dict[str, Form] = {"mean": or_none(is_number), "interval": or_none(list_of(is_number, 2))}
MEAN = table_with({**FIGURE, "n": is_count})
"""The form of what `mean_of` gives."""


@dataclass(frozen=True)
class StudyDesign:
    """What is asked of one recipe; its fields are plain values that say the whole design.

    kind: by which it is known in files. over: what its runs differ in, as messages and pages call it, in the plural.
    paired_over: what two studies of the kind are paired over, where they can be compared. answer: the form of what
    `result` gives. use: the rules of compatibility that it has beside all others.
    seeds: of the runs, or of those at one point.
    """

    kind: ClassVar[str]
    over: ClassVar[str]
    paired_over: ClassVar[str | None]
    answer: ClassVar[Mapping[str, Form]]
    use: ClassVar[Use] = "run"
    seeds: tuple[int, ...]

    def variants(self, recipe: Recipe) -> dict[str, Recipe]:
        """The recipe of each run by the name of its directory."""
        return {name: vary_seed(recipe, seed, **ways) for name, seed, ways in self.members()}

    def members(self) -> Iterator[tuple[str, int, dict[str, int]]]:
        """Name of each run's directory, its seed, and what its recipe's `split` section says beside."""
        raise NotImplementedError

    def result(self, runs: list[Run]) -> dict[str, Any]:
        """What comes of the finished runs, in plain values."""
        raise NotImplementedError

    def previous(self, number: int) -> int | None:
        """Return the number of the run that must be finished before a run can begin; None, by default, for none."""
        return None

    def added_labels(self, number: int, root: Path) -> AddedLabels | None:
        """Return what a finished run in the study's directory adds to the data of a run; by default nothing."""
        return None

    def files(self, answer: dict[str, Any]) -> dict[str, str]:
        """Files to be written beside the ledger, text by name; none by default."""
        return {}

    def __str__(self) -> str:
        """Say what the design differs in from others of its kind, for messages."""
        return f"seeds than {list(self.seeds)}"


def vary_seed(recipe: Recipe, seed: int, **ways: int) -> Recipe:
    """A recipe under another seed, its examples divided in another way."""
    return recipe.model_copy(update={"seed": seed, "split": recipe.split.model_copy(update=ways)})


def deciding_metric(runs: list[Run]) -> str:
    """What a study reports first: the metric that decides."""
    return runs[0].recipe.training.monitor


def test_metrics(runs: list[Run]) -> list[Metrics]:
    return [run.result["test"] for run in runs]


def plain_mean(values: list[float], within: tuple[float, float]) -> Interval:
    """Student's interval, for runs that are independent."""
    return mean_interval(values, within=within)


def mean_of(runs: list[Run], metric: str, average: Average = plain_mean) -> dict[str, Any]:
    """Mean and interval of a test metric; None where a run has no such number."""
    values = [one[metric] for one in test_metrics(runs)]
    if None in values:
        return {"mean": None, "interval": None, "n": len(values)}
    found = average(values, METRICS[metric].within)
    return {"mean": found.estimate, "interval": [found.low, found.high], "n": found.n}


def mean_trivial(runs: list[Run], metric: str) -> float | None:
    """Mean over the runs of what the trivial answer scores on their test parts; None where a run has no such number."""
    values = [(one.get("trivial") or {}).get(metric) for one in test_metrics(runs)]
    known = [float(value) for value in values if value is not None]
    return sum(known) / len(known) if known and len(known) == len(values) else None
