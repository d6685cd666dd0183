"""The last run: given once it is known; given back when its worker dies; its faults told at the end."""

import pytest

from luthier.core.errors import LuthierError
from luthier.recipe.read import read_recipe
from luthier.run import RunPaths, stored_recipe
from luthier.study.trial_log import TrialLog
from luthier.study.tune import tune
from luthier.study.tune.progress import TuneProgress
from luthier.study.tune.search import RUN, FinalRun, Search
from luthier.study.tune.storage import open_storage
from luthier.study.verify import fsck
from luthier.study.worker_pool import MAX_RETRIES, Message

from .simulated import Foreman, Table, plan_of

PLAN = plan_of(3, trials=6, sampler="random")
RECIPE, OTHER = PLAN.recipe.dump(), {**PLAN.recipe.dump(), "seed": 7}


@pytest.fixture
def last(tmp_path):
    with open_storage(tmp_path, None) as storage:
        yield FinalRun(TrialLog(storage, "study", "", PLAN), tmp_path, TuneProgress(PLAN))


def test_it_is_given_once_and_only_when_it_is_known_what_is_kept(last):
    assert last.give() is None
    last.ask(RECIPE)
    name, job = last.give()
    assert (name, job.recipe, job.epochs, job.directory) == (RUN, RECIPE, None, str(last.path))
    last.ask(RECIPE)
    assert last.give() is None


def test_a_run_that_is_there_is_not_trained_again(last):
    last.path.mkdir()
    RunPaths(last.path).result.write_text("{}")
    last.ask(RECIPE)
    assert last.give() is None


def test_runs_change_places_when_another_recipe_is_kept(last, tmp_path):
    for recipe in (RECIPE, OTHER, RECIPE, OTHER):
        one = FinalRun(last.trial_log, tmp_path, last.progress)
        one.ask(recipe)
        if one.give():  # the first two times
            one.path.mkdir()
            RunPaths(one.path).recipe.write_text(read_recipe(recipe).to_toml())
            RunPaths(one.path).result.write_text("{}")
        assert stored_recipe(one.path) == read_recipe(recipe)
    assert len(list(tmp_path.glob(f"{RUN}*"))) == 2


def test_it_is_given_back_twice_at_most(last):
    last.ask(RECIPE)
    for _ in range(MAX_RETRIES):
        assert last.give()
        last.take(Message(RUN, died="status -9"))
    assert last.give()
    last.take(Message(RUN, died="status -9"))
    assert last.give() is None
    with pytest.raises(LuthierError, match=f"its worker died {MAX_RETRIES + 1} times, last with status -9"):
        last.result(Foreman(Table(), 3))


class Recorder(Foreman):
    """A pool that notes who is at work when the last run is given, and does it with a fault."""

    def __init__(self, workers):
        super().__init__(Table(5), 3, workers=workers)
        self.beside = None

    def give(self, key, job):
        if key == RUN:
            self.beside = list(self.running)
            self.running.append(key)
        else:
            super().give(key, job)

    def receive(self):
        if RUN in self.running:
            self.running.remove(RUN)
            yield Message(RUN, fault="some reason")
        else:
            yield from super().receive()


@pytest.mark.parametrize("workers", [1, 2])
def test_it_is_trained_beside_the_search_after_the_default_was_given_and_its_fault_waits(last, workers):
    pool = Recorder(workers)
    last.ask(RECIPE)
    search = Search(PLAN, last.trial_log, last.path.parent, last.progress, None)
    assert len(search.run(pool, last)) == 6
    assert [one.trial for one in pool.beside] == [0] * (workers - 1)
    with pytest.raises(LuthierError, match="could not be trained under the study's seed: some reason"):
        last.result(pool)


def test_without_a_fresh_comparison_the_default_is_trained_as_ever(tmp_path):
    asked = {"epochs": 2, "trials": 3, "race_seeds": 0, "seed": 3, "quiet": True, "space": {"model": {"width": {}}}}
    found = tune("digits", "mlp", out=tmp_path / "tune", workers=2, fresh_seeds=0, **asked)
    assert found["shipped"] == "default" and found["run"] == str(tmp_path / "tune" / RUN)
    assert fsck(tmp_path / "tune") == []
