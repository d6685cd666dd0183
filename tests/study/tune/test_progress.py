"""What is said of a search while it goes on: lines for pipes, and how it stands for terminals."""

import os
import pty
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from luthier.data import DataArguments
from luthier.recipe.resolve import load_and_resolve
from luthier.study.progress import RunningJob
from luthier.study.tune.options import TuneOptions
from luthier.study.tune.planning import make_plan
from luthier.study.tune.progress import TuneProgress, show_tune_progress
from luthier.study.tune.trial import Outcome, Trial, TrialJob
from luthier.testing.material import rows

DATA = rows(160)


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    found = Clock()
    monkeypatch.setattr("luthier.study.progress.time.monotonic", found)
    return found


def plan(**options):
    recipe = load_and_resolve(DataArguments(DATA), "mlp", None, {"epochs": 4})[0]
    more = {"trials": 3, "race_seeds": 2, "fresh_seeds": 2, "pruner": "none", **options}
    return make_plan(TuneOptions(**more), recipe, DATA, 2)


def trial(number, ended=None, *scores):
    outcome = Outcome(dict(enumerate(scores, 1)), ended, 1.5, 90, 1, {}) if ended else None
    return Trial(number, {}, "tpe", 7, [TrialJob(number, number, 4)], {number: outcome} if outcome else {})


@pytest.fixture
def lines():
    return []


@pytest.fixture
def progress(clock, lines):
    return TuneProgress(plan(), 2, 30.0, lines.append, lines.append)


def test_running_trials_show_their_epoch_and_score(progress):
    progress.begin("trial 0", 4)
    progress.begin("trial 1", 4, before=2)
    progress.report_epoch("trial 0", 1, 0.25)
    assert progress.state().running == (
        RunningJob("trial 0", 0, 1, 4, 0.25),
        RunningJob("trial 1", 2, 2, 4, None),
    )
    progress.lose("trial 0", "status -9")
    assert [one.name for one in progress.state().running] == ["trial 1"]


def test_what_came_of_trials_is_counted_and_the_best_is_one_that_finished(progress):
    trials = [trial(0, "finished", 0.1, 0.7), trial(1, "paused", 0.9), trial(2, "diverged", 0.2), trial(3, "failed")]
    progress.know_trials(trials)
    trials.append(trial(4))
    progress.begin("trial 4", 4)
    assert progress.headline() == "search:  trial 5 of 3  1 finished  1 stopped  1 diverged  1 failed  best 0.7000"
    assert progress.state().headline == progress.headline() and progress.state().metric == "accuracy"
    progress.begin("trial 1", 4, before=1)
    assert "stopped" not in progress.headline(), "one that goes on is no more stopped"


def test_a_search_that_time_ends_tells_no_number_of_trials(clock):
    found = TuneProgress(replace(plan(), trials=None, minutes=2.0))
    found.know_trials([trial(0)])
    assert found.headline() == "search:  trial 1  best -"


def test_the_best_is_the_smallest_where_small_is_good(clock):
    recipe = load_and_resolve(DataArguments(DATA), "mlp", None, {"training": {"monitor": "loss"}})[0]
    found = TuneProgress(make_plan(TuneOptions(trials=3), recipe, DATA, 1), 1, 0.0, print, print)
    found.know_trials([trial(0, "finished", 0.5), trial(1, "finished", 0.4), trial(2, "finished", 0.6)])
    assert found.best == 0.4 and found.headline().endswith("best 0.4000")


def test_the_time_left_holds_the_runs_after_the_search(progress, clock):
    """12 epochs of search, 24 of race, 16 of the fresh comparison, 4 of the final run by one of two workers."""
    progress.begin("trial 0", 4)
    clock.now += 50  # workers begin
    assert progress.state().left is None
    progress.report_epoch("trial 0", 1, 0.5)
    assert progress.state().left is None, "how long the first epoch took, nobody knows"
    clock.now += 3
    progress.report_epoch("trial 0", 2, 0.5)
    assert progress.state().left == 3.0 * (10 + 24 + 16 + 8)
    clock.now += 1
    assert progress.state().left == 3.0 * (10 + 24 + 16 + 8) - 1, "it goes down between epochs"
    assert progress.state().seconds == 30 + 54
    clock.now += 60
    assert progress.state().left == 3.0 * (10 + 24 + 16 + 8) - 3, "by an epoch at most"


