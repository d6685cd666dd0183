"""Progress of a search and of the runs after it: what came of trials, which stage is under way, what is left."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from luthier.core.console import print_stderr
from luthier.study.progress import RunningJob, Say, StudyProgress, say_nothing, show_progress
from luthier.study.tune.budget import FINAL, SEARCH, describe_plan, epochs_left, expected_epochs
from luthier.study.tune.stages import Plan
from luthier.study.tune.trial import Outcome, Trial, orient_score

STATES = ("finished", "stopped", "diverged", "failed")
WORDS = {"paused": "stopped"}


class TuneProgress(StudyProgress):
    """The progress of a tuning study, whose jobs come in stages.

    workers: at once. The other arguments are those of `StudyProgress`.
    """

    def __init__(
        self, plan: Plan, workers: int = 1, spent: float = 0.0, tell: Say = say_nothing, say: Say = say_nothing
    ) -> None:
        super().__init__(plan.metric, 0, 0.0, spent=spent, tell=tell, say=say)
        self.plan, self.workers = plan, workers
        self.stage, self.since = SEARCH, self.began
        self.planned = expected_epochs(plan, workers)
        self.trials: Sequence[Trial] = ()

    def know_trials(self, trials: Sequence[Trial]) -> None:
        """Note the trials given so far; the list grows as the search goes on."""
        self.trials = trials
        self.done = sum(max(trial.last.scores, default=0) for trial in trials if trial.last)

    def report_epoch(self, name: str, epoch: int, score: float | None) -> None:
        if name != FINAL:  # it trains alone or beside the search, and is no measure of the pace
            super().report_epoch(name, epoch, score)

    def end_trial(self, name: str, outcome: Outcome) -> None:
        """Note that a trial was paused or has come to its end, and say so."""
        self.close(name)
        score = outcome.scores[max(outcome.scores)] if outcome.scores else None
        best = self.best
        running = ", ".join(job.removeprefix("trial ") for job in self.running) or "none"
        self.say(
            f"{name}  epoch {max(outcome.scores, default=0)}/{self.plan.epochs}  "
            f"{self.plan.metric} {'-' if score is None else f'{score:.4f}'}  {outcome.ended}  {outcome.seconds:.1f} s  "
            f"best {'-' if best is None else f'{best:.4f}'}  running {running}  {self.elapsed}"
        )

    def begin_stage(self, name: str, runs: int, done: int) -> None:
        """Note that a stage after the search begins. done: of its runs, before."""
        self.stage, self.since, self.done = name, self.now(), 0.0
        self.jobs, self.ended = runs, done
        left = runs - done
        self.planned[name] = left * self.plan.epochs * (self.workers if name == FINAL else 1)
        if left:
            self.say(f"{name}: {left} {'run' if left == 1 else 'runs'}")

    def end_final_run(self) -> None:
        """Note that the run of what is kept is done, perhaps while others still search."""
        self.running.pop(FINAL, None)
        self.planned[FINAL] = 0
        self.say(f"{FINAL}  {self.elapsed}")

    @property
    def best(self) -> float | None:
        """The best score of a trial that was trained to its end."""
        ended = [
            trial.score for trial in tuple(self.trials) if trial.last is not None and trial.last.ended == "finished"
        ]
        return max(ended, key=lambda score: orient_score(score, self.plan.metric), default=None)

    def headline(self) -> str:
        """Say how many trials there are, what came of them, and the best score."""
        trials, names = tuple(self.trials), set(self.running)
        ended = [
            trial.last.ended
            for trial in trials
            if trial.last is not None and f"trial {trial.number}" not in names  # one that goes on is no more stopped
        ]
        counts = Counter(WORDS.get(state, state) for state in ended)
        asked = "" if self.plan.trials is None else f" of {self.plan.trials}"
        told = [f"{counts[state]} {state}" for state in STATES if counts[state]]
        best = "-" if self.best is None else f"{self.best:.4f}"
        return "  ".join((f"{self.stage}:", f"trial {len(trials)}{asked}", *told, f"best {best}"))

    def seconds_left(self, running: Sequence[RunningJob]) -> float | None:
        """Estimate the time left, never longer than the time that there is."""
        now = self.now()
        budget = None if self.plan.minutes is None else 60 * self.plan.minutes - self.spent - now + self.began
        if self.plan.trials is None and self.stage == SEARCH:
            return budget and max(0.0, budget)
        each = self.pace.seconds
        if each is None:
            return None
        done = self.done + sum(job.done for job in running)
        epochs = epochs_left(self.stage, self.planned, done, sum(job.left for job in running))
        if self.stage == FINAL:
            seconds = each * epochs - (now - self.since) if running else 0.0
        else:
            seconds = each * epochs - min(now - self.pace.last, each)
        return max(0.0, seconds if budget is None else min(seconds, budget))


@contextmanager
def show_tune_progress(plan: Plan, workers: int, spent: float, quiet: bool) -> Iterator[TuneProgress]:
    """Say what is planned, and give the progress of a tuning study."""
    for line in () if quiet else describe_plan(plan, workers):
        print_stderr(line)
    with show_progress(lambda tell, say: TuneProgress(plan, workers, spent, tell, say), quiet) as progress:
        yield progress
