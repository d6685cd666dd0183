"""What is compared: a run, or a study of one recipe."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from luthier.core.declare import Part
from luthier.core.errors import BadInput
from luthier.run import Run
from luthier.study import STUDY_FILE, Folds, Seeds, read_design, read_kind, read_study_file

RUN = "run"
KINDS = (Folds.kind, Seeds.kind)


@dataclass(frozen=True)
class ComparedRun:
    """A run, or a study of one recipe under several seeds or in folds.

    kind: run, seeds or folds. runs: finished, in the order of the study; the run itself where it is one.
    """

    path: Path
    kind: str
    runs: tuple[Run, ...]

    @property
    def seeds(self) -> list[int]:
        """The seed of each run."""
        return [int(run.result["seed"]) for run in self.runs]

    @property
    def folds(self) -> int:
        """How many folds the data are dealt into; 1 where they are not."""
        return self.runs[0].recipe.split.folds or 1

    def to_dict(self) -> dict[str, Any]:
        """What it is and what it came to by itself."""
        about = {"path": str(self.path), "kind": self.kind, "seeds": self.seeds}
        recipe = self.runs[0].result["recipe_hash_without_seed"]
        return {**about, "recipe_hash_without_seed": recipe, "tests": [run.result["test"] for run in self.runs]}


def open_compared(path: Path, own: Sequence[type[Part]] = ()) -> ComparedRun:
    """Open a finished run or study; own: classes of the user's own parts that its recipe names.

    Raises BadInput where it is not finished, or a study of another kind.
    """
    if not (path / STUDY_FILE).is_file():
        return ComparedRun(path, RUN, (_check_finished(Run(path, own=own)),))
    if read_kind(path) == "tune":
        raise BadInput(
            f"compare takes runs and studies of seeds or folds, but {path} is a tuning study; give its run, "
            f"{path / 'run'}"
        )
    ledger = read_study_file(path)
    kind = str(ledger["kind"])
    if kind not in KINDS:
        raise BadInput(f"compare takes runs and studies of seeds or folds, but {path} is a {kind}; give its runs")
    names = [name for name, _, _ in read_design(ledger).members()]
    if "runs" not in ledger:
        raise BadInput(f"a comparison needs a finished study, but {path} is not; finish it with: luthier resume {path}")
    return ComparedRun(path, kind, tuple(_check_finished(Run(path / name, own=own)) for name in names))


def _check_finished(run: Run) -> Run:
    run.result  # noqa: B018  # raises where there is none
    return run