def test_a_stage_that_was_begun_before_is_shorter(progress, clock):
    for _ in range(3):
        progress.begin("trial 0", 4)
        progress.report_epoch("trial 0", 4, 0.5)
        clock.now += 2
    clock.now -= 2
    progress.end_trial("trial 0", trial(0, "finished", 0.5).last)
    progress.begin_stage("race", 6, done=1)
    assert progress.state().left == 2.0 * (5 * 4 + 16 + 8)
    progress.begin("race-0", 4)
    progress.end("race-0")
    assert progress.state().left == 2.0 * (4 * 4 + 16 + 8)
    progress.begin_stage("final run", 1, done=0)
    progress.begin("final run", 4)
    assert [one.name for one in progress.state().running] == ["final run"]
    assert progress.state().left == 2.0 * 8
    clock.now += 5
    assert progress.state().left == 2.0 * 8 - 5
    progress.end_final_run()
    assert progress.state().left == 0


def test_a_last_run_beside_the_search_is_not_left(progress, clock):
    for epoch in (1, 2):
        progress.begin("trial 0", 4)
        progress.report_epoch("trial 0", epoch, 0.5)
        clock.now += 2
    clock.now -= 2
    before = progress.state().left
    progress.begin("final run", 4)
    progress.end_final_run()
    assert progress.state().left == before - 2.0 * 8


def test_what_an_earlier_process_trained_is_not_left(progress, clock):
    progress.know_trials([trial(0, "finished", 0.1, 0.2, 0.3, 0.7), trial(1, "paused", 0.9)])
    progress.begin("trial 1", 4, before=1)
    progress.report_epoch("trial 1", 2, 0.5)
    clock.now += 1
    progress.report_epoch("trial 1", 3, 0.5)
    assert progress.state().left == 12 - 5 - 2 + 24 + 16 + 8 - 0.0


def test_it_is_never_longer_than_the_budget(clock):
    given = replace(plan(), trials=None, minutes=2.0)
    found = TuneProgress(given, 1, 30.0, print, print)
    clock.now += 10
    assert found.state().left == 80
    short = TuneProgress(replace(plan(), minutes=1.0), 1, 0.0, print, print)
    short.begin("trial 0", 4)
    short.report_epoch("trial 0", 1, 0.5)
    clock.now += 20
    short.report_epoch("trial 0", 2, 0.5)
    assert short.state().left == 40


def test_pipes_get_plain_lines_and_quiet_nothing(capsys, clock):
    with show_tune_progress(plan(), 2, 0.0, quiet=True) as found:
        found.lose("trial 0", "status 1")
    assert capsys.readouterr() == ("", "")
    with show_tune_progress(plan(), 2, 0.0, quiet=False) as found:
        found.know_trials([one := trial(0, "finished", 0.25, 0.5)])
        found.begin("trial 0", 4)
        found.begin("trial 1", 4)
        clock.now += 12
        found.end_trial("trial 0", one.last)
        found.begin_stage("race", 2, 0)
        found.end("race-0000-seed-7")
        found.begin_stage("final run", 1, done=1)
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith("search: 3 trials of up to 4 epochs")
    assert told[-3:] == [
        "trial 0  epoch 2/4  accuracy 0.5000  finished  1.5 s  best 0.5000  running 1  12 s in all",
        "race: 2 runs",
        "race-0000-seed-7  1 left  12 s in all",
    ]


@pytest.mark.slow
def test_a_terminal_shows_one_table_that_is_written_over(tmp_path):
    data = rows(160)
    np.savez(tmp_path / "rows.npz", X=data.inputs, y=data.labels)
    terminal, end = pty.openpty()
    command = [sys.executable, "-m", "luthier", "tune", "rows.npz", "--model", "mlp", "--trials", "2", "--epochs", "2",
               "--workers", "1", "--race-seeds", "1", "--fresh-seeds", "0", "--out", "study", "--json"]  # fmt: skip
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=end, env=environment, cwd=tmp_path) as process:
        os.close(end)
        shown = _all_of(terminal)
        process.communicate(timeout=120)
    os.close(terminal)
    assert process.returncode == 0
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown)
    assert plain.startswith("search: 2 trials of up to 2 epochs"), "the plan stands above"
    assert "\x1b[2K" in shown and "\x1b[1A" in shown, "the table is written over"
    assert all(word in plain for word in ("trial 0", "0/2", "so far", "left"))
    last = plain.rpartition("final run:")[2].splitlines()
    assert "2 finished" in last[0] and last[-1].endswith("so far"), last


def _all_of(terminal):
    content = b""
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # Linux reports the closed end so
            return content.decode()
        if not piece:
            return content.decode()
        content += piece
