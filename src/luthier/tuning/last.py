"""The last run of a study: what is kept, trained as an ordinary run, which reads the test part once."""

from pathlib import Path
from typing import Any

from luthier.core.errors import LuthierError
from luthier.recipe import read_recipe
from luthier.run import Run, RunPaths, stored_recipe
from luthier.tuning.crew import MAX_RETRIES, Message, WorkerPool, run_jobs
from luthier.tuning.ledger import TrialLog
from luthier.tuning.outlook import FINAL
from luthier.tuning.progress import Progress
from luthier.tuning.worker import Job

RUN = "run"


class FinalRun:
    """One job, from the moment it is known what is kept."""

    def __init__(self, trial_log: TrialLog, root: Path, progress: Progress) -> None:
        self.trial_log, self.path, self.progress = trial_log, root / RUN, progress
        self.recipe: dict[str, Any] | None = None
        self.waiting: list[Job] = []
        self.fault: str | None = None

    def ask(self, recipe: dict[str, Any]) -> None:
        """It is known what is kept; the run of what was kept before further trials is set aside, or comes back."""
        if self.recipe is None:
            self._make_room(read_recipe(recipe).hash())
            if not RunPaths(self.path).result.is_file():
                self.waiting.append(Job(recipe, str(self.path), None))
        self.recipe = recipe

    def _make_room(self, wanted: str) -> None:
        if RunPaths(self.path).recipe.is_file():
            there = stored_recipe(self.path).hash()
            if there == wanted:
                return
            self.path.rename(self._aside(there))
        if self._aside(wanted).is_dir():
            self._aside(wanted).rename(self.path)

    def _aside(self, recipe: str) -> Path:
        """Where a run is while another recipe is kept. recipe: its hash."""
        return self.path.with_name(f"{RUN}-{recipe[:8]}")

    def give(self) -> tuple[str, Job] | None:
        """The job, unless a worker has it."""
        if not self.waiting:
            return None
        self.progress.begins_last()
        return RUN, self.waiting.pop()

    def take(self, message: Message[str]) -> None:
        """Keep what a worker says of it."""
        if message.died is None:
            self.fault = message.fault
            self.progress.last_ran()
        elif self.trial_log.lost(RUN) > MAX_RETRIES:
            self.fault = f"its worker died {MAX_RETRIES + 1} times, last with {message.died}"
        else:
            assert self.recipe is not None
            self.progress.lost(RUN, message.died)
            self.waiting.append(Job(self.recipe, str(self.path), None))

    def result(self, pool: WorkerPool[str]) -> dict[str, Any]:
        """Train it now, where it is not; tell where it is, and its result on the test part."""
        self.progress.begins_stage(FINAL, 1, int(not self.waiting))
        run_jobs(pool, self.give, self.take)
        if self.fault is not None:
            raise LuthierError(f"the recipe that is kept could not be trained under the study's seed: {self.fault}")
        return {"run": str(self.path), "runs": [str(self.path)], "test": dict(Run(self.path).result["test"])}
