"""Which job comes next: a function of the plan, the jobs given so far and the results that may be looked at.

Job k looks at the results of jobs below k - ahead, and at later ones only where these leave nothing to do. It waits for
a result that it may look at. Therefore a study is the same for any number of workers; of more than `ahead` and one,
some would wait.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from luthier.study.tune.stages import Plan, promote
from luthier.study.tune.trial import Trial, TrialJob, orient_score

NoJob = Literal["wait", "done"]


@dataclass(frozen=True)
class Decision:
    """A job to be given. before: results of jobs from this number on were not looked at."""

    job: TrialJob
    before: int


def decide_next(plan: Plan, trials: Sequence[Trial], more: bool = True) -> Decision | NoJob:
    """Choose the next job; "wait" where a result is needed that is not there, "done" where all are.

    trials: all so far, by number. more: whether new trials may begin.
    """
    jobs = sorted((job for trial in trials for job in trial.jobs), key=lambda one: one.number)
    number = len(jobs)
    for before in range(max(0, number - plan.ahead), number + 1):
        if any(job.number not in trials[job.trial].outcomes for job in jobs[:before]):
            return "wait"
        job = _choose(plan, trials, number, before, more)
        if job is not None:
            return Decision(job, before)
    return "done"


def _choose(plan: Plan, trials: Sequence[Trial], number: int, before: int, more: bool) -> TrialJob | None:
    for trial, epochs in _list_promotions(plan, trials, before):
        return TrialJob(number, trial, epochs)
    new = len(trials)
    if more and (plan.trials is None or new < plan.trials):
        return TrialJob(number, new, plan.rungs(new)[0])
    return None


def _list_promotions(plan: Plan, trials: Sequence[Trial], before: int) -> Iterator[tuple[int, int]]:
    """List the trials that may go on, and to which epoch, those nearest their end first."""
    ladders = {plan.rungs(trial.number) for trial in trials}
    steps = {(rung, following, ladder) for ladder in ladders for rung, following in pairwise(ladder)}
    for rung, following, ladder in sorted(steps, key=lambda one: (-one[1], -one[0], one[2])):
        members = [trial for trial in trials if plan.rungs(trial.number) == ladder]
        scores = {trial.number: _score_at(plan, trial, rung, before) for trial in members}
        known = [(score, number) for number, score in scores.items() if score is not None]
        yield from ((one, following) for one in promote(known) if _is_waiting(trials[one], rung, before))


def _score_at(plan: Plan, trial: Trial, rung: int, before: int) -> float | None:
    """Return the score of a trial at a rung, as known before a job; the worst of one that came to nothing."""
    seen = trial.outcome_before(before)
    if seen is None or (seen.ended == "paused" and max(seen.scores) < rung):
        return None
    if seen.ended in ("diverged", "failed"):
        return -math.inf
    return orient_score(seen.scores[max(epoch for epoch in seen.scores if epoch <= rung)], plan.metric)


def _is_waiting(trial: Trial, rung: int, before: int) -> bool:
    """Say whether a trial has come to a rung and was not asked to go on."""
    seen = trial.outcome_before(before)
    return trial.target == rung and seen is not None and seen.ended == "paused"
