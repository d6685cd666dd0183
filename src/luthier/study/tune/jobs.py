"""The jobs of a study under way: each stage says which come next, one queue hands all of them to the workers."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from luthier.core.errors import DamagedFile, LostDirectory
from luthier.recipe.recipe import Recipe
from luthier.study.trial_log import TrialLog
from luthier.study.tune.progress import TuneProgress
from luthier.study.tune.stages import Plan
from luthier.study.tune.trial import Trial
from luthier.study.worker_pool import MAX_RETRIES, Job, Message, WorkerPool, own_place, run_jobs


@dataclass(frozen=True)
class RunningStudy:
    """A study under way, as its stages know it.

    trials: all so far, by number; the search adds to them. data: folder of the shared data set.
    """

    plan: Plan
    trial_log: TrialLog
    root: Path
    data: str
    progress: TuneProgress
    trials: list[Trial]

    def make_job(self, recipe: Recipe, directory: str, until: int | None) -> Job:
        """Make a job: a recipe to be trained in a directory to the end of an epoch, or as an ordinary run."""
        measure = () if until is None else self.plan.objectives[1:]
        path = self.root / directory
        return Job(recipe.dump(), self.data, str(path), until, measure, owner=own_place(path))


@dataclass(frozen=True, eq=False)
class StageJob:
    """A job of a stage.

    name: by which the trial log counts the workers it has lost. label: what progress calls it. epochs, before: at which
    it ends, and which it has already. item: what it is to its stage.
    """

    stage: "Stage"
    name: str
    label: str
    job: Job
    epochs: int
    before: int = 0
    item: Any = None


class Stage(ABC):
    """A part of a study that has jobs: the search, the race or the comparison after it, the final run."""

    @abstractmethod
    def next_job(self) -> StageJob | None:
        """Return the next job; None where there is none by now."""

    @abstractmethod
    def finish(self, job: StageJob, message: Message[StageJob]) -> None:
        """Keep what came of a job."""

    @abstractmethod
    def give_up(self, job: StageJob, why: str) -> None:
        """Keep that a job has lost too many workers, or raise LuthierError."""


def _require_readable(message: Message[StageJob]) -> None:
    """Raise what ends a study: files of a job that are damaged, or a directory that is no longer the study's."""
    if isinstance(message.fault, DamagedFile):
        remedy = f"or remove {message.key.job.directory}, which is then trained anew"
        raise DamagedFile(f"{message.fault}; {remedy}")
    if isinstance(message.fault, LostDirectory):
        raise message.fault


class JobQueue:
    """Hands the jobs of stages to a pool of workers, counts those that are lost, and tells of progress."""

    def __init__(self, pool: WorkerPool[StageJob], trial_log: TrialLog, progress: TuneProgress) -> None:
        self.pool, self.trial_log, self.progress = pool, trial_log, progress
        self.stages: Sequence[Stage] = ()

    def run(self, *stages: Stage) -> None:
        """Do all jobs of some stages; those of the first come before those of the second, and so on."""
        self.stages = stages
        run_jobs(self.pool, self)

    def next_job(self) -> tuple[StageJob, Job] | None:
        for stage in self.stages:
            found = stage.next_job()
            if found is not None:
                return found, found.job
        return None

    def begin(self, key: StageJob) -> None:
        self.progress.begin(key.label, key.epochs, key.before)

    def receive(self, message: Message[StageJob]) -> None:
        if message.epoch is not None:
            self.progress.report_epoch(message.key.label, message.epoch, message.score)
        elif message.ended:
            _require_readable(message)
            message.key.stage.finish(message.key, message)

    def lose(self, key: StageJob, words: str) -> int:
        count = self.trial_log.count_lost(key.name)
        if count <= MAX_RETRIES:
            self.progress.lose(key.label, words)
        return count

    def give_up(self, key: StageJob, why: str) -> None:
        key.stage.give_up(key, why)
