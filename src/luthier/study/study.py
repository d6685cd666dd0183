"""A study from its question to its answer, resumable at every run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from luthier.core.errors import BadInput, Interrupted
from luthier.core.files import make_directory, write_atomic, write_sealed
from luthier.core.lock import hold_lock
from luthier.recipe import Recipe
from luthier.run import Run, is_unused
from luthier.study.ledger import STUDY_FILE, describe_study, is_same, read_study_file
from luthier.study.question import StudyDesign

TrainOne = Callable[[Recipe, Path, list[Run]], Run]
"""Trains, or goes on with, a recipe in a directory, after the study's earlier runs."""


def run_study(root: Path, recipe: Recipe, design: StudyDesign, train_one: TrainOne) -> dict[str, Any]:
    """Train all runs that a question about a recipe asks for, and write the answer.

    root: the study's directory; one that already holds this study is gone on with, its finished runs kept.
    Raises BadInput where the directory holds something else.
    """
    _check_directory(root, recipe, design)
    asked = describe_study(design, recipe)
    make_directory(root)
    with hold_lock(root):
        write_sealed(root / STUDY_FILE, asked)
        try:
            runs: list[Run] = []
            for name, one in design.variants(recipe).items():
                runs.append(train_one(one, root / name, runs))
        except Interrupted as error:
            message = f"{error}, or with the whole study: luthier resume {root}"
            raise Interrupted(error.exit_code - 128, message) from None
        answer = design.result(runs)
        for name, text in design.files(answer).items():
            write_atomic(root / name, text.encode())
            answer["picture"] = str(root / name)
        found = {"study": str(root), "runs": [str(run.path) for run in runs], **answer}
        write_sealed(root / STUDY_FILE, {**asked, **found})
    return found


def _check_directory(root: Path, recipe: Recipe, design: StudyDesign) -> None:
    begun = (root / STUDY_FILE).is_file()
    if begun and not is_same(read_study_file(root), design, recipe):
        raise BadInput(f"the study in {root} is of another recipe or other {design}; choose another --out")
    if not begun and not is_unused(root):
        raise BadInput(f"the study's directory must be new or empty, but {root} is not; choose another with --out")
