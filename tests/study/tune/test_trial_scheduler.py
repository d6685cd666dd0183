"""The sequence of jobs: the same for any number of workers and any order in which they finish."""

import math
import random
from collections import Counter
from dataclasses import replace

import pytest

from luthier.study.tune.stages import ETA
from luthier.study.tune.trial import Outcome, Trial, TrialJob, orient_score
from luthier.study.tune.trial_scheduler import Decision, decide_next

from .simulated import Simulated, Table, ladders, plan_of, promotions

FATES = {3: (1, "diverged"), 5: (2, "failed"), 8: (4, "diverged"), 11: (9, "diverged"), 13: (3, "finished")}
PRUNERS = ("asha", "hyperband", "none")


def searched(plan, table, workers=1, order=0, **more):
    search = Simulated(plan, table, workers, random.Random(order), **more)
    search.run()
    return search


@pytest.mark.parametrize("fates", [{}, FATES], ids=["all end well", "some do not"])
@pytest.mark.parametrize("pruner", PRUNERS)
@pytest.mark.parametrize("epochs", [1, 3, 9, 20])
def test_the_jobs_are_the_same_for_one_to_four_workers_and_any_order(pruner, epochs, fates):
    plan, table = plan_of(epochs, pruner=pruner), Table(7, fates)
    expected = searched(plan, table)
    for workers in (2, 3, 4):
        for order in range(4):
            found = searched(plan, table, workers, order)
            assert found.jobs == expected.jobs and found.trials == expected.trials


@pytest.mark.parametrize("seed", range(20))
def test_the_jobs_are_the_same_for_many_tables(seed):
    chance = random.Random(seed)
    fates = {
        one: (chance.randrange(1, 10), chance.choice(["diverged", "failed", "finished"])) for one in range(1, 40, 4)
    }
    plan = plan_of(9, pruner=chance.choice(PRUNERS), trials=chance.randrange(2, 40), ahead=chance.randrange(4, 7))
    table = Table(seed, fates)
    runs = [searched(plan, table, workers, seed) for workers in (1, 2, 3, 4)]
    assert all(one.jobs == runs[0].jobs for one in runs)


def test_as_many_workers_are_at_work_as_results_are_not_looked_at():
    assert [searched(plan_of(), Table(), workers).at_once for workers in (1, 2, 3, 4, 5, 6, 9)] == [1, 2, 3, 4, 5, 5, 5]


def greedy(plan, trials, more):
    """Looks at every result that is there, and takes what is not for nothing."""
    nothing = Outcome({}, "failed", 0.0, 0, 1, {})
    seen = [
        replace(one, outcomes={job.number: one.outcomes.get(job.number, nothing) for job in one.jobs}) for one in trials
    ]
    return decide_next(replace(plan, ahead=0), seen, more)


def test_a_scheduler_that_looks_at_all_there_is_depends_on_who_was_first():
    """The negative control: the tests above can see a difference."""
    sequences = {tuple(searched(plan_of(), Table(7), 4, order, decide=greedy).jobs) for order in range(8)}
    assert len(sequences) > 1


@pytest.mark.parametrize("metric", ["accuracy", "loss"])
@pytest.mark.parametrize("pruner", PRUNERS)
@pytest.mark.parametrize("fates", [{}, FATES], ids=["all end well", "some do not"])
def test_no_job_is_given_twice_and_each_trial_climbs_its_rungs(pruner, fates, metric):
    plan = plan_of(pruner=pruner, trials=40, monitor=metric)
    search = searched(plan, Table(3, fates), 4)
    assert max(Counter((job.trial, job.epochs) for job in search.jobs).values()) == 1
    for trial in search.trials:
        rungs = plan.rungs(trial.number)
        assert tuple(job.epochs for job in trial.jobs) == rungs[: len(trial.jobs)]
    assert [job.number for job in search.jobs] == list(range(len(search.jobs)))
    assert len(search.trials) == 40


@pytest.mark.parametrize("metric", ["accuracy", "loss"])
@pytest.mark.parametrize("pruner", ["asha", "hyperband"])
@pytest.mark.parametrize("seed", range(6))
def test_who_goes_on_was_among_the_best_third_of_those_known_at_the_rung(pruner, metric, seed):
    plan = plan_of(pruner=pruner, trials=40, monitor=metric)
    search = searched(plan, Table(seed, FATES), 4, seed)
    went_on = promotions(plan, search.jobs)
    assert len(went_on) >= 8
    done = {job.number: search.trials[job.trial].outcomes[job.number] for job in search.jobs}
    for trial, rung, number in went_on:
        known = [{job: done[job.number] for job in search.jobs[:before]} for before in range(number + 1)]
        assert any(_is_among_the_best(plan, one, trial, rung) for one in known)


def _is_among_the_best(plan, known, trial, rung):
    """Whether a trial was in the best third at its rung by the outcomes of some jobs, counted plainly."""
    scores = {}
    for job, outcome in known.items():
        if plan.rungs(job.trial) != plan.rungs(trial):
            continue
        if outcome.ended in ("diverged", "failed"):
            scores[job.trial] = -math.inf
        elif job.epochs >= rung:
            scores.setdefault(job.trial, 0)
            scores[job.trial] = orient_score(
                outcome.scores[max(one for one in outcome.scores if one <= rung)], plan.metric
            )
    better = sum((-score, one) < (-scores.get(trial, -math.inf), trial) for one, score in scores.items())
    return trial in scores and better < len(scores) // ETA


