"""Finds a better recipe than the one given, within a budget, and proves it on fresh seeds, or keeps what was given."""

import time
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from luthier.core.switches import plain_torch
from luthier.data import Task
from luthier.data import load as load_data
from luthier.engine.device import choose
from luthier.planning import Model, new_directory, stored_source
from luthier.preparing import made_ready, path_of, pre_flight, recipe_and_data, tell
from luthier.recipe import Recipe
from luthier.tuning.asked import Asked
from luthier.tuning.crew import hired
from luthier.tuning.finder import with_rates
from luthier.tuning.storage import address, opened
from luthier.tuning.study import Place, check_place, stored, stored_plan, studied

ASKED = {one.name for one in fields(Asked)}


@plain_torch()
def tune(
    data: Any,
    model: Model | None = None,
    *,
    recipe: Recipe | Mapping[str, Any] | Path | str | None = None,
    out: Path | str | None = None,
    device: str = "auto",
    data_dir: Path | str | None = None,
    task: Task = "auto",
    weights: Any = None,
    groups: Any = None,
    times: Any = None,
    extra_data: Any = None,
    unlabelled: Any = None,
    allow_leaks: bool = False,
    quiet: bool = False,
    storage: str | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Search hyperparameters, race the best, and keep the winner only where it holds against the default.

    The recipe as it is given is the first trial, and what is kept unless another proves better under seeds that chose
    none of them. What is kept is trained once more as an ordinary run, which reads the test part once. A study that
    was cut off goes on where it stopped, if it is asked again with the same `out`, or with `resume_tune`.

    data, model, recipe, out, device, data_dir, task, weights, groups, times, extra_data, unlabelled, allow_leaks,
        quiet: as for `luthier.train`; out is the study's directory.
    storage: address of a database that several machines share, such as postgresql://me@host/studies; by default a file
        in the directory.
    settings: trials, minutes, space, workers, threads, sampler, pruner, cost, top, race_seeds, fresh_seeds, lr_only, as
        in `luthier.tuning.Asked`; all others are overrides of the recipe, as for `luthier.train`.
    Returns the plan and the answer: trial_list, best, race, fresh, shipped, run and more.
    Raises BadInput with everything that is wrong before any training, Interrupted after a signal.
    """
    asked = Asked(**{name: one for name, one in settings.items() if name in ASKED})
    overrides = {name: one for name, one in settings.items() if name not in ASKED}
    asked.check()
    chosen, spent = choose(device), 0.0
    if storage is not None:
        with opened(Path(), storage):
            pass  # it can be reached
    known = {"weights": weights, "groups": groups, "times": times, "extra": extra_data, "unlabelled": unlabelled}
    with hired(asked.crew, asked.threads) as crew:
        base, dataset = recipe_and_data(
            data, model, recipe, overrides, data_dir=data_dir, task=task, quiet=quiet, **known
        )
        plan = asked.planned(base, dataset)
        doubts = pre_flight(base, dataset, allow_leaks)
        made_ready(base, dataset, chosen, None)  # what cannot be trained is told before anything is written
        if asked.lr_only:
            began = time.monotonic()
            plan = with_rates(plan, dataset, chosen)
            spent = time.monotonic() - began
        if out is not None:
            check_place(Path(out), plan)
        tell(doubts)
        root = Path(out) if out is not None else new_directory(base)
        return studied(plan, dataset, Place(root, storage, device, quiet, spent), crew)


@plain_torch()
def resume_tune(
    study: Path | str,
    *,
    data: Any = None,
    device: str = "auto",
    data_dir: Path | str | None = None,
    weights: Any = None,
    groups: Any = None,
    times: Any = None,
    extra_data: Any = None,
    unlabelled: Any = None,
    quiet: bool = False,
    storage: str | None = None,
    trials: int | None = None,
    minutes: float | None = None,
    workers: int | None = None,
) -> dict[str, Any]:
    """Go on with a study; nothing that was trained is trained again.

    study: its directory. data, weights, groups, times, extra_data, unlabelled: those of the study, where no file holds
    them. storage: the address of its database, where it has a password, which is not kept. trials, minutes: another
    end. workers: processes at once.
    Raises BadInput where there is no such study, or its data are others.
    """
    root, choice = Path(study), choose(device)
    kept, plan = stored(root), stored_plan(root)
    asked = Asked(trials=trials, minutes=minutes, workers=workers, threads=plan.threads)
    asked.check()
    url, source = address(kept["storage"], storage), stored_source(plan.recipe, data)
    known = {"weights": weights, "groups": groups, "times": times, "extra": extra_data, "unlabelled": unlabelled}
    with hired(asked.crew, plan.threads) as crew:
        dataset = load_data(source, path_of(data_dir), plan.recipe.data, quiet=quiet, **known)
        plan.recipe.resolved(dataset)
        return studied(asked.lasting(plan), dataset, Place(root, url, str(choice), quiet), crew)
