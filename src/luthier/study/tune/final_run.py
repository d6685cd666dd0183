"""The final run of a study: what is kept, trained as an ordinary run, which reads the test part once."""

from pathlib import Path
from typing import Any

from luthier.core.errors import LuthierError
from luthier.recipe.recipe import Recipe
from luthier.run import Run, RunPaths, read_stored_recipe
from luthier.study.tune.budget import FINAL
from luthier.study.tune.jobs import RunningStudy, Stage, StageJob
from luthier.study.worker_pool import Message

RUN = "run"


class FinalRun(Stage):
    """One job, from the moment it is known what is kept; where the default is, it is trained beside the search.

    It waits until the default is under way, whose outcome says whether the recipe can be trained at all.
    """

    def __init__(self, study: RunningStudy) -> None:
        self.study, self.path = study, study.root / RUN
        self.recipe: Recipe | None = None
        self.waiting = False
        self.fault: str | None = None

    def request(self, recipe: Recipe) -> None:
        """Ask for the run of what is kept; that of what was kept before further trials is archived, or comes back."""
        if self.recipe is None:
            self._make_room(recipe.hash())
            self.waiting = not RunPaths(self.path).result.is_file()
        self.recipe = recipe

    def _make_room(self, wanted: str) -> None:
        if RunPaths(self.path).recipe.is_file():
            there = read_stored_recipe(self.path).hash()
            if there == wanted:
                return
            self.path.rename(self._archive(there))
        if self._archive(wanted).is_dir():
            self._archive(wanted).rename(self.path)

    def _archive(self, recipe: str) -> Path:
        """Return where a run is while another recipe is kept. recipe: its hash."""
        return self.path.with_name(f"{RUN}-{recipe[:8]}")

    def next_job(self) -> StageJob | None:
        if not self.waiting or not self.study.trials:
            return None
        assert self.recipe is not None
        self.waiting = False
        return StageJob(self, RUN, FINAL, self.study.make_job(self.recipe, RUN, None), self.study.plan.epochs)

    def finish(self, job: StageJob, message: Message[StageJob]) -> None:
        self.fault = None if message.fault is None else str(message.fault)
        self.study.progress.end_final_run()

    def give_up(self, job: StageJob, why: str) -> None:
        self.fault = why

    def read_result(self) -> dict[str, Any]:
        """Return where the run is, and its result on the test part; raise LuthierError where it came to nothing."""
        if self.fault is not None:
            raise LuthierError(f"the recipe that is kept could not be trained under the study's seed: {self.fault}")
        return {"run": str(self.path), "runs": [str(self.path)], "test": dict(Run(self.path).result["test"])}