@pytest.mark.parametrize("pruner", ["asha", "hyperband"])
def test_in_the_end_nobody_of_the_best_third_is_left_behind(pruner):
    plan = plan_of(pruner=pruner, trials=30)
    search = searched(plan, Table(4), 4)
    for ladder, members in ladders(plan, search.jobs).items():
        for rung in ladder[:-1]:
            scores = {one: search.trials[one].last.scores.get(rung) for one in members}
            known = sorted((-score, one) for one, score in scores.items() if score is not None)
            best = {one for _, one in known[: len(known) // ETA]}
            assert best <= {one for one in members if search.trials[one].jobs[-1].epochs > rung}


def test_trials_that_came_to_nothing_never_go_on_but_count_among_the_rest():
    fates = {number: (1, "diverged") for number in range(1, 24) if number % 3}
    search = searched(plan_of(), Table(1, fates), 2)
    assert all(len(search.trials[number].jobs) == 1 for number in fates)
    others = [trial for trial in search.trials[1:] if trial.number not in fates]
    assert len(others) == 23 // ETA and all(len(trial.jobs) >= 2 for trial in others)  # all are among the best third


def test_who_is_nearest_to_the_end_goes_on_first():
    plan, trials = (
        plan_of(ahead=0),
        [Trial(0, {}, "default", 0, [TrialJob(0, 0, 9)], {0: Table().outcome(TrialJob(0, 0, 9), 9)})],
    )
    for number, epochs in enumerate((1, 1, 1, 3, 3, 3, 1, 1, 1), 1):
        job = TrialJob(number, number, epochs)
        trials.append(Trial(number, {}, "tpe", 0, [job], {number: Table().outcome(job, 9)}))
    best = max((4, 5, 6), key=lambda number: trials[number].last.scores[3])
    assert decide_next(plan, trials).job == TrialJob(10, best, 9)
    trials[best].jobs.append(TrialJob(10, best, 9))
    trials[best].outcomes[10] = Table().outcome(TrialJob(10, best, 9), 9)
    first = max(range(1, 10), key=lambda number: trials[number].last.scores[1])
    assert first != best
    assert decide_next(plan, trials).job == TrialJob(11, first, 3)


def test_where_all_come_to_nothing_the_search_ends():
    for ended in ("diverged", "failed"):
        fates = {number: (1, ended) for number in range(1, 24)}
        search = searched(plan_of(), Table(1, fates), 4)
        assert len(search.trials) == 24 and all(len(one.jobs) == 1 for one in search.trials)


def test_the_default_is_the_first_job_and_trained_whole():
    for pruner in PRUNERS:
        jobs = searched(plan_of(pruner=pruner), Table()).jobs
        assert (jobs[0].trial, jobs[0].epochs) == (0, 9) and sum(job.trial == 0 for job in jobs) == 1


def test_hyperband_compares_those_of_a_ladder_alone():
    plan = plan_of(pruner="hyperband", trials=40)
    jobs = searched(plan, Table(2)).jobs
    assert set(ladders(plan, jobs)) == {(1, 3, 9), (3, 9), (9,)}
    assert {rung for trial, rung, _ in promotions(plan, jobs) if plan.rungs(trial) == (3, 9)} == {3}


def test_when_time_is_up_no_trial_begins_but_the_best_go_on():
    plan = plan_of(trials=None, minutes=5.0)
    search = searched(plan, Table(6), 3, more=lambda job: job < 17)
    begun = [job for job in search.jobs if job.epochs == plan.rungs(job.trial)[0]]
    assert max(job.number for job in begun) < 17 and len(search.jobs) > 17
    assert searched(plan, Table(6), 1, more=lambda job: job < 17).jobs == search.jobs


def test_without_a_number_of_trials_there_is_always_another():
    plan = plan_of(trials=None, minutes=5.0)
    search = Simulated(plan, Table(), more=lambda job: job < 200)
    assert len(search.run()) >= 200


def test_a_result_that_may_be_looked_at_is_waited_for():
    plan = plan_of(ahead=2, pruner="none")
    search = Simulated(plan, Table())
    for _ in range(2):
        search._given(decide_next(plan, search.trials).job)
    assert decide_next(plan, search.trials).before == 0  # job 2 looks at none
    search._given(decide_next(plan, search.trials).job)
    assert decide_next(plan, search.trials) == "wait"  # job 3 looks at job 0
    search.trials[2].outcomes[2] = search.trials[1].outcomes[1] = Table().outcome(search.jobs[1], 9)
    assert decide_next(plan, search.trials) == "wait"
    search.trials[0].outcomes[0] = Table().outcome(search.jobs[0], 9)
    assert decide_next(plan, search.trials) == Decision(TrialJob(3, 3, 9), before=1)


def test_it_is_done_when_all_is_done_and_not_before():
    plan = plan_of(trials=2, pruner="none")
    search = Simulated(plan, Table())
    for _ in range(2):
        search._given(decide_next(plan, search.trials).job)
    assert decide_next(plan, search.trials) == "wait"
    for trial in search.trials:
        trial.outcomes[trial.number] = Table().outcome(search.jobs[trial.number], 9)
    assert decide_next(plan, search.trials) == "done"
    assert decide_next(plan_of(trials=3, pruner="none"), search.trials).job == TrialJob(
        2, 2, 9
    )  # a study that goes on further
