"""The search: jobs to workers, outcomes to the trial log, and what becomes of jobs that kill."""

from dataclasses import replace

import pytest

from luthier.core.errors import BadInput
from luthier.study.trial_log import TrialLog
from luthier.study.tune.search import Search, trial_directory
from luthier.study.tune.storage import open_storage
from luthier.study.worker_pool import MAX_RETRIES, Message

from .simulated import Foreman, Table, plan_of, queue_of, search, study_of

PLAN = plan_of(3, trials=6, sampler="random")


def searched(root, pool, plan=PLAN, deadline=None):
    with open_storage(root, None) as storage:
        return search(study_of(root, plan, TrialLog(storage, "study", "", plan)), pool, deadline)


class Deadly(Foreman):
    """A pool in which workers die of some trials, so often."""

    def __init__(self, deaths, **settings):
        super().__init__(Table(5), 3, **settings)
        self.deaths = dict(deaths)

    def receive(self):
        key = self.running[self.chance.randrange(len(self.running))]
        if self.deaths.get(key.item.trial, 0):
            self.deaths[key.item.trial] -= 1
            self.running.remove(key)
            yield Message(key, lost="status -9")
        else:
            yield from super().receive()


@pytest.mark.parametrize("workers", [1, 3])
def test_lost_job_is_given_again_twice_at_most(workers, tmp_path):
    expected = searched(tmp_path_of(tmp_path, "straight"), Foreman(Table(5), 3))
    found = searched(tmp_path_of(tmp_path, "deadly"), Deadly({2: MAX_RETRIES, 4: MAX_RETRIES + 1}, workers=workers))
    assert found[2] == expected[2] and found[2].last.ended in ("paused", "finished")
    assert (found[4].last.ended, found[4].last.scores) == ("failed", {})
    assert found[4].last.why == "its worker died 3 times, last with status -9"


def tmp_path_of(folder, name):
    (folder / name).mkdir()
    return folder / name


def test_how_often_a_worker_died_is_not_forgotten(tmp_path):
    class Twice(Deadly):
        def receive(self):
            if sum(self.deaths.values()) == 0:
                raise KeyboardInterrupt  # the whole search is killed
            yield from super().receive()

    with pytest.raises(KeyboardInterrupt):
        searched(tmp_path, Twice({2: MAX_RETRIES}))
    found = searched(tmp_path, Deadly({2: 1}))
    assert found[2].last.ended == "failed"


def test_jobs_say_what_to_train_and_where(tmp_path):
    pool = Foreman(Table(5), 3)
    trials = searched(tmp_path, pool)
    seen = set()
    for job in pool.jobs:
        trial = trials[int(job.directory[-4:])]
        assert job.directory == str(tmp_path / trial_directory(trial.number))
        assert job.recipe == PLAN.space.make_recipe(trial.params, trial.seed).dump()
        seen.add(job.recipe["seed"])
    assert len(seen) == 6 and PLAN.recipe.seed not in seen


def test_a_recipe_that_does_not_go_together_fails_without_a_worker(tmp_path):
    space = {"training": {"batch_size": {"choices": [1, 16]}}, "model": {"norm": {"choices": ["batch", "layer"]}}}
    plan = plan_of(1, space=space, trials=12, sampler="quasi-random")
    pool = Foreman(Table(5), 1)
    trials = searched(tmp_path, pool, plan)
    bad = [one for one in trials if one.params.get("training.batch_size") == 1 and one.params["model.norm"] == "batch"]
    assert bad and all(one.last.ended == "failed" and "batches of two" in one.last.why for one in bad)
    assert len(pool.jobs) == 12 - len(bad)


@pytest.mark.parametrize("ended", ["diverged", "failed"])
def test_a_default_that_cannot_be_trained_is_told_at_once(ended, tmp_path):
    with pytest.raises(BadInput, match=f"the one given {ended}: .*mend it first"):
        searched(tmp_path, Foreman(Table(5, {0: (1, ended)}), 3))


def test_no_trial_begins_when_time_is_up_and_what_is_begun_is_ended(tmp_path):
    asked = []

    def deadline(default):
        asked.append(default)
        return 0.0 if len(asked) > 8 else float("inf")

    plan = replace(PLAN, trials=None, minutes=1.0)
    found = searched(tmp_path, Foreman(Table(5), 3, workers=2), plan, deadline)
    assert 6 < len(found) < 20 and {max(one.scores) for one in asked} == {3}
    assert all(len(one.outcomes) == len(one.jobs) for one in found)


def test_a_search_that_was_over_in_time_is_over(tmp_path):
    plan = replace(PLAN, trials=None, minutes=1.0)
    first = searched(tmp_path, Foreman(Table(5), 3), plan, lambda default: 0.0)
    pool = Foreman(Table(5), 3)
    assert searched(tmp_path, pool, plan, lambda default: 0.0) == first and pool.jobs == []


def test_every_outcome_is_told_once_it_is_in_the_trial_log(tmp_path):
    with open_storage(tmp_path, None) as storage:
        trial_log, known = TrialLog(storage, "study", "", PLAN), []
        study = study_of(tmp_path, PLAN, trial_log)
        stage = Search(study, None, lambda: known.append(sum(len(one.outcomes) for one in trial_log.trials())))
        queue_of(study, Foreman(Table(5), 3)).run(stage)
    assert known == list(range(1, len(known) + 1)) and len(known) >= 6


def test_jobs_carry_the_data_and_what_is_to_be_measured(tmp_path):
    pool = Foreman(Table(5), 3)
    searched(tmp_path, pool, replace(PLAN, objectives=("accuracy", "parameters")))
    assert {(job.data, job.measure) for job in pool.jobs} == {("data", ("parameters",))}
