"""What a user asks of a study of runs, declared once: checks, messages and flags come from here."""

from collections.abc import Iterator
from dataclasses import dataclass

from luthier.core.options import Options, option

FEWEST_SEEDS = 2
"""For an interval."""


MOST_RUNS = 100_000


@dataclass(frozen=True)
class StudyOptions(Options):
    """How many runs a study trains, and on what. None is not asked."""

    seeds: int | None = option(
        None, at_least=1, at_most=10_000,
        description="train under this many seeds and print the mean with its interval; 5 are usual",
    )  # fmt: skip
    folds: int | None = option(
        None, at_least=2, at_most=10_000,
        description="train on all folds but one, for each of this many, and print the mean; 5 or 10 are usual",
    )  # fmt: skip
    repeats: int | None = option(
        None, at_least=1, at_most=10_000, description="deal the folds this many times; leave it out for one deal"
    )
    pseudo_labels: int | None = option(
        None, at_least=1, at_most=1000, metavar="ROUNDS",
        description="label the unlabelled examples in so many rounds, and train on them too; 5 are usual",
    )  # fmt: skip

    def conflicts(self) -> Iterator[str]:
        if self.seeds is not None and self.seeds < FEWEST_SEEDS and self.pseudo_labels is None:
            yield (
                f"--seeds must be at least {FEWEST_SEEDS} for an interval, but got {self.seeds}; use --seed N for a "
                "single run"
            )
        if (runs := (self.folds or 0) * (self.repeats or 1)) > MOST_RUNS:
            yield f"--folds times --repeats must be at most {MOST_RUNS} runs, but got {runs}; lower one of them"
