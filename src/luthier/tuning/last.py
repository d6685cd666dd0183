"""The last run of a study: what is kept, trained as an ordinary run, which reads the test part once."""

from pathlib import Path
from typing import Any

from luthier.core.errors import LuthierError
from luthier.run import Paths, Run
from luthier.tuning.crew import GIVEN_BACK, Crew, Found, work
from luthier.tuning.ledger import Ledger
from luthier.tuning.outlook import FINAL
from luthier.tuning.progress import Progress
from luthier.tuning.worker import Errand

RUN = "run"


class Last:
    """One errand, from the moment it is known what is kept."""

    def __init__(self, ledger: Ledger, root: Path, progress: Progress) -> None:
        self.ledger, self.path, self.progress = ledger, root / RUN, progress
        self.recipe: dict[str, Any] | None = None
        self.waiting: list[Errand] = []
        self.fault: str | None = None

    def ask(self, recipe: dict[str, Any]) -> None:
        """It is known what is kept."""
        if self.recipe is None and not Paths(self.path).result.is_file():
            self.waiting.append(Errand(recipe, str(self.path), None))
        self.recipe = recipe

    def give(self) -> tuple[str, Errand] | None:
        """The errand, unless a worker has it."""
        if not self.waiting:
            return None
        self.progress.begins_last()
        return RUN, self.waiting.pop()

    def take(self, found: Found[str]) -> None:
        """Keep what a worker says of it."""
        if found.died is None:
            self.fault = found.fault
            self.progress.last_ran()
        elif self.ledger.lost(RUN) > GIVEN_BACK:
            self.fault = f"its worker died {GIVEN_BACK + 1} times, last with {found.died}"
        else:
            assert self.recipe is not None
            self.progress.lost(RUN, found.died)
            self.waiting.append(Errand(self.recipe, str(self.path), None))

    def result(self, crew: Crew[str]) -> dict[str, Any]:
        """Train it now, where it is not; tell where it is, and its result on the test part."""
        self.progress.begins_stage(FINAL, 1, int(not self.waiting))
        work(crew, self.give, self.take)
        if self.fault is not None:
            raise LuthierError(f"the recipe that is kept could not be trained under the study's seed: {self.fault}")
        return {"run": str(self.path), "runs": [str(self.path)], "test": dict(Run(self.path).result["test"])}
