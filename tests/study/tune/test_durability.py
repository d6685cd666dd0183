"""A study that is killed again and again ends as the one that nothing happened to."""

import os
import random
import signal
import time
from contextlib import AbstractContextManager
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from luthier.cli import main
from luthier.core.lock import hold_lock
from luthier.study.study_file import STUDY_FILE
from luthier.study.trial_log import TrialLog
from luthier.study.tune.storage import JOURNAL, open_storage
from luthier.study.tune.study import name_of, read_plan, read_tune_file
from luthier.study.verify import fsck
from luthier.study.worker_pool import MAX_RETRIES

from .process import forked, gone, kill, marked, timeless

SPACE = "[model.width]\nlow = 8\nhigh = 64\n[optimizer.learning_rate]\nhigh = 0.03\n[training.batch_size]\n"
KINDS = ("parent", "worker", "group")
GONE_ON = ("tune", "--resume")


class Study:
    """A study that is asked for again and again. asked: what of it is not usual."""

    def __init__(self, root: Path, **asked: object) -> None:
        self.root, self.mark = root, str(root)
        root.parent.mkdir(exist_ok=True)
        (root.parent / "space.toml").write_text(SPACE)
        options = {"epochs": 3, "seed": 3, "space": root.parent / "space.toml", "out": root, **asked}
        named = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
        self.question = ("tune", "digits", "--model", "mlp", *named)

    @property
    def errors(self) -> Path:
        return self.root.parent / "errors.txt"

    def begun(self, resume: bool) -> AbstractContextManager[ForkServerProcess]:
        """A process that works on it. resume: by its directory, where that holds a plan, and not by its question."""
        words = (*GONE_ON, self.root) if resume and (self.root / STUDY_FILE).is_file() else self.question
        return forked(*words, "--quiet", mark=self.mark, errors=self.errors)

    def ended(self) -> None:
        """Let it come to its end."""
        question = (*GONE_ON, self.root) if (self.root / STUDY_FILE).is_file() else self.question
        with pytest.raises(SystemExit) as caught:
            main([*map(str, question), "--quiet"])
        assert caught.value.code == 0

    def records(self) -> int:
        path = self.root / JOURNAL
        return path.read_bytes().count(b"\n") if path.is_file() else 0

    def trial_log(self):
        """Trials and notes, but for times and how often workers died."""
        plan = read_plan(self.root)
        with open_storage(self.root, None) as storage:
            trial_log = TrialLog(storage, name_of(plan), "", plan)
            trials, notes = trial_log.trials(), trial_log.notes()
            own = {name: one for name, one in notes.items() if name.startswith(("race", "fresh"))}
            outcomes = [[(number, one.dump()) for number, one in trial.outcomes.items()] for trial in trials]
            lost = max((count for name, count in notes.items() if name.startswith("lost-")), default=0)
        plain = [(one.number, dict(one.params), one.how, one.seed, [vars(job) for job in one.jobs]) for one in trials]
        return timeless([plain, outcomes, own], self.root), lost

    def lost(self) -> int:
        return self.trial_log()[1] if (self.root / STUDY_FILE).is_file() else 0

    def answer(self):
        return timeless(read_tune_file(self.root), self.root)


def killed(study: Study, chance: random.Random, kind: str) -> bool:
    """Go on with a study and kill something at some moment; whether it came to that before the end."""
    enough, later = study.records() + chance.randrange(5), chance.random() ** 2
    with study.begun(resume=chance.random() < 0.7) as process:
        while study.records() < enough and process.is_alive():
            time.sleep(0.005)
        time.sleep(later if enough else 4 * later)
        if not process.is_alive():
            assert process.exitcode == 0, study.errors.read_text()
            return False
        workers = [one for one in marked(study.mark) if one != process.pid]
        if kind == "worker" and workers:
            kill(chance.choice(workers))
            time.sleep(later)
        if kind == "group":
            os.killpg(process.pid, signal.SIGKILL)
        kill(process.pid)
    return True


def check(study: Study, straight: Study) -> None:
    """Nothing is lost, nothing counted twice, nothing left behind."""
    assert gone(study.mark)
    assert study.trial_log()[0] == straight.trial_log()[0]
    assert study.answer() == straight.answer()
    assert fsck(study.root) == []
    for lock in study.root.rglob(".lock"):
        with hold_lock(lock.parent):
            pass
    assert not list(study.root.glob(".shared-*"))


def test_a_study_that_is_killed_three_times(tmp_path):
    asked = {"trials": 5, "race_seeds": 0, "fresh_seeds": 0, "workers": 1}
    straight, study = Study(tmp_path / "straight" / "study", **asked), Study(tmp_path / "killed" / "study", **asked)
    straight.ended()
    chance = random.Random(1)
    for kind in KINDS:
        assert killed(study, chance, kind)
    study.ended()
    check(study, straight)


@pytest.mark.slow
def test_a_study_that_is_killed_fifty_times(tmp_path):
    asked = {"trials": 36, "race_seeds": 2, "fresh_seeds": 3, "workers": 2}
    straight, study = Study(tmp_path / "straight" / "study", **asked), Study(tmp_path / "killed" / "study", **asked)
    straight.ended()
    chance, count = random.Random(0), 0
    while count < 50:
        kind = chance.choice(KINDS if study.lost() < MAX_RETRIES else ("parent", "group"))
        count += killed(study, chance, kind)
        assert gone(study.mark)
    study.ended()
    check(study, straight)
