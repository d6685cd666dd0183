"""The ledger: what was written is there again, wherever the writing was cut off, and what goes on is the same study."""

import json
import random
import warnings
from contextlib import contextmanager
from pathlib import Path

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from luthier.core.errors import BadInput, DamagedFile
from luthier.study.trial_log import TrialLog
from luthier.study.tune.storage import JOURNAL, SEAL, _seal, open_storage
from luthier.study.tune.trial import Trial, TrialJob

from .tune.simulated import Foreman, Table, plan_of, search, study_of

PLAN = plan_of(3, trials=9, sampler="random")
FATES = {2: (1, "diverged"), 4: (1, "failed"), 7: (3, "diverged")}
TABLE = Table(5, FATES)
NAME = "study"


@contextmanager
def ledger(root: Path, plan=PLAN, site="", url=None):
    with open_storage(root, url) as storage:
        yield TrialLog(storage, NAME, site, plan)


def searched(root: Path, plan=PLAN, workers=1, seed=0, table=TABLE, **where) -> list[Trial]:
    with ledger(root, plan, **where) as one:
        return search(study_of(root, plan, one), Foreman(table, plan.epochs, workers, seed))


def reopened(root: Path, plan=PLAN, **where) -> list[Trial]:
    with ledger(root, plan, **where) as one:
        return one.trials()


@pytest.fixture(scope="module")
def straight(tmp_path_factory) -> Path:
    """The directory of a search that nothing happened to."""
    root = tmp_path_factory.mktemp("straight")
    searched(root)
    return root


def records(root: Path) -> list[bytes]:
    return (root / JOURNAL).read_bytes().splitlines(keepends=True)


def test_what_was_written_is_read_again(straight):
    again = searched(straight)
    assert reopened(straight) == again
    assert [one.number for one in again] == list(range(9))
    assert {one.number: one.last.ended for one in again if one.number in FATES} == {
        number: ended for number, (_, ended) in FATES.items()
    }
    assert again[0].how == "default" and all(len(one.outcomes) == len(one.jobs) for one in again)
    assert any(len(one.jobs) == 2 for one in again)  # somebody went on


def test_a_search_that_is_done_writes_nothing_anew(straight):
    before = (straight / JOURNAL).read_bytes()
    searched(straight)
    assert (straight / JOURNAL).read_bytes() == before


def test_cut_off_between_any_two_records_it_goes_on_to_the_same_trials(straight, tmp_path):
    expected, lines = reopened(straight), records(straight)
    assert len(lines) > 40
    for cut in range(len(lines) + 1):
        root = tmp_path / str(cut)
        root.mkdir()
        (root / JOURNAL).write_bytes(b"".join(lines[:cut]))
        assert searched(root, workers=1 + cut % 4, seed=cut) == expected, cut
        assert reopened(root) == expected, cut


def test_cut_off_again_and_again_nothing_is_lost_or_counted_twice(straight, tmp_path):
    expected, chance = reopened(straight), random.Random(0)
    for _ in range(25):
        try:
            searched(tmp_path, workers=2, seed=chance.randrange(99), table=Mortal(5, FATES, chance.randrange(1, 5)))
        except KeyboardInterrupt:
            lines = records(tmp_path)
            (tmp_path / JOURNAL).write_bytes(b"".join(lines[: -chance.randrange(1, 3)]) + lines[-1][:7])
    assert searched(tmp_path) == expected == reopened(tmp_path)


class Mortal(Table):
    """A table after a few looks at which the process dies."""

    def __init__(self, seed, fates, looks):
        super().__init__(seed, fates)
        self.looks = looks

    def outcome(self, job, epochs):
        self.looks -= 1
        if self.looks < 0:
            raise KeyboardInterrupt
        return super().outcome(job, epochs)


def test_the_trials_are_the_same_for_any_workers_and_tpe(tmp_path):
    plan = plan_of(3, trials=9)
    for workers in (1, 2, 4):
        (tmp_path / str(workers)).mkdir()
    first = searched(tmp_path / "1", plan)
    assert "tpe" in {one.how for one in first}
    assert searched(tmp_path / "2", plan, 2, seed=3) == first == searched(tmp_path / "4", plan, 4, seed=4)


def test_another_end_goes_on_with_trials_whose_end_was_told(straight, tmp_path):
    (tmp_path / JOURNAL).write_bytes((straight / JOURNAL).read_bytes())
    before, longer = reopened(straight), plan_of(3, trials=27, sampler="random")
    after = searched(tmp_path, longer, table=Table(5, FATES))
    assert len(after) == 27 and [one.number for one in after] == list(range(27))
    for old, new in zip(before, after, strict=False):
        assert new.jobs[: len(old.jobs)] == old.jobs and new.params == old.params
    assert any(len(new.jobs) > len(old.jobs) for old, new in zip(before, after, strict=False))
    assert reopened(tmp_path, longer) == after


