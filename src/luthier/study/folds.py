"""Cross-validation: every example is tested on once in each deal."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from luthier.core.errors import BadInput, raise_all
from luthier.run import Run
from luthier.stats import Interval, resampled_interval
from luthier.study.question import StudyDesign, deciding_metric, mean_of


@dataclass(frozen=True)
class Folds(StudyDesign):
    """Mean test metric over folds, each with a seed of its own; an official test part is left alone.

    folds: of one deal; there are as many deals as the seeds fill.
    """

    kind: ClassVar[str] = "folds"
    folds: int

    def members(self) -> Iterator[tuple[str, int, dict[str, int]]]:
        return ((f"fold-{fold}", seed, {"folds": self.folds, "fold": fold}) for fold, seed in enumerate(self.seeds))

    def result(self, runs: list[Run]) -> dict[str, Any]:
        metric = deciding_metric(runs)
        return {
            "folds": self.folds,
            "metric": metric,
            "test": mean_of(runs, metric, self.average),
            "test_loss": mean_of(runs, "loss", self.average),
        }

    def average(self, values: list[float], within: tuple[float, float]) -> Interval:
        """Folds share most of their training examples: one is tested for each folds - 1 that are trained on."""
        return resampled_interval(values, 1 / (self.folds - 1), within=within)

    def __str__(self) -> str:
        return f"folds than {self.folds} in {len(self.seeds) // self.folds} deals from seed {self.seeds[0]} on"


def check_folds(folds: int, repeats: int) -> None:
    """Raise BadInput where folds cannot be dealt."""
    problems = []
    if folds < 2:
        problems.append(f"folds must be at least 2, but got {folds}; 5 or 10 are usual")
    if repeats < 1:
        problems.append(f"repeats must be at least 1, but got {repeats}; leave them out for one deal")
    raise_all(problems)


def check_plain(split: Any) -> None:
    """Raise BadInput where a recipe that is to be dealt into folds is one fold already."""
    if split.folds is not None:
        raise BadInput(
            f"folds are dealt to the whole of the data, but the recipe is fold {split.fold} of {split.folds}; "
            "take split.folds and split.fold out"
        )
