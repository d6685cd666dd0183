"""What is known of a trial: its values, what it was asked to do, and what came of it."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from luthier.core.shape import find_misfit, is_count, is_number, table_of
from luthier.stats.metrics import METRICS

Ended = Literal["paused", "finished", "diverged", "failed"]
DEFAULT = 0
"""Number of the trial that is the recipe as it was given."""


@dataclass(frozen=True)
class TrialJob:
    """A trial to be trained to the end of an epoch. number: of the job, from 0.

    >>> TrialJob(4, trial=2, epochs=6).epochs
    6
    """

    number: int
    trial: int
    epochs: int


OUTCOME = {
    "scores": table_of(is_number),
    "ended": lambda value: value in ("paused", "finished", "diverged", "failed"),
    "seconds": is_number,
    "examples": is_count,
    "threads": is_count,
    "costs": table_of(is_number),
}
"""The form of an outcome in plain values."""


@dataclass(frozen=True)
class Outcome:
    """What came of a job.

    scores: the deciding metric on the validation part after each epoch of the whole trial; at the end of a finished one
    that of the network that is kept.
    ended: paused at its epoch, or finished; diverged or failed, and why.
    seconds: of this job. examples: trained on, of the whole trial. threads: it was trained with. costs: parameters of
    the network, and what else the objectives name.
    """

    scores: Mapping[int, float]
    ended: Ended
    seconds: float
    examples: int
    threads: int
    costs: Mapping[str, float]
    why: str | None = None

    def dump(self) -> dict[str, Any]:
        """Return plain values, from which `Outcome.of` makes it again."""
        return {**asdict(self), "scores": {str(epoch): one for epoch, one in self.scores.items()}}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Outcome":
        """Make an outcome from what `dump` gave; raise ValueError where it is none."""
        if wrong := find_misfit(values, OUTCOME):
            raise ValueError(f"{wrong} is missing or of another form")
        return cls(**{**values, "scores": {int(epoch): one for epoch, one in values["scores"].items()}})


@dataclass
class Trial:
    """One recipe of the search.

    how: what proposed it. seed: of its recipe. jobs: given so far. outcomes: by number of the job.
    """

    number: int
    params: Mapping[str, Any]
    how: str
    seed: int
    jobs: list[TrialJob] = field(default_factory=list)
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    def outcome_before(self, before: int) -> Outcome | None:
        """Return the last outcome among those of jobs below a number."""
        known = [job.number for job in self.jobs if job.number < before and job.number in self.outcomes]
        return self.outcomes[known[-1]] if known else None

    @property
    def last(self) -> Outcome | None:
        """What came of the last job that is done."""
        return self.outcomes[max(self.outcomes)] if self.outcomes else None

    @property
    def score(self) -> float:
        """The last score that is known; not a number where there is none."""
        return self.last.scores[max(self.last.scores)] if self.last and self.last.scores else math.nan

    @property
    def target(self) -> int:
        """The epoch that it was last asked to go to."""
        return self.jobs[-1].epochs if self.jobs else 0


def orient_score(score: float, metric: str) -> float:
    """Turn a metric into a number of which more is better."""
    return METRICS[metric].score(score)