def test_optuna_opens_the_file_as_it_is(straight):
    with warnings.catch_warnings(action="ignore"):
        study = optuna.load_study(study_name=NAME, storage=JournalStorage(JournalFileBackend(str(straight / JOURNAL))))
    trials = reopened(straight)
    assert [one.params for one in study.trials] == [dict(one.params) for one in trials]
    states = {"finished": TrialState.COMPLETE, "failed": TrialState.FAIL}
    assert [one.state for one in study.trials] == [states.get(one.last.ended, TrialState.PRUNED) for one in trials]
    finished = [one for one in trials if one.last.ended == "finished"]
    assert study.best_value == max(one.last.scores[3] for one in finished)
    assert [one.intermediate_values for one in study.trials] == [one.last.scores for one in trials]


def test_a_database_holds_the_same(straight, tmp_path):
    url = f"sqlite:///{tmp_path / 'studies.db'}"
    assert searched(tmp_path, url=url, site="here") == reopened(straight)
    assert reopened(tmp_path, url=url, site="here") == reopened(straight)


def test_two_sites_in_one_storage_do_not_mix(tmp_path):
    url = f"sqlite:///{tmp_path / 'studies.db'}"
    here = searched(tmp_path, url=url, site="here")
    there = searched(tmp_path, url=url, site="there", table=Table(8))
    assert here == reopened(tmp_path, url=url, site="here") != there == reopened(tmp_path, url=url, site="there")
    with ledger(tmp_path, url=url, site="here") as one, ledger(tmp_path, url=url, site="there") as other:
        assert one.others() == there and other.others() == here
        one.note("race", 1)
        other.note("race", 2)
        assert (one.notes()["race"], other.notes()["race"]) == (1, 2)
        assert one.count_lost("job-3") == 1 and one.count_lost("job-3") == 2 and other.count_lost("job-3") == 1


def test_a_study_in_two_objectives_is_kept(tmp_path):
    plan = plan_of(3, trials=6, sampler="random", pruner="none", objectives=("accuracy", "parameters"))
    found = searched(tmp_path, plan)
    with ledger(tmp_path, plan) as one:
        frozen = one.storage.get_all_trials(one.study)
    complete = [one for one in frozen if one.state == TrialState.COMPLETE]
    assert [one.values for one in complete] == [
        [trial.last.scores[3], trial.last.costs["parameters"]] for trial in found if trial.last.ended == "finished"
    ]


def test_trials_of_other_programs_are_passed_over(tmp_path):
    with ledger(tmp_path) as one:
        one.add_job(trial := Trial(0, PLAN.space.default_values(), "default", 1), TrialJob(0, 0, 3))
        one.storage.create_new_trial(one.study)
        assert one.trials() == [trial] and one.others() == []


def lose_number(record):
    del record["user_attrs"]["number"]


def text_for_scores(record):
    record["user_attr"]["done-0"]["scores"] = 5


def more_in_an_outcome(record):
    record["user_attr"]["done-0"]["extra"] = 1


@pytest.mark.parametrize(
    ("key", "harm"), [("user_attrs", lose_number), ("done-0", text_for_scores), ("done-0", more_in_an_outcome)]
)
def test_a_record_that_says_other_things_under_a_right_checksum_is_refused(straight, tmp_path, key, harm):
    lines = records(straight)
    place = next(k for k, line in enumerate(lines) if f'"{key}"'.encode() in line)
    record = {name: value for name, value in json.loads(lines[place]).items() if name != SEAL}
    harm(record)
    (tmp_path / JOURNAL).write_bytes(b"".join([*lines[:place], _seal(record), *lines[place + 1 :]]))
    with pytest.raises(DamagedFile, match="the trial log holds record 0, which no search wrote"):
        reopened(tmp_path)


def test_a_journal_of_something_else_is_refused(tmp_path):
    (tmp_path / JOURNAL).write_bytes(_seal({"op_code": 4}))
    with pytest.raises(DamagedFile, match="does not hold the trials of a study"), open_storage(tmp_path, None):
        pytest.fail("it was opened")


def test_a_journal_that_is_a_link_is_not_written_through(straight, tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes((straight / JOURNAL).read_bytes())
    (tmp_path / JOURNAL).symlink_to(victim)
    with pytest.raises(BadInput, match="is a link"), open_storage(tmp_path, None):
        pytest.fail("it was opened")
    (tmp_path / JOURNAL).unlink()
    (tmp_path / JOURNAL).symlink_to(tmp_path / "nothing")
    with pytest.raises(BadInput, match="is a link"), open_storage(tmp_path, None):
        pytest.fail("it was opened")
    assert not (tmp_path / "nothing").exists()
