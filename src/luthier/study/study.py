"""A study from its question to its result, resumable at every run."""

from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import torch

from luthier.core.errors import BadInput, DamagedFile
from luthier.core.files import make_directory, write_atomic
from luthier.core.lock import hold_lock
from luthier.core.shape import find_misfit, is_count, is_table, is_text, list_of, or_none
from luthier.data import Dataset
from luthier.recipe.build import Prepared
from luthier.recipe.recipe import Recipe
from luthier.run import Run, is_unused
from luthier.run.write import list_differences
from luthier.stats.metrics import METRICS
from luthier.study.design import StudyDesign, mean_trivial
from luthier.study.kinds import Curve, Folds, Seeds
from luthier.study.pseudo_labels import PseudoLabels
from luthier.study.study_file import STUDY_FILE, read_values, write_study_file
from luthier.study.train_runs import RunOptions, find_obstacle, list_runs, train_runs


def run_study(
    root: Path,
    recipe: Recipe,
    design: StudyDesign,
    dataset: Dataset,
    *,
    options: RunOptions,
    ready: dict[str, Prepared] | None = None,
) -> dict[str, Any]:
    """Train all runs that a question about a recipe asks for, and write the answer.

    root: the study's directory; one that already holds this study is gone on with, its finished runs kept.
    ready: what is built already, by the hash of its recipe.
    Raises BadInput where the directory holds something else.
    """
    before = _check_directory(root, recipe, design)
    options = replace(options, threads=_choose_threads(root, before, recipe, options))
    asked = {**describe_study(design, recipe), "threads": options.threads}
    make_directory(root)
    with hold_lock(root):
        write_study_file(root, asked)
        runs = list_runs(design, recipe, root)
        train_runs(runs, dataset, options, ready)
        finished = [Run(run.directory, own=recipe.own_classes()) for run in runs]
        answer = design.result(finished)
        for name, text in design.files(answer).items():
            write_atomic(root / name, text.encode())
            answer["picture"] = str(root / name)
        answer["trivial"] = mean_trivial(finished, answer["metric"])
        found = {"study": str(root), "runs": [str(run.directory) for run in runs], **answer}
        write_study_file(root, {**asked, **found})
    return found


def _check_directory(root: Path, recipe: Recipe, design: StudyDesign) -> dict[str, Any] | None:
    """Return what the directory says of this study, None where it is new; refuse one that holds something else."""
    if (root / STUDY_FILE).is_file():
        before = read_study_file(root)
        if not is_same(before, design, recipe):
            raise BadInput(f"the study in {root} is of another recipe or other {design}; choose another --out")
        return before
    if not is_unused(root):
        raise BadInput(f"the study's directory must be new or empty, but {root} is not; choose another with --out")
    return None


def _choose_threads(root: Path, before: dict[str, Any] | None, recipe: Recipe, options: RunOptions) -> int | None:
    """Return the threads of each run, on which the last bits depend: those with which the study began."""
    if before is None:
        return options.threads or (None if find_obstacle(recipe, options) else 1)
    known = before.get("threads", torch.get_num_threads())  # earlier versions trained in their own process
    if options.threads not in (None, known):
        raise BadInput(
            f"a study goes on with the threads that it began with, but the one in {root} has {known} and got --threads "
            f"{options.threads}; leave it out, or choose another --out"
        )
    return None if known is None else int(known)


KINDS: dict[str, type[StudyDesign]] = {one.kind: one for one in (Curve, Folds, PseudoLabels, Seeds)}


def describe_study(design: StudyDesign, recipe: Recipe) -> dict[str, Any]:
    """What a ledger says from the start."""
    asked = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(design).items()}
    return {"kind": design.kind, **asked, "recipe_hash": recipe.hash(), "recipe": recipe.dump()}


def read_study_file(root: Path) -> dict[str, Any]:
    """Read the plan of a study, and what came of it; raise DamagedFile where it is not one."""
    ledger = read_values(root)
    kind = KINDS.get(ledger["kind"])
    if (
        kind is None
        or find_misfit(ledger, SHAPE)
        or not or_none(is_count)(ledger.get("threads"))
        or not all(_is(one.type, ledger.get(one.name)) for one in fields(kind))
        or ("runs" in ledger and not _is_finished(ledger, kind))
    ):
        raise DamagedFile(f"{root / STUDY_FILE} is not the ledger of a study; restore it or start the study anew")
    return ledger


SHAPE = {"recipe": is_table, "recipe_hash": is_text}


MOST_RUNS = 10_000
"""Of a study, so that a number that was altered asks for no more than that."""


def _is_finished(ledger: dict[str, Any], kind: type[StudyDesign]) -> bool:
    """Whether a ledger has the answer of its kind; the first ones did not name the metric."""
    metric = ledger.get("metric")
    known = metric is None or (is_text(metric) and metric in METRICS)
    return known and list_of(is_text)(ledger["runs"]) and find_misfit(ledger, kind.answer) is None


def _is(kind: Any, value: Any) -> bool:
    """Whether a value is a whole number, or a list of some where a question holds several."""
    if kind is int:
        return is_count(value) and 0 < value <= MOST_RUNS
    return list_of(is_count)(value) and 0 < len(value) <= MOST_RUNS


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
