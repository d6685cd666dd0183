"""The search: decides which trial is trained how far, and keeps what comes of it."""

import time
from collections.abc import Callable

from luthier.core.errors import BadInput
from luthier.study.tune.jobs import RunningStudy, Stage, StageJob
from luthier.study.tune.stages import Plan
from luthier.study.tune.trial import DEFAULT, Outcome, Trial, TrialJob
from luthier.study.tune.trial_sampler import suggest_params
from luthier.study.tune.trial_scheduler import decide_next
from luthier.study.worker_pool import Message

Deadline = Callable[[Outcome], float]
"""When the search must end, on the monotonic clock, from what the default took."""


class Search(Stage):
    """One site's search, new or resumed.

    deadline: asked once the default is trained; None where the number of trials ends the search.
    on_outcome: is called when an outcome is in the trial log.
    Raises BadInput where the default came to nothing, at once or as soon as that is known.
    """

    def __init__(
        self, study: RunningStudy, deadline: Deadline | None, on_outcome: Callable[[], None] = lambda: None
    ) -> None:
        self.study, self.plan, self.trials = study, study.plan, study.trials
        self.deadline, self.on_outcome = deadline, on_outcome
        given = [job for trial in self.trials for job in trial.jobs if job.number not in trial.outcomes]
        self.waiting = sorted(given, key=lambda job: job.number)
        for trial in self.trials[:1]:
            _require_trained(trial)

    def next_job(self) -> StageJob | None:
        """Return a job that an earlier process gave and lost, or a new one."""
        while True:
            job = self.waiting.pop(0) if self.waiting else self._decide()
            if job is None:
                return None
            try:
                return self._make_job(job)
            except BadInput as error:
                self.study.trial_log.add_outcome(self.trials[job.trial], job, _failure(self.plan, str(error)))

    def _decide(self) -> TrialJob | None:
        decision = decide_next(self.plan, self.trials, self._has_time())
        if isinstance(decision, str):
            return None
        job, trial_log = decision.job, self.study.trial_log
        if job.trial == len(self.trials):
            params, how = suggest_params(self.plan, job.trial, self.trials, decision.before, trial_log.others())
            trial = Trial(job.trial, params, how, self.plan.seed("trial", job.trial))
            trial_log.add_job(trial, job)
            self.trials.append(trial)
        else:
            trial_log.add_job(self.trials[job.trial], job)
        return job

    def _has_time(self) -> bool:
        """Say whether there is time for further trials."""
        default = self.trials[DEFAULT].last if self.trials else None
        return self.deadline is None or default is None or time.monotonic() < self.deadline(default)

    def _make_job(self, job: TrialJob) -> StageJob:
        trial = self.trials[job.trial]
        recipe = self.plan.space.make_recipe(trial.params, trial.seed)
        made = self.study.make_job(recipe, trial_directory(trial.number), job.epochs)
        before = max(trial.last.scores, default=0) if trial.last else 0
        return StageJob(self, f"job-{job.number}", f"trial {job.trial}", made, job.epochs, before, job)

    def finish(self, job: StageJob, message: Message[StageJob]) -> None:
        assert message.outcome is not None
        self._keep(job, Outcome.of(message.outcome))

    def give_up(self, job: StageJob, why: str) -> None:
        self._keep(job, _failure(self.plan, why))

    def _keep(self, job: StageJob, outcome: Outcome) -> None:
        trial = self.trials[job.item.trial]
        self.study.trial_log.add_outcome(trial, job.item, outcome)
        self.on_outcome()
        self.study.progress.end_trial(job.label, outcome)
        _require_trained(trial)

    def close(self) -> None:
        """Tell Optuna of every trial that has come to its end."""
        for trial in self.trials:
            self.study.trial_log.close(trial)


def _require_trained(trial: Trial) -> None:
    """Raise BadInput where the default came to nothing."""
    last = trial.last
    if trial.number == DEFAULT and last is not None and last.ended in ("diverged", "failed"):
        raise BadInput(
            f"a search starts from a recipe that can be trained, but the one given {last.ended}: {last.why}; "
            "mend it first, with luthier train"
        )


def trial_directory(trial: int) -> str:
    """Name a trial's directory in that of the study."""
    return f"trial-{trial:04d}"


def _failure(plan: Plan, why: str) -> Outcome:
    return Outcome({}, "failed", 0.0, 0, plan.threads, {}, why)
