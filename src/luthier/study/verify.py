"""Verifies every file of a run or study: checksums, seals and what the files say of each other."""

import json
import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from luthier.core.declare import Part
from luthier.core.errors import BadInput, LuthierError
from luthier.core.files import TEMPORARY, sha256
from luthier.core.lock import NAME as LOCK
from luthier.core.shape import check_shape
from luthier.recipe.read import read_recipe
from luthier.recipe.recipe import Recipe
from luthier.run import Run, RunPaths, is_unused, read_stored_recipe
from luthier.run.history import check_begins, read_row
from luthier.run.loggers import TENSORBOARD
from luthier.run.provenance import read_sessions
from luthier.run.result import METADATA
from luthier.run.stored import parse_header, read_result
from luthier.run.write import NOTES
from luthier.study.design import StudyDesign
from luthier.study.study import read_design, read_study_file
from luthier.study.study_file import STUDY_FILE, read_kind
from luthier.study.trial_log import TrialLog
from luthier.study.tune import KIND
from luthier.study.tune.confirmation import confirm_winner, stored_outcomes, stored_scores
from luthier.study.tune.final_run import RUN
from luthier.study.tune.result import BEST, make_result, render_best_recipe
from luthier.study.tune.search import trial_directory
from luthier.study.tune.stages import Plan
from luthier.study.tune.storage import JOURNAL, open_storage
from luthier.study.tune.study import name_of, read_plan, read_tune_file
from luthier.study.tune.trial import Trial
from luthier.training.checkpoint import Checkpoint, count_steps, list_files, open_checkpoint

KNOWN = {
    "recipe.toml",
    "environment.json",
    "history.jsonl",
    "model.safetensors",
    "predictions.safetensors",
    "digests.safetensors",
    "result.json",
    "report.html",
    "checkpoints",
    TENSORBOARD,
    LOCK,
}


LEFT = f".*{TEMPORARY}"
"""What a process that was killed as it wrote leaves; the next one removes it."""

EXPECTED = ("result-*.json", "model-*.safetensors", "predictions-*.safetensors", LEFT)
"""What else may lie in a run's directory: results that were set aside, and what a kill left."""


def fsck(root: Path, own: Sequence[type[Part]] = ()) -> list[str]:
    """List everything that is wrong with a run or a study; an empty list says that all is well.

    own: classes of the user's own parts that the recipe names.
    Raises BadInput where the directory is neither.
    """
    if (root / STUDY_FILE).is_file():
        return list(_check_study(root, own))
    if not RunPaths(root).recipe.is_file():
        raise BadInput(
            f"fsck needs the directory of a run or a study, but {root} is neither; give the one luthier printed"
        )
    return list(_check_run(RunPaths(root), own))


def _check_study(root: Path, own: Sequence[type[Part]]) -> Iterator[str]:
    try:
        if read_kind(root) == KIND:
            yield from _check_tune_study(root, own)
            return
        ledger = read_study_file(root)
        recipe = read_recipe(ledger["recipe"], own)
    except LuthierError as error:
        yield f"{root}: {error}"
        return
    design = read_design(ledger)
    variants = {root / name: variant for name, variant in design.variants(recipe).items()}
    found = [
        problem for path, one in variants.items() if not is_unused(path) for problem in _check_member(path, one, own)
    ]
    yield from found
    if "runs" in ledger and not found:
        runs = [Run(path, own=own) for path in variants if not is_unused(path)]
        yield from _check_summary(root, ledger, design, runs, len(variants))


def _check_tune_study(root: Path, own: Sequence[type[Part]]) -> Iterator[str]:
    found = [problem for path in directories(root) for problem in _check_run(RunPaths(path), own)]
    yield from found
    if not found:
        yield from contradictions(root)


def _check_summary(
    root: Path, ledger: dict[str, Any], design: StudyDesign, runs: list[Run], asked: int
) -> Iterator[str]:
    """Say whether what a finished study says is what its runs say."""
    complete = len(runs) == asked and all(RunPaths(run.path).result.is_file() for run in runs)
    try:
        answer = design.result(runs) if complete else {}
    except (ArithmeticError, LookupError, TypeError):  # the plan was altered, such as to a single fold
        complete, answer = False, {}
    if not complete or any(ledger.get(key) != value for key, value in answer.items()):
        yield f"{root / STUDY_FILE} sums up other results than those of its runs"
    for name, text in (design.files(answer) if answer else {}).items():
        if not (root / name).is_file() or (root / name).read_text(errors="replace") != text:
            yield f"{root / name} is missing or is not the picture of the study; luthier resume {root} draws it anew"


