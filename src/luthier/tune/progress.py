"""Progress of a study on stderr: what runs, the best so far, time left."""

import time
from collections.abc import Sequence

from luthier.core.say import say
from luthier.tune.plan import Plan
from luthier.tune.trial import Job, Outcome, oriented


class Progress:
    """Says what happens, a line at a time. quiet: says nothing."""

    def __init__(self, plan: Plan, quiet: bool, best: float | None = None) -> None:
        self.plan, self.quiet = plan, quiet
        self.began = time.monotonic()
        self.running: dict[int, Job] = {}
        self.best = best
        self.trained = 0
        self.left = 0

    def _say(self, line: str) -> None:
        if not self.quiet:
            say(line)

    def lines(self, lines: Sequence[str]) -> None:
        """Say what is planned."""
        for line in lines:
            self._say(line)

    def begins(self, job: Job) -> None:
        """A job was given to a worker."""
        self.running[job.number] = job

    def heard(self, job: Job, epoch: int, score: float) -> None:
        """A trial has come to the end of an epoch."""
        self.trained += 1

    def lost(self, job: Job, words: str) -> None:
        """The worker of a job died."""
        self.running.pop(job.number, None)
        self._say(f"trial {job.trial}: its worker died with {words}; another goes on with it")

    def ends(self, job: Job, outcome: Outcome) -> None:
        """A job was done."""
        self.running.pop(job.number, None)
        metric = self.plan.metric
        score = outcome.scores[max(outcome.scores)] if outcome.scores else None
        whole = outcome.ended == "finished" and score is not None
        if score is not None and whole and (self.best is None or oriented(score, metric) > oriented(self.best, metric)):
            self.best = score
        shown = "-" if score is None else f"{score:.4f}"
        best = "-" if self.best is None else f"{self.best:.4f}"
        at = f"epoch {max(outcome.scores, default=0)}/{self.plan.epochs}"
        running = ", ".join(str(one.trial) for one in self.running.values()) or "none"
        self._say(
            f"trial {job.trial}  {at}  {metric} {shown}  {outcome.ended}  {outcome.seconds:.1f} s  best {best}  "
            f"running {running}  {time.monotonic() - self.began:.0f} s in all"
        )

    def stage(self, name: str, total: int, done: int) -> None:
        """The runs after the search begin."""
        self.left = total - done
        if self.left:
            self._say(f"{name}: {self.left} runs")

    def ran(self, name: str) -> None:
        """One of them is done."""
        self.left -= 1
        self._say(f"{name}  {self.left} left  {time.monotonic() - self.began:.0f} s in all")
