"""Progress of any study: the table of its jobs, its lines, and the time that is left."""

import pytest
from rich.console import Console

from luthier.study.progress import ProgressState, RunningJob, StudyProgress, render, show_progress

RUNNING = (RunningJob("trial 7", 0, 2, 6, 0.875), RunningJob("race-0003-seed-1234567890", 0, 0, 20, None))


def text(progress_state, width=80):
    console = Console(width=width)
    with console.capture() as captured:
        console.print(render(progress_state))
    return [line.rstrip() for line in captured.get().splitlines()]


def test_table_shows_what_ended_what_runs_and_the_time_in_80_columns():
    first, heading, one, other, last = text(ProgressState("2 of 9 runs done", "accuracy", RUNNING, 75.0, 190.0))
    assert first == "2 of 9 runs done"
    assert heading.split() == ["running", "epoch", "accuracy"]
    assert one.split() == ["trial", "7", "2/6", "0.8750"]
    assert other.split() == ["race-0003-seed-1234567890", "0/20", "-"]
    assert last == "1 min 15 s so far, left about 3 min 10 s"


def test_table_says_that_nothing_is_known_and_that_nothing_is_left():
    first, heading, last = text(ProgressState("0 of 2 runs done", "loss", (), 0.5, None))
    assert (first, heading.split()[-1], last) == ("0 of 2 runs done", "loss", "0.5 s so far, left not known yet")
    assert text(ProgressState("2 of 2 runs done", "loss", (), 61.0, 0.0))[-1] == "1 min 1 s so far"


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    found = Clock()
    monkeypatch.setattr("luthier.study.progress.time.monotonic", found)
    return found


def test_time_left_follows_from_the_epochs_and_their_weights(clock):
    """Two runs of 4 epochs, one on a quarter of the examples: 4 + 1 weighted epochs, of 8 seconds each."""
    progress = StudyProgress("accuracy", 2, 5.0)
    progress.begin("whole", 4)
    progress.begin("quarter", 4, weight=0.25)
    progress.report_epoch("whole", 1, 0.5)
    assert progress.state().left is None, "how long the first epoch took, nobody knows"
    clock.now += 2
    progress.report_epoch("quarter", 1, 0.5)
    assert progress.state().left == 8.0 * (5 - 1 - 0.25)
    clock.now += 1
    assert progress.state().left == 8.0 * (5 - 1 - 0.25) - 1, "it goes down between epochs"
    progress.end("quarter")
    assert progress.state().left == 8.0 * (5 - 1 - 1) - 1 and progress.headline() == "1 of 2 runs done"
    progress.begin("again", 4, before=3, weight=2.0)
    assert progress.state().left == 8.0 * (3 + 2) - 1, "what runs is left at least"


def test_lines_name_the_job_what_came_of_it_and_how_many_are_left(clock):
    told, said = [], []
    progress = StudyProgress("accuracy", 3, 12.0, spent=30.0, tell=told.append, say=said.append)
    progress.begin("seed-0", 4)
    clock.now += 12
    progress.lose("seed-0", "status -9")
    progress.begin("seed-0", 4)
    progress.end("seed-0", "accuracy 0.9000")
    progress.end("seed-1")
    assert told == ["seed-0: its worker died with status -9; another goes on with it"]
    assert said == ["seed-0  accuracy 0.9000  2 left  12 s in all", "seed-1  1 left  12 s in all"]
    assert progress.state().seconds == 42 and progress.state().running == ()


def test_quiet_says_nothing_and_a_pipe_gets_lines(capsys):
    for quiet, lines in ((True, 0), (False, 2)):
        with show_progress(lambda tell, say: StudyProgress("loss", 2, 2.0, tell=tell, say=say), quiet) as progress:
            progress.lose("a", "status 1")
            progress.end("b")
        assert len(capsys.readouterr().err.splitlines()) == lines
