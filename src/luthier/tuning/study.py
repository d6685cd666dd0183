"""A study from its plan to its answer, which can be gone on with wherever it was cut off."""

import hashlib
import json
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from luthier.core.errors import BadInput, DamagedFile, Interrupted
from luthier.core.files import TEMPORARY, make_directory, read_sealed, write_atomic, write_sealed
from luthier.core.lock import NAME as LOCK
from luthier.core.lock import owned
from luthier.core.signals import caught
from luthier.data import Dataset
from luthier.run import check_unused
from luthier.tuning.answer import BEST, answer, best_toml, row
from luthier.tuning.budget import deadline
from luthier.tuning.crew import Crew
from luthier.tuning.importance import imported_meanwhile
from luthier.tuning.last import Last
from luthier.tuning.ledger import Ledger
from luthier.tuning.plan import KIND, Plan
from luthier.tuning.progress import Progress, watching
from luthier.tuning.search import Search
from luthier.tuning.shared import share
from luthier.tuning.storage import JOURNAL, opened, without_password
from luthier.tuning.trial import Trial
from luthier.tuning.verdict import Reruns, verdict
from luthier.tuning.worker import Setting

FILE = "study.json"
SHARED = ".shared-"
SEARCHED = "search-seconds"


@dataclass(frozen=True)
class Place:
    """Where a study is done.

    root: its directory. url: of a database, or None. device: of the workers. spent: seconds that the search has taken
    already, before its first trial.
    """

    root: Path
    url: str | None
    device: str
    quiet: bool
    spent: float = 0.0


def check_place(root: Path, plan: Plan) -> None:
    """Raise BadInput where a directory holds something else than this study."""
    if (root / FILE).is_file():
        before = stored_plan(root)
        if replace(plan, trials=before.trials, minutes=before.minutes, salt=before.salt) != before:
            raise BadInput(f"the study in {root} is of another recipe or another plan; choose another --out")
    elif not root.is_dir():
        check_unused(root)
    elif not _barely_begun(root):
        raise BadInput(f"the study's directory must be new or empty, but {root} is not; choose another with --out")


def _barely_begun(root: Path) -> bool:
    """Whether a study was cut off between making its journal and writing its plan."""
    return all(one.name in (JOURNAL, LOCK) or one.name.endswith(TEMPORARY) for one in root.iterdir())


def stored(root: Path) -> dict[str, Any]:
    """The sealed content of a study's file; raise BadInput where there is no tuning study."""
    if not (root / FILE).is_file():
        raise BadInput(f"{root} must be the directory of a tuning study, but is none; give the one luthier printed")
    values = read_sealed(root / FILE)
    if values.get("kind") != KIND:
        raise BadInput(f"{root} is a study of {values.get('kind')}, not of tuning; go on with: luthier resume {root}")
    return values


def stored_plan(root: Path) -> Plan:
    """The plan of a study; raise DamagedFile where its file is not whole."""
    values = stored(root)
    try:
        return Plan.of(values)
    except (KeyError, TypeError) as error:
        raise DamagedFile(f"{root / FILE} is not the plan of a study ({error!r}); restore it") from None


def studied(plan: Plan, dataset: Dataset, place: Place, crew: Crew[Any]) -> dict[str, Any]:
    """Do a study, or what is left of it, and write its answer."""
    root = place.root
    make_directory(root)
    with owned(root), _interruptible(root, crew), opened(root, place.url) as storage:
        _clean(root)
        ledger = Ledger(storage, name_of(plan), _site(place), plan)
        plan = replace(plan, salt=ledger.salt)
        about = {**plan.dump(), "storage": place.url and without_password(place.url), "site": ledger.site}
        if not _says(root, about):
            write_sealed(root / FILE, about)
        ledger.note(SEARCHED, ledger.notes().get(SEARCHED, round(place.spent, 3)))
        with (
            watching(plan, len(crew.workers), float(ledger.notes()[SEARCHED]), place.quiet) as progress,
            tempfile.TemporaryDirectory(prefix=SHARED, dir=root) as folder,
        ):
            share(dataset, Path(folder))
            crew.open(Setting(folder, place.device, plan.threads, plan.objectives[1:]))
            imported_meanwhile(plan.trials)
            last = Last(ledger, root, progress)
            with _told_so_far(plan, ledger, root, about):
                found = _done(Ongoing(plan, ledger, root, progress, crew), last)
                write_sealed(root / FILE, {**about, **found})  # whatever becomes of the last run
                last.ask(_kept(plan, found))
                found |= last.result(crew)
        write_sealed(root / FILE, {**about, **found})
    return {"study": str(root), **about, **found}


