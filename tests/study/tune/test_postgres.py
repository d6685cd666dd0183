"""Whole studies in a real Postgres: the same as in a file, shared by machines, killed, and with the server gone."""

import json
import os
import signal
import subprocess
import sys
import time

import optuna
import pytest

from luthier.core.errors import BadInput
from luthier.study.tune import resume_tune, tune
from luthier.study.tune.storage import hide_password, open_storage

pytestmark = pytest.mark.slow

TRIALS = 4
STUDY = {"trials": TRIALS, "workers": 1, "race_seeds": 0, "fresh_seeds": 0, "quiet": True, "epochs": 1}


def trials_of(found):
    """All that is said of the trials but for the time they took."""
    return [{name: one for name, one in trial.items() if name != "seconds"} for trial in found["trial_list"]]


def test_a_study_is_the_same_in_a_file_and_in_postgres(tmp_path, database, postgres):
    asked = {**STUDY, "trials": 3}
    in_file = tune("digits", out=tmp_path / "file", **asked)
    in_database = tune("digits", out=tmp_path / "database", storage=database, **asked)
    assert trials_of(in_file) == trials_of(in_database)
    assert not (tmp_path / "database" / "trials.journal").exists()
    kept = (tmp_path / "database" / "study.json").read_text()
    assert json.loads(kept)["storage"] == hide_password(database) and postgres.password not in kept

    moved = (tmp_path / "database").rename(tmp_path / "moved")
    with pytest.raises(BadInput, match="the password of a study's database is not kept"):
        resume_tune(moved, quiet=True)
    assert resume_tune(moved, storage=database, quiet=True)["trial_list"] == in_database["trial_list"]


def begun(out, url):
    options = [f"--{name.replace('_', '-')}={value}" for name, value in STUDY.items() if name != "quiet"]
    return started("digits", *options, "--out", str(out), "--storage", url)


def started(*arguments):
    command = [sys.executable, "-m", "luthier", "tune", *arguments, "--quiet"]
    return subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)


def ended(url):
    """How many trials have ended in the only study of a database."""
    with open_storage(None, url) as storage:
        names = optuna.get_all_study_names(storage)
        trials = optuna.load_study(study_name=names[0], storage=storage).trials if names else []
    return sum(one.state.is_finished() for one in trials)


def wait_for(count, url):
    limit = time.monotonic() + 120
    while ended(url) < count:
        assert time.monotonic() < limit
        time.sleep(0.1)


def test_two_machines_share_it_and_survive_a_kill_and_a_server_that_goes_down(tmp_path, database, postgres):
    """Two directories stand for two machines: each does its own trials, and learns from those of the other."""
    roots = [tmp_path / "one", tmp_path / "two"]
    first, second = [begun(root, database) for root in roots]
    wait_for(2, database)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    postgres.stop()
    _, said = second.communicate()
    postgres.start()
    assert second.returncode == 1 and "no longer answers" in said and postgres.password not in said, said
    assert said.strip().endswith(f"once it is back, go on with: luthier tune --resume {roots[1]}")

    again = [started("--resume", str(root), "--storage", database, "--workers", "1") for root in roots]
    assert [(*one.communicate(), one.returncode)[1:] for one in again] == [("", 0), ("", 0)]
    for root in roots:
        trials = json.loads((root / "study.json").read_text())["trial_list"]
        assert [one["number"] for one in trials] == list(range(TRIALS))
        assert all(one["state"] in ("finished", "stopped", "diverged") for one in trials)
    assert ended(database) == 2 * TRIALS
