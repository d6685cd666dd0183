"""A study from its plan to its result, which can be resumed wherever it was cut off."""

import hashlib
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from luthier.core.errors import BadInput, DamagedFile, Interrupted
from luthier.core.files import TEMPORARY, make_directory, write_atomic
from luthier.core.lock import NAME as LOCK
from luthier.core.lock import hold_lock
from luthier.core.secrets import hide_password
from luthier.data import Dataset
from luthier.data.shared import shared_folder
from luthier.recipe.read import read_recipe
from luthier.recipe.recipe import Recipe
from luthier.run import check_unused
from luthier.study.study_file import STUDY_FILE, read_values, write_study_file
from luthier.study.trial_log import TrialLog
from luthier.study.tune.budget import FINAL, deadline
from luthier.study.tune.confirmation import Replications, confirm_winner
from luthier.study.tune.final_run import FinalRun
from luthier.study.tune.jobs import JobQueue, RunningStudy
from luthier.study.tune.progress import show_tune_progress
from luthier.study.tune.result import BEST, import_in_background, make_result, render_best_recipe, trial_row
from luthier.study.tune.search import Search
from luthier.study.tune.stages import KIND, Plan
from luthier.study.tune.storage import JOURNAL, open_storage
from luthier.study.worker_pool import WorkerPool, interrupt_on_signal

SEARCHED = "search-seconds"


@dataclass(frozen=True)
class StudyLocation:
    """Where a study is done.

    root: its directory. url: of a database, or None. spent: seconds that the search has taken already, before its
    first trial.
    """

    root: Path
    url: str | None
    quiet: bool
    spent: float = 0.0


def check_place(root: Path, plan: Plan) -> None:
    """Raise BadInput where a directory holds something else than this study."""
    if (root / STUDY_FILE).is_file():
        before = read_plan(root)
        if replace(plan, trials=before.trials, minutes=before.minutes, salt=before.salt) != before:
            raise BadInput(f"the study in {root} is of another recipe or another plan; choose another --out")
    elif not root.is_dir():
        check_unused(root)
    elif not _barely_begun(root):
        raise BadInput(f"the study's directory must be new or empty, but {root} is not; choose another with --out")


def _barely_begun(root: Path) -> bool:
    """Say whether a study was cut off between making its journal and writing its plan."""
    return all(one.name in (JOURNAL, LOCK) or one.name.endswith(TEMPORARY) for one in root.iterdir())


def read_tune_file(root: Path) -> dict[str, Any]:
    """Read the sealed content of a study's file; raise BadInput where there is no tuning study."""
    if not (root / STUDY_FILE).is_file():
        raise BadInput(f"{root} must be the directory of a tuning study, but is none; give the one luthier printed")
    values = read_values(root)
    if values["kind"] != KIND:
        raise BadInput(f"{root} is a study of {values.get('kind')}, not of tuning; go on with: luthier resume {root}")
    return values


def read_plan(root: Path) -> Plan:
    """Read the plan of a study; raise DamagedFile where its file is not whole."""
    values = read_tune_file(root)
    try:
        return Plan.of(values)
    except BadInput:
        raise
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise DamagedFile(f"{root / STUDY_FILE} is not the plan of a study ({error!r}); restore it") from None


def run_plan(plan: Plan, dataset: Dataset, location: StudyLocation, pool: WorkerPool[Any]) -> dict[str, Any]:
    """Do a study, or what is left of it, and write its result."""
    root = location.root
    make_directory(root)
    message = f"interrupted; what was trained is kept; go on with: luthier tune --resume {root}"
    with hold_lock(root), interrupt_on_signal(pool, root, message), open_storage(root, location.url) as storage:
        trial_log = TrialLog(storage, name_of(plan), _site(location), plan)
        plan = replace(plan, salt=trial_log.salt)
        about = {**plan.dump(), "storage": location.url and hide_password(location.url), "site": trial_log.site}
        if not _is_written(root, about):
            write_study_file(root, about)
        trial_log.note(SEARCHED, trial_log.notes().get(SEARCHED, round(location.spent, 3)))
        with (
            show_tune_progress(plan, pool.size, float(trial_log.notes()[SEARCHED]), location.quiet) as progress,
            shared_folder(dataset, root) as data,
        ):
            import_in_background(plan.trials)
            study = RunningStudy(plan, trial_log, root, str(data), progress, trial_log.trials())
            progress.know_trials(study.trials)
            with _note_interruption(study, about):
                found = _train_stages(study, JobQueue(pool, trial_log, progress), about)
        write_study_file(root, {**about, **found})
    return {"study": str(root), **about, **found}


