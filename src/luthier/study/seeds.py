"""The same recipe under several seeds: how much of the result is luck?"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from luthier.core.errors import BadInput
from luthier.recipe import LARGEST_SEED
from luthier.run import Run
from luthier.study.question import StudyDesign, deciding_metric, mean_of

FEWEST = 2


@dataclass(frozen=True)
class Seeds(StudyDesign):
    """Mean test metric over seeds; the test part stays, so the interval speaks of it alone."""

    kind: ClassVar[str] = "seeds"

    def members(self) -> Iterator[tuple[str, int, dict[str, int]]]:
        return ((f"seed-{seed}", seed, {}) for seed in self.seeds)

    def result(self, runs: list[Run]) -> dict[str, Any]:
        metric = deciding_metric(runs)
        return {"metric": metric, "test": mean_of(runs, metric), "test_loss": mean_of(runs, "loss")}


def check_count(seeds: int) -> None:
    """Raise BadInput where the number of seeds allows no interval."""
    if seeds < FEWEST:
        raise BadInput(
            f"seeds must be at least {FEWEST} for an interval, but got {seeds}; use --seed N for a single run"
        )


def from_seed(first: int, count: int) -> tuple[int, ...]:
    """So many seeds from the first on; raise BadInput where they go beyond the largest."""
    if first + count - 1 > LARGEST_SEED:
        raise BadInput(f"seeds must stay at most {LARGEST_SEED}, but {count} from {first} on do not; lower --seed")
    return tuple(range(first, first + count))