def _check_member(path: Path, recipe: Recipe, own: Sequence[type[Part]]) -> Iterator[str]:
    yield from _check_run(RunPaths(path), own)
    try:
        stored = read_stored_recipe(path, own)
    except LuthierError:
        return
    if recipe.data.fingerprint is None:  # of data that only the run before makes
        like = {name: getattr(recipe.data, name) for name in ("fingerprint", "columns")}
        stored = stored.model_copy(update={"data": stored.data.model_copy(update=like)})
    if stored.hash() != recipe.hash():
        yield f"{path} is of another recipe than its study"


def _check_run(paths: RunPaths, own: Sequence[type[Part]]) -> Iterator[str]:
    try:
        read_stored_recipe(paths.root, own)
    except LuthierError as error:
        yield f"{paths.recipe}: {error}"
        return
    yield from _environment(paths)
    checkpoints: list[Checkpoint] = []
    yield from _links(paths)
    for path in list_files(paths.checkpoints, ".json"):
        try:
            checkpoints.append(open_checkpoint(path))
        except (LuthierError, OSError) as error:
            yield str(error)
    yield from _orphans(paths)
    yield from _history(paths, checkpoints)
    if paths.result.is_file():
        yield from _result(paths)
    elif os.path.lexists(paths.result):
        yield f"{paths.result} is not a file"


def _environment(paths: RunPaths) -> Iterator[str]:
    try:
        read_sessions(paths.environment)
    except FileNotFoundError:
        yield f"{paths.environment} is missing"
    except LuthierError as error:
        yield str(error)


def _orphans(paths: RunPaths) -> Iterator[str]:
    for one in sorted(paths.root.iterdir()):
        if one.name not in KNOWN and not any(fnmatch(one.name, pattern) for pattern in EXPECTED):
            yield f"{one} does not belong to a run"
    for one in sorted(paths.checkpoints.iterdir()) if paths.checkpoints.is_dir() else ():
        if count_steps(one.stem) < 0 and not fnmatch(one.name, LEFT):
            yield f"{one} does not belong to a run"
    manifests = list_files(paths.checkpoints, ".json")
    newest = count_steps(manifests[-1].stem) if manifests else -1
    for path in list_files(paths.checkpoints, ".safetensors"):
        if count_steps(path.stem) > newest and not paths.result.is_file():
            continue  # a process was killed as it saved, and nothing counts on it
        if not path.with_suffix(".json").is_file():
            yield f"{path} has no manifest: a save was cut off; luthier resume removes it"


def _links(paths: RunPaths) -> Iterator[str]:
    """Name links in place of what is written in; what is only replaced as a whole may be one."""
    for path in (paths.root / LOCK, paths.history, paths.checkpoints):
        if path.is_symlink():
            yield f"{path} is a link, in which luthier resume does not write; put what it leads to in its place"


def _history(paths: RunPaths, checkpoints: list[Checkpoint]) -> Iterator[str]:
    content = paths.history.read_bytes() if paths.history.is_file() else b""
    for checkpoint in checkpoints:
        try:
            check_shape(checkpoint.body["notes"], NOTES, checkpoint.path, "the manifest of a run's checkpoint")
            check_begins(paths.history, checkpoint.body["notes"]["history"])
        except LuthierError as error:
            yield f"{error} ({checkpoint.path.name})"
    steps = []
    for number, line in enumerate(content.splitlines(keepends=True), 1):
        row = read_row(line)
        if row is None and not line.endswith(b"\n") and not paths.result.is_file():
            continue  # a process was killed as it wrote the last row
        if row is None:
            yield f"{paths.history} line {number} is not a row of a history"
        else:
            steps.append(row["step"])
    if steps != sorted(steps):
        yield f"{paths.history} has steps out of order"


def _result(paths: RunPaths) -> Iterator[str]:
    try:
        result = read_result(paths.root)
    except LuthierError as error:
        yield str(error)
        return
    altered = [name for name, expected in result["sha256"].items() if not _is(paths.root / name, expected)]
    yield from (f"{paths.root / name} is missing or does not match the checksum in result.json" for name in altered)
    if paths.model.name in altered:
        return
    try:
        with safe_open(paths.model, "np") as file:
            header = parse_header((file.metadata() or {}).get(METADATA, ""), paths.model)
    except (SafetensorError, OSError) as error:
        yield f"{paths.model} is not a safetensors file ({error})"
        return
    except LuthierError as error:
        yield str(error)
        return
    if header.get("recipe_hash") != result["recipe_hash"]:
        yield f"{paths.model} was written by another recipe than result.json"
    if header.get("temperature") != (result.get("calibration") or {}).get("temperature"):
        yield f"{paths.model} was calibrated in another way than result.json says"


