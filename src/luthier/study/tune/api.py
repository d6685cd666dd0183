"""Finds a better recipe than the one given, within a budget, and proves it on fresh seeds, or keeps what was given."""

import time
from pathlib import Path
from typing import Any

from luthier.core.errors import raise_all
from luthier.core.options import declared_options
from luthier.data import DataArguments, Task
from luthier.recipe.build import prepare
from luthier.recipe.compatibility import check_dataset
from luthier.recipe.resolve import (
    Model,
    load_and_resolve,
    pre_flight,
    warn_of_findings,
)
from luthier.recipe.values import RecipeLike
from luthier.run.directory import new_directory
from luthier.study.tune.options import TuneOptions
from luthier.study.tune.planning import extend_plan, find_rates, make_plan
from luthier.study.tune.storage import choose_address, open_storage
from luthier.study.tune.study import StudyLocation, check_place, read_plan, read_tune_file, run_plan
from luthier.study.worker_pool import count_workers, open_worker_pool
from luthier.training.device import choose, plain_torch

OPTIONS = declared_options(TuneOptions).keys()


@plain_torch()
def tune(
    data: Any,
    model: Model | None = None,
    *,
    recipe: RecipeLike = None,
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
        in `luthier.study.tune.TuneOptions`; all others are overrides of the recipe, as for `luthier.train`.
    Returns the plan and the result: trial_list, best, race, fresh, shipped, run and more.
    Raises BadInput with everything that is wrong before any training, Interrupted after a signal.
    """
    options = TuneOptions(**{name: value for name, value in settings.items() if name in OPTIONS})
    overrides = {name: value for name, value in settings.items() if name not in OPTIONS}
    options.check()
    workers = count_workers(options.workers, options.threads)
    chosen, spent = choose(device), 0.0
    if storage is not None:
        with open_storage(Path(), storage):
            pass  # it can be reached
    about = DataArguments(
        data, data_dir, task=task, weights=weights, groups=groups, times=times, extra_data=extra_data,
        unlabelled=unlabelled, quiet=quiet,
    )  # fmt: skip
    with open_worker_pool(workers, str(chosen), options.threads) as pool:
        base, dataset = load_and_resolve(about, model, recipe, overrides)
        plan = make_plan(options, base, dataset, workers)
        findings = pre_flight(base, dataset, allow_leaks)
        prepare(base, dataset, chosen, use="run")  # what cannot be trained is told before anything is written
        if options.lr_only:
            began = time.monotonic()
            plan = find_rates(plan, dataset, chosen)
            spent = time.monotonic() - began
        if out is not None:
            check_place(Path(out), plan)
        warn_of_findings(findings)
        root = Path(out) if out is not None else new_directory(base)
        return run_plan(plan, dataset, StudyLocation(root, storage, quiet, spent), pool)


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
    kept, plan = read_tune_file(root), read_plan(root)
    options = TuneOptions(trials=trials, minutes=minutes, workers=workers, threads=plan.threads)
    options.check()
    url = choose_address(kept["storage"], storage)
    about = DataArguments(
        data, data_dir, weights=weights, groups=groups, times=times, extra_data=extra_data,
        unlabelled=unlabelled, quiet=quiet,
    )  # fmt: skip
    with open_worker_pool(count_workers(workers, plan.threads), str(choice), plan.threads) as pool:
        dataset = about.load_again(plan.recipe.data)
        raise_all(check_dataset(plan.recipe, dataset))
        return run_plan(extend_plan(plan, options), dataset, StudyLocation(root, url, quiet), pool)
