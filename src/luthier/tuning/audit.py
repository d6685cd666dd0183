"""Whether the files of a tuning study say the same of each other."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from luthier.core.errors import LuthierError
from luthier.recipe import read_recipe
from luthier.run import RunPaths, is_unused, stored_recipe
from luthier.run.read import stored_result
from luthier.tuning.answer import BEST, best_toml, make_result
from luthier.tuning.last import RUN
from luthier.tuning.ledger import TrialLog
from luthier.tuning.plan import Plan
from luthier.tuning.search import trial_directory
from luthier.tuning.storage import JOURNAL, open_storage
from luthier.tuning.study import FILE, name_of, read_plan, read_study_file
from luthier.tuning.trial import Trial
from luthier.tuning.verdict import confirm_winner, stored_outcomes, stored_scores

GROWS = ("search", "budget")
"""What is told of the time that was spent, which going on with a finished study adds to."""
RESTORE = "restore it, or start the study anew with another --out"
"""The remedy for what going on with a study does not train again."""


def directories(root: Path) -> list[Path]:
    """The runs of a study, of the search and after it, as far as they were begun."""
    found = [one for pattern in ("trial-*", "race-*", "fresh-*", RUN) for one in sorted(root.glob(pattern))]
    return [one for one in found if not is_unused(one)]


def contradictions(root: Path) -> Iterator[str]:
    """Say where a study's file, its ledger and the directories of its runs differ; nothing where all is well.

    The trials of a study in a database are not looked at: it may be on another machine.
    """
    try:
        content, plan = read_study_file(root), read_plan(root)
        if content["storage"] is not None:
            return
        if "fresh" in content and not _has_journal(root):
            yield f"{root / JOURNAL} is missing or empty, but the study has an answer; restore it"
        elif _has_journal(root):
            with open_storage(root, None) as storage:
                yield from _of_ledger(root, content, plan, TrialLog(storage, name_of(plan), content["site"], plan))
    except LuthierError as error:
        yield f"{root}: {error}"


def _has_journal(root: Path) -> bool:
    path = root / JOURNAL
    return path.is_file() and path.stat().st_size > 0


def _of_ledger(root: Path, content: dict[str, Any], plan: Plan, trial_log: TrialLog) -> Iterator[str]:
    trials = trial_log.trials()
    yield from (problem for trial in trials for problem in _of_trial(root, plan, trial))
    if "fresh" not in content:
        return
    lost = [one["number"] for one in content["trial_list"][len(trials) :]]
    try:
        yield from _of_answer(root, content, plan, trials, trial_log)
        yield from _of_run(root, content)
    except (KeyError, IndexError):
        lost = lost or [RUN]
    if lost:
        yield f"{root / JOURNAL} lacks trials or runs that {root / FILE} tells of; restore it"


def _of_trial(root: Path, plan: Plan, trial: Trial) -> Iterator[str]:
    path = root / trial_directory(trial.number)
    if trial.last is None or not trial.last.scores:
        return
    if is_unused(path):
        yield f"{path} is missing, but the ledger has its scores; {RESTORE}"
    elif stored_recipe(path).hash() != plan.space.recipe_of(trial.params, trial.seed).hash():
        yield f"{path} is of another recipe than the ledger says; {RESTORE}"


def _of_run(root: Path, content: dict[str, Any]) -> Iterator[str]:
    """Whether the run of what was kept says what the answer says of it."""
    if "run" not in content:
        return
    path, kept_recipe = RunPaths(root / RUN).result, content["best"] if content["shipped"] == "best" else content
    if path.is_file() and stored_recipe(root / RUN).hash() != read_recipe(kept_recipe["recipe"]).hash():
        yield f"{path.parent} is of another recipe than the one that is kept; train that with: luthier resume {root}"
    elif not path.is_file() or stored_result(root / RUN)["test"] != content["test"]:
        remedy = f"remove {path.parent} and train it anew with: luthier resume {root}"
        yield f"{path} is missing, or is not what {FILE} tells of; {remedy}"


def _of_answer(
    root: Path, content: dict[str, Any], plan: Plan, trials: list[Trial], trial_log: TrialLog
) -> Iterator[str]:
    done = stored_outcomes(trial_log)
    lost = [root / name for name in done if is_unused(root / name)]
    yield from (f"{path} is missing, but the ledger has its scores; {RESTORE}" for path in lost)
    confirmation = confirm_winner(plan, trials, lambda *asked: stored_scores(done, *asked))
    found = json.loads(json.dumps(make_result(plan, trials, confirmation)))
    differing = [key for key, value in found.items() if key not in GROWS and content.get(key) != value]
    if differing:
        yield f"{root / FILE} says otherwise than the ledger of {', '.join(differing)}"
    path = root / BEST
    if not path.is_file() or path.read_text(errors="replace") != best_toml(plan, trials, confirmation.winner):
        yield f"{path} is missing or is not the recipe that won; luthier tune --resume {root} writes it anew"
