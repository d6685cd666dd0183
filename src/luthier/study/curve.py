"""The learning curve: what would more examples bring?"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from luthier.core.errors import BadInput
from luthier.report.curve import draw
from luthier.run import Run
from luthier.study.question import StudyDesign, deciding_metric, mean_of

POINTS = 5
PICTURE = "learning-curve.svg"


@dataclass(frozen=True)
class Curve(StudyDesign):
    """Mean test metric at each number of training examples; the test part stays, and fewer are part of more.

    sizes: numbers of training examples, ascending.
    """

    kind: ClassVar[str] = "learning-curve"
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
            f"train on, but got {', '.join(map(str, sizes)) or 'none'}; choose others, or let them be chosen with auto"
        )
    return sizes
