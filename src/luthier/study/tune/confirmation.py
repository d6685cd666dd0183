"""After the search: the best few race on seeds that chose none of them, and the winner meets the default on others.

Source of the procedure: what was chosen for its score is worse than its score; see Cawley and Talbot, On over-fitting
in model selection and subsequent selection bias in performance evaluation, 2010.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from luthier.core.errors import LuthierError
from luthier.stats import best_first, race_winner
from luthier.study.trial_log import TrialLog
from luthier.study.tune.budget import FRESH, RACE
from luthier.study.tune.jobs import JobQueue, RunningStudy, Stage, StageJob
from luthier.study.tune.stages import Plan
from luthier.study.tune.trial import DEFAULT, Outcome, Trial
from luthier.study.worker_pool import Message


@dataclass(frozen=True)
class Replication:
    """A trial's recipe trained whole under another seed. stage: race or fresh."""

    stage: str
    trial: int
    seed: int

    @property
    def name(self) -> str:
        """Of its directory and its record."""
        return f"{self.stage}-{self.trial:04d}-seed-{self.seed}"


class Replications(Stage):
    """Trains recipes of trials again under other seeds; what is in the trial log is not trained twice."""

    def __init__(self, study: RunningStudy) -> None:
        self.study, self.done = study, stored_outcomes(study.trial_log)
        self.waiting: list[Replication] = []

    def train(self, queue: JobQueue, stage: str, trials: Sequence[int], seeds: Sequence[int]) -> list[list[float]]:
        """Return the last score of each trial under each seed (trials, seeds), not a number where there is none."""
        wanted = [Replication(stage, trial, seed) for seed in seeds for trial in trials]
        self.waiting = [replication for replication in wanted if replication.name not in self.done]
        self.study.progress.begin_stage(stage, len(wanted), len(wanted) - len(self.waiting))
        queue.run(self)
        return stored_scores(self.done, stage, trials, seeds)

    def next_job(self) -> StageJob | None:
        if not self.waiting:
            return None
        one, plan = self.waiting.pop(0), self.study.plan
        recipe = plan.space.make_recipe(self.study.trials[one.trial].params, one.seed)
        return StageJob(self, one.name, one.name, self.study.make_job(recipe, one.name, plan.epochs), plan.epochs)

    def finish(self, job: StageJob, message: Message[StageJob]) -> None:
        assert message.outcome is not None
        self.study.trial_log.note(job.name, message.outcome)
        self.done[job.name] = Outcome.of(message.outcome)
        self.study.progress.end(job.name)

    def give_up(self, job: StageJob, why: str) -> None:
        raise LuthierError(f"{job.name} could not be trained: {why}")


def stored_outcomes(trial_log: TrialLog) -> dict[str, Outcome]:
    """Read what came of the runs after the search, by their names."""
    return {name: Outcome.of(one) for name, one in trial_log.notes().items() if name.startswith((RACE, FRESH))}


def stored_scores(
    done: Mapping[str, Outcome], stage: str, trials: Sequence[int], seeds: Sequence[int]
) -> list[list[float]]:
    """Return the last score of each trial under each seed (trials, seeds), not a number where it came to nothing."""
    return [[_score(done[Replication(stage, trial, seed).name]) for seed in seeds] for trial in trials]


def _score(found: Outcome) -> float:
    return found.scores[max(found.scores)] if found.ended == "finished" else math.nan


@dataclass(frozen=True)
class Confirmation:
    """The scores after the search, of each trial under each seed (trials, seeds).

    racing: numbers of the trials in the race, the best of the search first. fresh: of the default and of the winner;
    none where the default won the race, or where there was to be none.
    """

    racing: tuple[int, ...]
    race: list[list[float]]
    winner: int
    fresh: tuple[list[float], list[float]] | None


Scores = Callable[[str, Sequence[int], Sequence[int]], list[list[float]]]
"""Gives the scores of a stage, for trials under seeds (trials, seeds)."""


def confirm_winner(plan: Plan, trials: Sequence[Trial], scores: Scores) -> Confirmation:
    """Race the best trials, then the winner against the default, each stage on seeds of its own."""
    higher = plan.higher
    best = best_first([search_score(trial) for trial in trials], plan.top, higher)
    race = scores(RACE, best, stage_seeds(plan, RACE)) if plan.race_seeds else []
    winner = best[race_winner(race, higher)] if race else best[0]
    if winner == DEFAULT or not plan.fresh_seeds:
        return Confirmation(tuple(best), race, winner, None)
    default, other = scores(FRESH, [DEFAULT, winner], stage_seeds(plan, FRESH))
    return Confirmation(tuple(best), race, winner, (default, other))


def stage_seeds(plan: Plan, stage: str) -> list[int]:
    """List the seeds of a stage."""
    count = plan.race_seeds if stage == RACE else plan.fresh_seeds
    return [plan.seed(stage, number) for number in range(count)]


def search_score(trial: Trial) -> float:
    """Return the last score of a trial that was trained to its end; not a number of any other."""
    return trial.score if trial.last is not None and trial.last.ended == "finished" else math.nan