def _is_written(root: Path, about: dict[str, Any]) -> bool:
    """Say whether the study's file says this already; a result stays there until there is another."""
    return (root / STUDY_FILE).is_file() and json.loads(json.dumps(about)).items() <= read_tune_file(root).items()


@contextmanager
def _note_interruption(study: RunningStudy, about: dict[str, Any]) -> Iterator[None]:
    """Write down the trials of a study that is interrupted, for the page of what there is."""
    try:
        yield
    except Interrupted:
        trials = [trial_row(study.plan, trial) for trial in study.trial_log.trials()]
        write_study_file(study.root, {**about, "trial_list": trials})
        raise


def _train_stages(study: RunningStudy, queue: JobQueue, about: dict[str, Any]) -> dict[str, Any]:
    """Search, confirm the winner and train the final run; return what was found."""
    plan, final_run = study.plan, FinalRun(study)
    if not plan.fresh_seeds:
        final_run.request(plan.recipe)  # nothing can beat the default, whose run is trained beside the search
    _search(study, queue, final_run)
    replications = Replications(study)
    confirmation = confirm_winner(plan, study.trials, partial(replications.train, queue))
    found = make_result(plan, study.trials, confirmation)
    found["search"] = _with_speed(found["search"], study.trial_log.notes()[SEARCHED])
    write_atomic(study.root / BEST, render_best_recipe(plan, study.trials, confirmation.winner).encode())
    write_study_file(study.root, {**about, **found})  # whatever becomes of the final run
    final_run.request(_selected_recipe(plan, found))
    study.progress.begin_stage(FINAL, 1, int(not final_run.waiting))
    queue.run(final_run)
    return {**found, **final_run.read_result()}


def _search(study: RunningStudy, queue: JobQueue, final_run: FinalRun) -> None:
    """Search to the end; the final run comes first as soon as it can, so that no worker is left alone with it."""
    trial_log, began = study.trial_log, time.monotonic()
    before = float(trial_log.notes()[SEARCHED])

    def note() -> None:  # with every outcome: a kill must not give the time back
        trial_log.note(SEARCHED, round(before + time.monotonic() - began, 3))

    try:
        search = Search(study, deadline(study.plan, queue.pool.size, began - before), note)
        queue.run(final_run, search)
        search.close()
    finally:
        note()


def _with_speed(found: dict[str, Any], seconds: float) -> dict[str, Any]:
    return {**found, "seconds": seconds, "examples_per_second": round(found["examples"] / max(seconds, 1e-9), 1)}


def _selected_recipe(plan: Plan, found: dict[str, Any]) -> Recipe:
    """Return what is kept, under the seed of the study."""
    return read_recipe(found["best"]["recipe"]) if found["shipped"] == "best" else plan.recipe


def name_of(plan: Plan) -> str:
    """Name the Optuna study: the same for the same question, wherever it is asked."""
    asked = {"recipe": plan.recipe.hash(), "space": [dimension.dump() for dimension in plan.space.dimensions]}
    text = json.dumps({**asked, "objectives": plan.objectives}, sort_keys=True)
    return f"luthier-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _site(location: StudyLocation) -> str:
    """Return what tells this directory's trials from those of others in a database; nothing where there are none."""
    if location.url is None:
        return ""
    if (location.root / STUDY_FILE).is_file():  # it may have been moved since
        return str(read_tune_file(location.root)["site"])
    return hashlib.sha256(f"{socket.gethostname()}{location.root.resolve()}".encode()).hexdigest()[:8]