def _is(path: Path, expected: str) -> bool:
    return path.is_file() and sha256(path) == expected


GROWS = ("search", "budget")
"""What is told of the time that was spent, which going on with a finished study adds to."""


RESTORE = "restore it, or start the study anew with another --out"
"""The remedy for what going on with a study does not train again."""


def directories(root: Path) -> list[Path]:
    """List the runs of a study, of the search and after it, as far as they were begun."""
    found = [one for pattern in ("trial-*", "race-*", "fresh-*", RUN) for one in sorted(root.glob(pattern))]
    return [one for one in found if not is_unused(one)]


def contradictions(root: Path) -> Iterator[str]:
    """Say where a study's file, its trial log and the directories of its runs differ; nothing where all is well.

    The trials of a study in a database are not looked at: it may be on another machine.
    """
    try:
        content, plan = read_tune_file(root), read_plan(root)
        if content["storage"] is not None:
            return
        if "fresh" in content and not _has_journal(root):
            yield f"{root / JOURNAL} is missing or empty, but the study has a result; restore it"
        elif _has_journal(root):
            with open_storage(root, None) as storage:
                yield from _check_trial_log(
                    root, content, plan, TrialLog(storage, name_of(plan), content["site"], plan)
                )
    except LuthierError as error:
        yield f"{root}: {error}"
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        yield f"{root / STUDY_FILE} does not hold what a study's file must ({error!r}); {RESTORE}"


def _has_journal(root: Path) -> bool:
    path = root / JOURNAL
    return path.is_file() and path.stat().st_size > 0


def _check_trial_log(root: Path, content: dict[str, Any], plan: Plan, trial_log: TrialLog) -> Iterator[str]:
    trials = trial_log.trials()
    yield from (problem for trial in trials for problem in _check_trial(root, plan, trial))
    if "fresh" not in content:
        return
    lost = [one["number"] for one in content["trial_list"][len(trials) :]]
    try:
        yield from _check_result(root, content, plan, trials, trial_log)
        yield from _check_final_run(root, content)
    except (LookupError, TypeError, AttributeError):
        lost = lost or [RUN]
    if lost:
        yield f"{root / JOURNAL} lacks trials or runs that {root / STUDY_FILE} tells of; restore it"


def _check_trial(root: Path, plan: Plan, trial: Trial) -> Iterator[str]:
    path = root / trial_directory(trial.number)
    if trial.last is None or not trial.last.scores:
        return
    if is_unused(path):
        yield f"{path} is missing, but the trial log has its scores; {RESTORE}"
    elif read_stored_recipe(path).hash() != plan.space.make_recipe(trial.params, trial.seed).hash():
        yield f"{path} is of another recipe than the trial log says; {RESTORE}"


def _check_final_run(root: Path, content: dict[str, Any]) -> Iterator[str]:
    """Say where the run of what was kept differs from what the result says of it."""
    if "run" not in content:
        return
    path, kept_recipe = RunPaths(root / RUN).result, content["best"] if content["shipped"] == "best" else content
    if path.is_file() and read_stored_recipe(root / RUN).hash() != read_recipe(kept_recipe["recipe"]).hash():
        yield f"{path.parent} is of another recipe than the one that is kept; train that with: luthier resume {root}"
    elif not path.is_file() or read_result(root / RUN)["test"] != content["test"]:
        remedy = f"remove {path.parent} and train it anew with: luthier resume {root}"
        yield f"{path} is missing, or is not what {STUDY_FILE} tells of; {remedy}"


def _check_result(
    root: Path, content: dict[str, Any], plan: Plan, trials: list[Trial], trial_log: TrialLog
) -> Iterator[str]:
    done = stored_outcomes(trial_log)
    lost = [root / name for name in done if is_unused(root / name)]
    yield from (f"{path} is missing, but the trial log has its scores; {RESTORE}" for path in lost)
    confirmation = confirm_winner(plan, trials, lambda *asked: stored_scores(done, *asked))
    found = json.loads(json.dumps(make_result(plan, trials, confirmation)))
    differing = [key for key, value in found.items() if key not in GROWS and content.get(key) != value]
    if differing:
        yield f"{root / STUDY_FILE} says otherwise than the trial log of {', '.join(differing)}"
    path = root / BEST
    if not path.is_file() or path.read_text(errors="replace") != render_best_recipe(plan, trials, confirmation.winner):
        yield f"{path} is missing or is not the recipe that won; luthier tune --resume {root} writes it anew"
