"""The search: gives jobs to workers as they are decided, and keeps what comes of them."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from luthier.core.errors import BadInput, LuthierError
from luthier.recipe.read import read_recipe
from luthier.run import Run, RunPaths, stored_recipe
from luthier.study.trial_log import TrialLog
from luthier.study.tune.budget import FINAL
from luthier.study.tune.progress import TuneProgress
from luthier.study.tune.stages import Plan
from luthier.study.tune.trial import DEFAULT, Outcome, Trial, TrialJob
from luthier.study.tune.trial_sampler import suggest_params
from luthier.study.tune.trial_scheduler import decide_next
from luthier.study.tune.worker import Job
from luthier.study.worker_pool import MAX_RETRIES, Message, WorkerPool, run_jobs

RUN = "run"


class FinalRun:
    """One job, from the moment it is known what is kept."""

    def __init__(self, trial_log: TrialLog, root: Path, progress: TuneProgress) -> None:
        self.trial_log, self.path, self.progress = trial_log, root / RUN, progress
        self.recipe: dict[str, Any] | None = None
        self.waiting: list[Job] = []
        self.fault: str | None = None

    def ask(self, recipe: dict[str, Any]) -> None:
        """It is known what is kept; the run of what was kept before further trials is set aside, or comes back."""
        if self.recipe is None:
            self._make_room(read_recipe(recipe).hash())
            if not RunPaths(self.path).result.is_file():
                self.waiting.append(Job(recipe, str(self.path), None))
        self.recipe = recipe

    def _make_room(self, wanted: str) -> None:
        if RunPaths(self.path).recipe.is_file():
            there = stored_recipe(self.path).hash()
            if there == wanted:
                return
            self.path.rename(self._aside(there))
        if self._aside(wanted).is_dir():
            self._aside(wanted).rename(self.path)

    def _aside(self, recipe: str) -> Path:
        """Where a run is while another recipe is kept. recipe: its hash."""
        return self.path.with_name(f"{RUN}-{recipe[:8]}")

    def give(self) -> tuple[str, Job] | None:
        """The job, unless a worker has it."""
        if not self.waiting:
            return None
        self.progress.begin(FINAL, self.progress.plan.epochs)
        return RUN, self.waiting.pop()

    def take(self, message: Message[str]) -> None:
        """Keep what a worker says of it."""
        if message.died is None:
            self.fault = message.fault
            self.progress.end_final_run()
        elif self.trial_log.count_lost(RUN) > MAX_RETRIES:
            self.fault = f"its worker died {MAX_RETRIES + 1} times, last with {message.died}"
        else:
            assert self.recipe is not None
            self.progress.lose(RUN, message.died)
            self.waiting.append(Job(self.recipe, str(self.path), None))

    def result(self, pool: WorkerPool[str]) -> dict[str, Any]:
        """Train it now, where it is not; tell where it is, and its result on the test part."""
        self.progress.begin_stage(FINAL, 1, int(not self.waiting))
        run_jobs(pool, self.give, self.take)
        if self.fault is not None:
            raise LuthierError(f"the recipe that is kept could not be trained under the study's seed: {self.fault}")
        return {"run": str(self.path), "runs": [str(self.path)], "test": dict(Run(self.path).result["test"])}


Deadline = Callable[[Outcome], float]
"""When the search must end, on the monotonic clock, from what the default took."""


class Search:
    """One site's search, new or gone on with.

    deadline: asked once the default is trained; None where the number of trials ends the search. kept: is called when
    an outcome is in the ledger.
    """

    def __init__(
        self, plan: Plan, trial_log: TrialLog, root: Path, progress: TuneProgress, deadline: Deadline | None,
        *, kept: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        self.plan, self.trial_log, self.root, self.progress = plan, trial_log, root, progress
        self.deadline, self.kept = deadline, kept
        self.trials = trial_log.trials()
        given = [job for trial in self.trials for job in trial.jobs if job.number not in trial.outcomes]
        progress.know_trials(self.trials)
        self.waiting = sorted(given, key=lambda job: job.number)

    def run(self, pool: WorkerPool[Any], last: FinalRun) -> list[Trial]:
        """Search to the end, and return all trials; once the default is under way, the last run is too, if it waits.

        So no worker is left alone with it at the end.
        """
        for trial in self.trials[:1]:
            _require_trained(trial)
        run_jobs(
            pool,
            lambda: (last.give() if self.trials else None) or self.give(),
            lambda found: (last if found.key == RUN else self).take(found),
        )
        for trial in self.trials:
            self.trial_log.close(trial)
        return self.trials

    def give(self) -> tuple[TrialJob, Job] | None:
        """The next job: one that was given before and lost, or a new one."""
        while True:
            job = self.waiting.pop(0) if self.waiting else self._new()
            if job is None:
                return None
            try:
                return job, self._errand(job)
            except BadInput as error:
                self.trial_log.add_outcome(self.trials[job.trial], job, _failure(self.plan, str(error)))

    def _new(self) -> TrialJob | None:
        decision = decide_next(self.plan, self.trials, self._more())
        if isinstance(decision, str):
            return None
        job = decision.job
        if job.trial == len(self.trials):
            params, how = suggest_params(self.plan, job.trial, self.trials, decision.before, self.trial_log.others())
            trial = Trial(job.trial, params, how, self.plan.seed("trial", job.trial))
            self.trial_log.add_job(trial, job)
            self.trials.append(trial)
        else:
            self.trial_log.add_job(self.trials[job.trial], job)
        return job

    def _more(self) -> bool:
        """Whether there is time for further trials."""
        default = self.trials[DEFAULT].last if self.trials else None
        return self.deadline is None or default is None or time.monotonic() < self.deadline(default)

    def _errand(self, job: TrialJob) -> Job:
        trial = self.trials[job.trial]
        recipe = self.plan.space.make_recipe(trial.params, trial.seed)
        last = trial.last
        self.progress.begin(_name(job), job.epochs, max(last.scores, default=0) if last else 0)
        return Job(recipe.dump(), str(self.root / trial_directory(trial.number)), job.epochs)

    def take(self, message: Message[TrialJob]) -> None:
        """Keep what a worker says of a job."""
        job = message.key
        trial = self.trials[job.trial]
        if message.epoch is not None and message.score is not None:
            self.progress.report_epoch(_name(job), message.epoch, message.score)
        elif message.outcome is not None:
            self._keep(trial, job, Outcome.of(message.outcome))
        elif self.trial_log.count_lost(f"job-{job.number}") > MAX_RETRIES:
            self._keep(
                trial, job, _failure(self.plan, f"its worker died {MAX_RETRIES + 1} times, last with {message.died}")
            )
        else:
            self.progress.lose(_name(job), str(message.died))
            self.waiting.insert(0, job)

    def _keep(self, trial: Trial, job: TrialJob, outcome: Outcome) -> None:
        self.trial_log.add_outcome(trial, job, outcome)
        self.kept()
        self.progress.end_trial(_name(job), outcome)
        _require_trained(trial)


def _require_trained(trial: Trial) -> None:
    """Raise BadInput where the default came to nothing."""
    last = trial.last
    if trial.number == DEFAULT and last is not None and last.ended in ("diverged", "failed"):
        raise BadInput(
            f"a search starts from a recipe that can be trained, but the one given {last.ended}: {last.why}; "
            "mend it first, with luthier train"
        )


def _name(job: TrialJob) -> str:
    return f"trial {job.trial}"


def trial_directory(trial: int) -> str:
    """The name of a trial's directory in that of the study."""
    return f"trial-{trial:04d}"


def _failure(plan: Plan, why: str) -> Outcome:
    return Outcome({}, "failed", 0.0, 0, plan.threads, {}, why)
