"""A search without training: scores from a table, workers that take their time, and who is done first drawn by lot."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from luthier.recipe.read import read_recipe
from luthier.study.trial_log import TrialLog
from luthier.study.tune.jobs import JobQueue, RunningStudy, StageJob
from luthier.study.tune.progress import TuneProgress
from luthier.study.tune.search import Deadline, Search
from luthier.study.tune.space_reader import read_space
from luthier.study.tune.stages import Plan
from luthier.study.tune.trial import Ended, Outcome, Trial, TrialJob
from luthier.study.tune.trial_scheduler import decide_next
from luthier.study.worker_pool import Job, Message

EXAMPLES = 700
MOST = 1000
"""More jobs than any of these searches has."""


def plan_of(epochs: int = 9, space: dict | None = None, monitor: str = "accuracy", **settings) -> Plan:
    """A plan whose parts are all given but those that a test asks for."""
    recipe = read_recipe(
        {"model": "mlp", "training": {"epochs": epochs, "monitor": monitor}, "seed": settings.pop("seed", 0)}
    )
    usual = {
        "trials": 24, "minutes": None, "sampler": "tpe", "pruner": "asha", "objectives": (monitor,), "top": 5,
        "race_seeds": 3, "fresh_seeds": 6, "ahead": 4, "threads": 1, "ratio": 0.125,
    }  # fmt: skip
    return Plan(space=read_space(space or {"model": {"width": {}, "dropout": {}}}, recipe), **{**usual, **settings})


@dataclass
class Table:
    """What would come of each trial at each epoch. fates: of trials that do not end well, the epoch and how."""

    seed: int = 0
    fates: dict[int, tuple[int, Ended]] = field(default_factory=dict)

    def score(self, trial: int, epoch: int) -> float:
        return (
            random.Random(f"{self.seed}/{trial}").random() + random.Random(f"{self.seed}/{trial}/{epoch}").random() / 3
        )

    def outcome(self, job: TrialJob, epochs: int) -> Outcome:
        """Of a job of a trial that is trained for so many epochs if it comes to its end."""
        last, ended = self.fates.get(job.trial, (epochs + 1, "finished"))
        reached = min(job.epochs, last - (ended != "finished"))  # the epoch of a fault has no score
        scores = {epoch: self.score(job.trial, epoch) for epoch in range(1, reached + 1)}
        end: Ended = ended if job.epochs >= last else "finished" if job.epochs == epochs else "paused"
        return Outcome(scores, end, 1.0, EXAMPLES, 1, {"parameters": 1000 + job.trial}, None)


@dataclass
class Simulated:
    """A search of a plan. workers: at once. chance: who is done next. decide: what comes next."""

    plan: Plan
    table: Table
    workers: int = 1
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    more: Callable[[int], bool] = lambda job: True
    decide: Callable = decide_next
    trials: list[Trial] = field(default_factory=list)
    jobs: list[TrialJob] = field(default_factory=list)
    at_once: int = 0

    def run(self) -> list[TrialJob]:
        """All jobs in the order in which they were given."""
        running: list[TrialJob] = []
        while True:
            while len(running) < self.workers:
                found = self.decide(self.plan, self.trials, self.more(len(self.jobs)))
                if isinstance(found, str):
                    break
                running.append(self._given(found.job))
            self.at_once = max(self.at_once, len(running))
            if not running:
                assert found == "done"
                return self.jobs
            job = running.pop(self.chance.randrange(len(running)))
            self.trials[job.trial].outcomes[job.number] = self.table.outcome(job, self.plan.epochs)

    def _given(self, job: TrialJob) -> TrialJob:
        assert job.number == len(self.jobs) < MOST
        if job.trial == len(self.trials):
            self.trials.append(Trial(job.trial, {}, "random", 0))
        self.trials[job.trial].jobs.append(job)
        self.jobs.append(job)
        return job


def ladders(plan: Plan, jobs: list[TrialJob]) -> dict[tuple[int, ...], list[int]]:
    """The trials that climb the same rungs."""
    found: dict[tuple[int, ...], list[int]] = {}
    for trial in sorted({job.trial for job in jobs}):
        found.setdefault(plan.rungs(trial), []).append(trial)
    return found


def promotions(plan: Plan, jobs: list[TrialJob]) -> list[tuple[int, int, int]]:
    """Trial, rung and number of job of everyone that went on."""
    return [
        (job.trial, rung, job.number) for job in jobs for rung, following in pairwise(plan.rungs(job.trial))
        if job.epochs == following
    ]  # fmt: skip


class Foreman:
    """A pool without processes: what comes of a job is in a table, and who is done next is drawn by lot."""

    def __init__(self, table: Table, epochs: int, workers: int = 1, seed: int = 0) -> None:
        self.table, self.epochs, self.size = table, epochs, workers
        self.chance = random.Random(seed)
        self.running: list[StageJob] = []
        self.check: Callable[[], None] = lambda: None
        self.jobs: list[Job] = []

    @property
    def idle(self) -> bool:
        return len(self.running) < self.size

    @property
    def busy(self) -> bool:
        return bool(self.running)

    def give(self, key: StageJob, job: Job) -> None:
        assert job.until == key.item.epochs and job.directory.endswith(f"trial-{key.item.trial:04d}")
        self.running.append(key)
        self.jobs.append(job)

    def receive(self) -> Iterator[Message[StageJob]]:
        key = self.running.pop(self.chance.randrange(len(self.running)))
        outcome = self.table.outcome(key.item, self.epochs)
        for epoch, score in outcome.scores.items():
            yield Message(key, epoch=epoch, score=score)
        yield Message(key, outcome=json.loads(json.dumps(outcome.dump())))


def study_of(root: Path, plan: Plan, trial_log: TrialLog) -> RunningStudy:
    """A study under way in a directory, as far as its trial log tells."""
    progress, trials = TuneProgress(plan), trial_log.trials()
    progress.know_trials(trials)
    return RunningStudy(plan, trial_log, root, "data", progress, trials)


def queue_of(study: RunningStudy, pool: Foreman) -> JobQueue:
    return JobQueue(pool, study.trial_log, study.progress)


def search(study: RunningStudy, pool: Foreman, deadline: Deadline | None = None) -> list[Trial]:
    """Search to the end by a pool."""
    stage = Search(study, deadline)
    queue_of(study, pool).run(stage)
    stage.close()
    return study.trials
