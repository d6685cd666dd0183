"""The final run: given once it is asked for; given back when its worker dies; its faults told at the end."""

import pytest

from luthier.core.errors import BadInput, LuthierError
from luthier.run import RunPaths, read_stored_recipe
from luthier.study.trial_log import TrialLog
from luthier.study.tune import tune
from luthier.study.tune.final_run import RUN, FinalRun
from luthier.study.tune.search import Search
from luthier.study.tune.storage import open_storage
from luthier.study.tune.trial import Trial
from luthier.study.verify import fsck
from luthier.study.worker_pool import MAX_RETRIES, Message

from .simulated import Foreman, Table, plan_of, queue_of, study_of

PLAN = plan_of(3, trials=6, sampler="random")
RECIPE, OTHER = PLAN.recipe, PLAN.recipe.model_copy(update={"seed": 7})


@pytest.fixture
def study(tmp_path):
    """A study whose default is under way."""
    with open_storage(tmp_path, None) as storage:
        found = study_of(tmp_path, PLAN, TrialLog(storage, "study", "", PLAN))
        found.trials.append(Trial(0, {}, "default", 0))
        yield found


def test_it_is_given_once_and_only_when_it_was_asked_for(study):
    final_run = FinalRun(study)
    assert final_run.next_job() is None
    final_run.request(RECIPE)
    found = final_run.next_job()
    assert (found.name, found.label) == (RUN, "final run")
    assert (found.job.recipe, found.job.until, found.job.directory) == (RECIPE.dump(), None, str(final_run.path))
    assert found.job.measure == ()
    final_run.request(RECIPE)
    assert final_run.next_job() is None


def test_it_waits_for_the_default(study):
    study.trials.clear()
    final_run = FinalRun(study)
    final_run.request(RECIPE)
    assert final_run.next_job() is None
    study.trials.append(Trial(0, {}, "default", 0))
    assert final_run.next_job() is not None


def test_a_run_that_is_there_is_not_trained_again(study):
    final_run = FinalRun(study)
    final_run.path.mkdir()
    RunPaths(final_run.path).result.write_text("{}")
    final_run.request(RECIPE)
    assert final_run.next_job() is None


def test_runs_change_places_when_another_recipe_is_kept(study, tmp_path):
    for recipe in (RECIPE, OTHER, RECIPE, OTHER):
        final_run = FinalRun(study)
        final_run.request(recipe)
        if final_run.next_job():  # the first two times
            final_run.path.mkdir()
            RunPaths(final_run.path).recipe.write_text(recipe.to_toml())
            RunPaths(final_run.path).result.write_text("{}")
        assert read_stored_recipe(final_run.path) == recipe
    assert len(list(tmp_path.glob(f"{RUN}*"))) == 2


class Recorder(Foreman):
    """A pool that notes who is at work when the final run is given, and does it as its script says."""

    def __init__(self, workers, *script):
        super().__init__(Table(5), 3, workers=workers)
        self.beside, self.script = None, list(script)

    def give(self, key, job):
        if key.name == RUN:
            self.beside = list(self.running)
            self.running.append(key)
        else:
            super().give(key, job)

    def receive(self):
        runs = [key for key in self.running if key.name == RUN]
        if runs:
            self.running.remove(runs[0])
            yield Message(runs[0], **self.script.pop(0))
        else:
            yield from super().receive()


def test_it_is_given_back_twice_at_most(study):
    for deaths in (MAX_RETRIES, 1):  # what an earlier process counted is not forgotten
        final_run, pool = FinalRun(study), Recorder(1, *[{"lost": "status -9"}] * deaths, {"run": "there"})
        final_run.request(RECIPE)
        queue_of(study, pool).run(final_run)
        assert (final_run.fault is None) == (deaths == MAX_RETRIES)
    with pytest.raises(LuthierError, match=f"its worker died {MAX_RETRIES + 1} times, last with status -9"):
        final_run.read_result()


@pytest.mark.parametrize("workers", [1, 2])
def test_it_is_trained_beside_the_search_after_the_default_was_given_and_its_fault_waits(study, workers):
    study.trials.clear()
    pool, final_run = Recorder(workers, {"fault": BadInput("some reason")}), FinalRun(study)
    final_run.request(RECIPE)
    queue_of(study, pool).run(final_run, Search(study, None))
    assert len(study.trials) == 6
    assert [key.item.trial for key in pool.beside] == [0] * (workers - 1)
    with pytest.raises(LuthierError, match="could not be trained under the study's seed: some reason"):
        final_run.read_result()


def test_without_a_fresh_comparison_the_default_is_trained_as_ever(tmp_path):
    asked = {"epochs": 2, "trials": 3, "race_seeds": 0, "seed": 3, "quiet": True, "space": {"model": {"width": {}}}}
    found = tune("digits", "mlp", out=tmp_path / "tune", workers=2, fresh_seeds=0, **asked)
    assert found["shipped"] == "default" and found["run"] == str(tmp_path / "tune" / RUN)
    assert fsck(tmp_path / "tune") == []
