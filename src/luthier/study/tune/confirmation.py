"""After the search: the best few race on seeds that chose none of them, and the winner meets the default on others.

Source of the procedure: what was chosen for its score is worse than its score; see Cawley and Talbot, On over-fitting
in model selection and subsequent selection bias in performance evaluation, 2010.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from luthier.core.errors import LuthierError
from luthier.stats import best_first, race_winner
from luthier.study.trial_log import TrialLog
from luthier.study.tune.budget import FRESH, RACE
from luthier.study.tune.progress import TuneProgress
from luthier.study.tune.stages import Plan
from luthier.study.tune.trial import DEFAULT, Outcome, Trial
from luthier.study.tune.worker import Job
from luthier.study.worker_pool import MAX_RETRIES, Message, WorkerPool, run_jobs


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


class Replications:
    """Trains recipes of trials again; what is in the ledger is not trained twice."""

    def __init__(
        self, plan: Plan, trial_log: TrialLog, root: Path, progress: TuneProgress, trials: Sequence[Trial]
    ) -> None:
        self.plan, self.trial_log, self.root, self.progress, self.trials = plan, trial_log, root, progress, trials
        self.done = stored_outcomes(trial_log)

    def scores(
        self, pool: WorkerPool[Replication], stage: str, trials: Sequence[int], seeds: Sequence[int]
    ) -> list[list[float]]:
        """The last score of each trial under each seed (trials, seeds), not a number where there is none."""
        wanted = [Replication(stage, trial, seed) for seed in seeds for trial in trials]
        waiting = [one for one in wanted if one.name not in self.done]
        self.progress.begin_stage(stage, len(wanted), len(wanted) - len(waiting))
        run_jobs(pool, lambda: self._next(waiting), lambda found: self._take(found, waiting))
        return stored_scores(self.done, stage, trials, seeds)

    def _next(self, waiting: list[Replication]) -> tuple[Replication, Job] | None:
        if not waiting:
            return None
        one = waiting.pop(0)
        recipe = self.plan.space.make_recipe(self.trials[one.trial].params, one.seed)
        self.progress.begin(one.name, self.plan.epochs)
        return one, Job(recipe.dump(), str(self.root / one.name), self.plan.epochs)

    def _take(self, message: Message[Replication], waiting: list[Replication]) -> None:
        one = message.key
        if message.epoch is not None and message.score is not None:
            self.progress.report_epoch(one.name, message.epoch, message.score)
        elif message.outcome is not None:
            self.trial_log.note(one.name, message.outcome)
            self.done[one.name] = Outcome.of(message.outcome)
            self.progress.end(one.name)
        elif message.died is not None:
            if self.trial_log.count_lost(one.name) > MAX_RETRIES:
                raise LuthierError(f"the worker of {one.name} died {MAX_RETRIES + 1} times, last with {message.died}")
            self.progress.lose(one.name, message.died)
            waiting.insert(0, one)


def stored_outcomes(trial_log: TrialLog) -> dict[str, Outcome]:
    """What came of the runs after the search, by their names."""
    return {name: Outcome.of(one) for name, one in trial_log.notes().items() if name.startswith((RACE, FRESH))}


def stored_scores(
    done: Mapping[str, Outcome], stage: str, trials: Sequence[int], seeds: Sequence[int]
) -> list[list[float]]:
    """The last score of each trial under each seed (trials, seeds), not a number where its training came to nothing."""
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
    best = best_first([search_score(one) for one in trials], plan.top, higher)
    race = scores(RACE, best, stage_seeds(plan, RACE)) if plan.race_seeds else []
    winner = best[race_winner(race, higher)] if race else best[0]
    if winner == DEFAULT or not plan.fresh_seeds:
        return Confirmation(tuple(best), race, winner, None)
    default, other = scores(FRESH, [DEFAULT, winner], stage_seeds(plan, FRESH))
    return Confirmation(tuple(best), race, winner, (default, other))


def stage_seeds(plan: Plan, stage: str) -> list[int]:
    """The seeds of a stage."""
    count = plan.race_seeds if stage == RACE else plan.fresh_seeds
    return [plan.seed(stage, number) for number in range(count)]


def search_score(trial: Trial) -> float:
    """The last score of a trial that was trained to its end; not a number of any other."""
    return trial.score if trial.last is not None and trial.last.ended == "finished" else math.nan
