"""A study from its question to its result, resumable at every run."""

from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from luthier.core.errors import BadInput, DamagedFile, Interrupted
from luthier.core.files import hold_lock, make_directory, read_sealed, write_atomic, write_sealed
from luthier.recipe.recipe import Recipe
from luthier.run import Run, is_unused
from luthier.run.write import list_differences
from luthier.study.kinds import Curve, Folds, Seeds
from luthier.study.pseudo_labels import PseudoLabels
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


STUDY_FILE = "study.json"


KINDS: dict[str, type[StudyDesign]] = {one.kind: one for one in (Curve, Folds, PseudoLabels, Seeds)}


def describe_study(design: StudyDesign, recipe: Recipe) -> dict[str, Any]:
    """What a ledger says from the start."""
    asked = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(design).items()}
    return {"kind": design.kind, **asked, "recipe_hash": recipe.hash(), "recipe": recipe.dump()}


def read_kind(root: Path) -> str:
    """The kind of a study, which may be one that other rooms read; raise DamagedFile where its ledger was altered."""
    return str(read_sealed(root / STUDY_FILE).get("kind", Seeds.kind))


def read_study_file(root: Path) -> dict[str, Any]:
    """Read the plan of a study, and what came of it; raise DamagedFile where it is not one."""
    ledger = read_sealed(root / STUDY_FILE)
    ledger.setdefault("kind", Seeds.kind)  # the only one that there was at first
    kind = KINDS.get(str(ledger["kind"]))
    shape = {"recipe": dict, "recipe_hash": str}
    sound = all(isinstance(ledger.get(key), expected) for key, expected in shape.items())
    if kind is None or not sound or not all(_is(one.type, ledger.get(one.name)) for one in fields(kind)):
        raise DamagedFile(f"{root / STUDY_FILE} is not the ledger of a study; restore it or start the study anew")
    return ledger


def _is(kind: Any, value: Any) -> bool:
    """Whether a value is a whole number, or a list of some where a question holds several."""
    if kind is int:
        return isinstance(value, int)
    return isinstance(value, list) and bool(value) and all(isinstance(one, int) for one in value)


def read_design(ledger: dict[str, Any]) -> StudyDesign:
    """The question that a ledger holds."""
    kind = KINDS[ledger["kind"]]
    asked = {one.name: ledger[one.name] for one in fields(kind)}
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in asked.items()})


def is_same(ledger: dict[str, Any], design: StudyDesign, recipe: Recipe) -> bool:
    """Whether a ledger is of this question about this recipe."""
    same = ledger["kind"] == design.kind and read_design(ledger) == design
    return same and not list_differences(ledger["recipe"], recipe)


def run_directories(root: Path) -> list[Path]:
    """The directories of a study's runs, those not begun included."""
    return [root / name for name, _, _ in read_design(read_study_file(root)).members()]
