"""The ledger of a study: what was asked, and what came of it."""

from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from luthier.core.errors import DamagedFile
from luthier.core.files import read_sealed
from luthier.recipe import Recipe
from luthier.run.resume import differences
from luthier.study.curve import Curve
from luthier.study.folds import Folds
from luthier.study.pseudo_labels import PseudoLabels
from luthier.study.question import StudyDesign
from luthier.study.seeds import Seeds

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
    return same and not differences(ledger["recipe"], recipe)


def run_directories(root: Path) -> list[Path]:
    """The directories of a study's runs, those not begun included."""
    return [root / name for name, _, _ in read_design(read_study_file(root)).members()]
