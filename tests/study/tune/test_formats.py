"""Journals that earlier versions wrote are read for ever; assets/ holds one of each format."""

import shutil
from pathlib import Path

import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from luthier.study.trial_log import TrialLog
from luthier.study.tune.storage import JOURNAL, open_storage
from luthier.study.tune.trial import Outcome, Trial, TrialJob

from .simulated import plan_of

FORMATS = sorted((Path(__file__).parent / "assets").iterdir())
RATE, DROPOUT = "optimizer.learning_rate", "model.dropout"
SPACE = {"optimizer": {"learning_rate": {"low": 0.001, "high": 0.1}}, "model": {"dropout": {"low": 0.0, "high": 0.5}}}
COSTS = {"parameters": 1234}
GIVEN = [
    Trial(0, {RATE: 0.01, DROPOUT: 0.0}, "default", 11),
    Trial(1, {RATE: 0.002, DROPOUT: 0.25}, "quasi-random", 22),
    Trial(2, {RATE: 0.05, DROPOUT: 0.125}, "tpe", 33),
]
DONE = [
    (0, TrialJob(0, 0, 1), Outcome({1: 0.5}, "paused", 1.5, 100, 1, COSTS)),
    (1, TrialJob(1, 1, 1), Outcome({}, "diverged", 0.5, 40, 1, COSTS, "loss was not finite at step 3")),
    (0, TrialJob(2, 0, 3), Outcome({1: 0.5, 2: 0.625, 3: 0.75}, "finished", 3.0, 300, 1, COSTS)),
    (2, TrialJob(3, 2, 1), None),
]
"""The last one was given, and its worker lost."""


def write(root: Path) -> list[Trial]:
    """Do such a study; this wrote what lies in assets/."""
    trials = [Trial(one.number, one.params, one.how, one.seed) for one in GIVEN]
    with open_storage(root, None) as storage:
        trial_log = TrialLog(storage, "luthier-digits", "", plan_of(space=SPACE))
        for number, job, outcome in DONE:
            trial_log.add_job(trials[number], job)
            if outcome is not None:
                trial_log.add_outcome(trials[number], job, outcome)
        trial_log.count_lost("job-3")
    return trials


def test_the_formats_so_far():
    assert [folder.name for folder in FORMATS] == ["format-1"]


@pytest.mark.parametrize("folder", FORMATS, ids=lambda folder: folder.name)
def test_a_ledger_is_read_and_gone_on_with(folder, tmp_path):
    expected = write(tmp_path)
    (tmp_path / JOURNAL).unlink()
    shutil.copy(folder / JOURNAL, tmp_path)
    with open_storage(tmp_path, None) as storage:
        trial_log = TrialLog(storage, "luthier-digits", "", plan_of(space=SPACE))
        assert trial_log.trials() == expected
        assert trial_log.count_lost("job-3") == 2
        trial_log.add_outcome(
            trial_log.trials()[2], TrialJob(3, 2, 1), Outcome({1: 0.25}, "paused", 1.0, 100, 1, COSTS)
        )
        assert trial_log.trials()[2].outcomes[3].scores == {1: 0.25}


@pytest.mark.parametrize("folder", FORMATS, ids=lambda folder: folder.name)
def test_optuna_reads_it_too(folder, tmp_path):
    path = shutil.copy(folder / JOURNAL, tmp_path)
    (study,) = JournalStorage(JournalFileBackend(str(path))).get_all_studies()
    assert study.study_name == "luthier-digits"