def _says(root: Path, about: dict[str, Any]) -> bool:
    """Whether the study's file says this already; an answer stays there until there is another."""
    return (root / FILE).is_file() and json.loads(json.dumps(about)).items() <= stored(root).items()


@contextmanager
def _told_so_far(plan: Plan, ledger: Ledger, root: Path, about: dict[str, Any]) -> Iterator[None]:
    """Where a study is interrupted, write down its trials for the page of what there is."""
    try:
        yield
    except Interrupted:
        write_sealed(root / FILE, {**about, "trial_list": [row(plan, one) for one in ledger.trials()]})
        raise


@contextmanager
def _interruptible(root: Path, crew: Crew[Any]) -> Iterator[None]:
    """Leave after a signal; what is done is in the ledger, and workers end with their crew."""
    with caught() as signals:

        def check() -> None:
            if signals.number:
                message = f"interrupted; what was trained is kept; go on with: luthier tune --resume {root}"
                raise Interrupted(signals.number, message)

        crew.check = check
        yield


@dataclass(frozen=True)
class Ongoing:
    """A study under way, and who works on it."""

    plan: Plan
    ledger: Ledger
    root: Path
    progress: Progress
    crew: Crew[Any]


def _done(study: Ongoing, last: Last) -> dict[str, Any]:
    plan, ledger, root = study.plan, study.ledger, study.root
    if not plan.fresh_seeds:
        last.ask(plan.recipe.dump())  # nothing can beat it
    trials = _searched(study, last)
    reruns = Reruns(plan, ledger, root, study.progress, trials)
    judged = verdict(plan, trials, lambda *asked: reruns.scores(study.crew, *asked))
    found = answer(plan, trials, judged)
    found["search"] = _with_speed(found["search"], ledger.notes()[SEARCHED])
    write_atomic(root / BEST, best_toml(plan, trials, judged.winner).encode())
    return found


def _searched(study: Ongoing, last: Last) -> list[Trial]:
    plan, ledger, crew = study.plan, study.ledger, study.crew
    before = float(ledger.notes()[SEARCHED])
    began = time.monotonic() - before
    end = deadline(plan, len(crew.workers), began)

    def note() -> None:  # with every outcome: a kill must not give the time back
        ledger.note(SEARCHED, round(time.monotonic() - began, 3))

    try:
        return Search(plan, ledger, study.root, study.progress, end, kept=note).run(crew, last)
    finally:
        note()


def _with_speed(found: dict[str, Any], seconds: float) -> dict[str, Any]:
    return {**found, "seconds": seconds, "examples_per_second": round(found["examples"] / max(seconds, 1e-9), 1)}


def _kept(plan: Plan, found: dict[str, Any]) -> dict[str, Any]:
    """What is kept, under the seed of the study."""
    return dict(found["best"]["recipe"]) if found["shipped"] == "best" else plan.recipe.dump()


def name_of(plan: Plan) -> str:
    """The name of the Optuna study: the same for the same question, wherever it is asked."""
    asked = {"recipe": plan.recipe.hash(), "space": [one.dump() for one in plan.space.dimensions]}
    text = json.dumps({**asked, "objectives": plan.objectives}, sort_keys=True)
    return f"luthier-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _site(place: Place) -> str:
    """What tells this directory's trials from those of others in the same database; nothing where there are none."""
    if place.url is None:
        return ""
    if (place.root / FILE).is_file():  # it may have been moved since
        return str(stored(place.root)["site"])
    return hashlib.sha256(f"{socket.gethostname()}{place.root.resolve()}".encode()).hexdigest()[:8]


def _clean(root: Path) -> None:
    """Remove the data that a killed process left; only the owner of the study may call this."""
    for path in root.glob(f"{SHARED}*"):
        shutil.rmtree(path, ignore_errors=True)
