"""The kinds of studies: seeds, folds, learning curves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from luthier.charts.learning_curve import draw
from luthier.core.errors import BadInput, show
from luthier.core.shape import Form, is_count, list_of, table_with
from luthier.recipe.compatibility import Use
from luthier.recipe.read import LARGEST_SEED
from luthier.run import Run
from luthier.stats import Interval, resampled_interval
from luthier.study.design import FIGURE, MEAN, StudyDesign, deciding_metric, mean_of


@dataclass(frozen=True)
class Folds(StudyDesign):
    """Mean test metric over folds, each with a seed of its own; an official test part is left alone.

    folds: of one deal; there are as many deals as the seeds fill.
    """

    kind: ClassVar[str] = "folds"
    over: ClassVar[str] = "folds"
    paired_over: ClassVar[str | None] = "folds"
    answer: ClassVar[Mapping[str, Form]] = {"test": MEAN}
    use: ClassVar[Use] = "folds"
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


@dataclass(frozen=True)
class Seeds(StudyDesign):
    """Mean test metric over seeds; the test part stays, so the interval speaks of it alone."""

    kind: ClassVar[str] = "seeds"
    over: ClassVar[str] = "seeds"
    paired_over: ClassVar[str | None] = "seeds and examples"
    answer: ClassVar[Mapping[str, Form]] = {"test": MEAN}

    def members(self) -> Iterator[tuple[str, int, dict[str, int]]]:
        return ((f"seed-{seed}", seed, {}) for seed in self.seeds)

    def result(self, runs: list[Run]) -> dict[str, Any]:
        metric = deciding_metric(runs)
        return {"metric": metric, "test": mean_of(runs, metric), "test_loss": mean_of(runs, "loss")}


def from_seed(first: int, count: int) -> tuple[int, ...]:
    """So many seeds from the first on; raise BadInput where they go beyond the largest."""
    if first + count - 1 > LARGEST_SEED:
        raise BadInput(f"seeds must stay at most {LARGEST_SEED}, but {count} from {first} on do not; lower --seed")
    return tuple(range(first, first + count))


POINTS = 5


PICTURE = "learning-curve.svg"


@dataclass(frozen=True)
class Curve(StudyDesign):
    """Mean test metric at each number of training examples; the test part stays, and fewer are part of more.

    sizes: numbers of training examples, ascending.
    """

    kind: ClassVar[str] = "learning-curve"
    over: ClassVar[str] = "numbers of examples"
    paired_over: ClassVar[str | None] = None
    answer: ClassVar[Mapping[str, Form]] = {
        "points": list_of(table_with({**FIGURE, "n": is_count, "seeds": is_count}), at_least=1)
    }
    sizes: tuple[int, ...]

    def members(self) -> Iterator[tuple[str, int, dict[str, int]]]:
        for size in self.sizes:
            yield from ((f"examples-{size}-seed-{seed}", seed, {"examples": size}) for seed in self.seeds)

    def result(self, runs: list[Run]) -> dict[str, Any]:
        metric, each = deciding_metric(runs), len(self.seeds)
        points = []
        for number, size in enumerate(self.sizes):
            found = mean_of(runs[number * each : (number + 1) * each], metric)
            points.append({"n": size, "mean": found["mean"], "interval": found["interval"], "seeds": each})
        return {"metric": metric, "points": points}

    def files(self, answer: dict[str, Any]) -> dict[str, str]:
        return {PICTURE: draw(answer["points"], f"test {answer['metric']}", len(self.seeds))}

    def __str__(self) -> str:
        return f"sizes than {list(self.sizes)} under seeds {list(self.seeds)}"


def choose_sizes(asked: tuple[int, ...] | None, available: int, classes: int) -> tuple[int, ...]:
    """The sizes asked for, ascending; by default all examples, a half of them, and so on.

    asked: at least two. available: how many examples there are to train on. classes: each needs one example.
    Raises BadInput where a size is out of range.

    >>> choose_sizes(None, 100, 10)
    (12, 25, 50, 100)
    """
    fewest = max(1, classes)
    if asked is None:
        asked = tuple(size for k in range(POINTS) if (size := available >> k) >= fewest)
    sizes = tuple(sorted(set(asked)))
    if len(sizes) < 2 or not fewest <= sizes[0] <= sizes[-1] <= available:
        raise BadInput(
            f"a learning curve needs two numbers of examples or more, from {fewest} to {available}, which are left to "
            f"train on, but got {', '.join(map(show, sizes)) or 'none'}; choose others, or let them be chosen with auto"
        )
    return sizes
