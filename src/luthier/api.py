"""The Python face: train, resume, load."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from luthier.core.declare import Part
from luthier.core.errors import BadInput, raise_all
from luthier.core.options import PoolOptions
from luthier.data import DataArguments, Dataset, Purpose, Task
from luthier.data.split import split
from luthier.data.units import read_units
from luthier.recipe.build import prepare
from luthier.recipe.compatibility import check_dataset, check_recipe
from luthier.recipe.read import read_recipe
from luthier.recipe.recipe import Recipe
from luthier.recipe.resolve import (
    Model,
    load_and_resolve,
    pre_flight,
    resolve,
    warn_of_findings,
)
from luthier.recipe.values import RecipeLike, objects
from luthier.run import Run, RunPaths, check_unused, is_unused
from luthier.run.directory import new_directory
from luthier.run.evaluate import evaluate_run
from luthier.run.loggers import check_loggers
from luthier.run.write import resume_run, start_run
from luthier.study import (
    STUDY_FILE,
    Curve,
    Folds,
    PseudoLabels,
    Seeds,
    StudyDesign,
    read_design,
    read_kind,
    read_study_file,
    run_study,
)
from luthier.study.kinds import choose_sizes, from_seed
from luthier.study.options import StudyOptions
from luthier.study.train_runs import RunOptions, note_warnings
from luthier.training.device import choose, plain_torch


@plain_torch()
def train(
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
    extra: Mapping[str, np.ndarray] | None = None,
    allow_leaks: bool = False,
    quiet: bool = False,
    log: Sequence[str] = (),
    **overrides: Any,
) -> Run:
    """Train one recipe, read the test part once, and return the run.

    data: a name, a path, arrays (X, y), or a Dataset. X is (N, F) rows, pictures, or sequences: a list of float arrays
        (T_i, F), or with recipe={"data": {"form": "sequences"}} an array (N, T, F), NaN behind the ends.
    model: a catalogue name, a declared architecture, or your own `nn.Module`, whose weights are the starting point;
        by default mlp for rows, gru for sequences and texts, lenet5 for pictures up to 40 pixels a side, resnet20 for
        larger ones. A module of your own gets sequences as {"sequence": (B, T, F), zeros behind the ends, "length":
        (B,)}, and rows with a text as {"columns": (B, F), "tokens": (B, T), numbers of words, "length": (B,)}.
    recipe: a recipe, its nested values or its TOML file; what is given beside it wins.
    out: the run's own directory, new or empty; by default a new one under runs/.
    device: auto, cpu, cuda or mps. data_dir: where named sets are looked for first.
    task: classification or regression; auto takes a y of numbers that are not all whole for values to be predicted.
    weights: how much each example counts in the training loss, one number at least 0 for each; metrics count all alike.
    groups: one number or text for each example, equal for those that must land in the same part.
    times: when each example was taken, numbers or dates, for split="time".
    extra_data: further labelled examples, in any form that data takes; they join the training part alone.
    unlabelled: examples whose labels are unknown or not to be looked at, for tricks that learn from them: an array X,
        a name, a path, or a Dataset.
    extra: inputs of further streams by name, for tricks that want them. quiet: no progress on stderr.
    log: where the history goes beside the run: any of tensorboard, mlflow; their packages are optional.
    allow_leaks: go on, with a warning and a word in the result, where a given test or validation part shares examples
        with another part; the named data sets, which are as they were published, always do.
    overrides: epochs, batch_size, learning_rate, weight_decay, or sections of the recipe, such as seed=1,
        optimizer={"name": "momentum"}, tricks={"early-stopping": {"patience": 3}}.
    Raises BadInput with everything that is wrong before any training, Diverged where training meets a non-finite
    number, Interrupted after a signal once the state is saved.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = train("digits", epochs=1, out=folder + "/run", quiet=True)
    ...     run.result["epochs"], run.predict(DataArguments("digits").load().inputs[:1])[0] in run.classes
    (1, True)
    """
    about = DataArguments(
        data, data_dir, task=task, weights=weights, groups=groups, times=times, extra_data=extra_data,
        unlabelled=unlabelled, quiet=quiet,
    )  # fmt: skip
    module = model if isinstance(model, nn.Module) else None
    check_loggers(log)
    chosen = choose(device)
    if out is not None:
        check_unused(Path(out))
    resolved, dataset = load_and_resolve(about, model, recipe, overrides)
    raise_all(check_dataset(resolved, dataset, "run"))
    findings = pre_flight(resolved, dataset, allow_leaks)
    prepared = prepare(resolved, dataset, chosen, module, extra, use="run")
    warn_of_findings(findings)
    root = Path(out) if out is not None else new_directory(resolved)
    return start_run(prepared, root, module, quiet, log)


def train_seeds(data: Any, model: Model | None = None, *, seeds: int, **settings: Any) -> dict[str, Any]:
    """Train one recipe under several seeds, and return the mean test metric with its 95% interval over seeds.

    The metric is the accuracy; where values are predicted it is the recipe's deciding one, by default r2.

    seeds: how many, at least 2, from the recipe's own seed on. A study that was cut off goes on where it stopped.
    settings: the other arguments of `train`, and `workers`, how many runs are trained at the same time, by default one
        for each core, and `threads`, of each, by default 1.
    """
    StudyOptions(seeds=seeds).check()
    return _train_study(
        StudyArguments.of(data, model, settings), lambda recipe, dataset: Seeds(from_seed(recipe.seed, seeds))
    )


def train_folds(
    data: Any, model: Model | None = None, *, folds: int, repeats: int = 1, **settings: Any
) -> dict[str, Any]:
    """Train one recipe on all folds but one, for each in turn, and return the mean test metric with its 95% interval.

    The held-out fold is the test part of its run; each run has a seed of its own. All examples but an official test
    part are dealt. The interval allows for the training examples that the folds share.

    folds: how many, at least 2; each class needs as many examples. repeats: deals into other folds, at least 1.
    settings: as for `train_seeds`. A study that was cut off goes on where it stopped.
    """
    StudyOptions(folds=folds, repeats=repeats).check()

    def ask(recipe: Recipe, dataset: Dataset) -> StudyDesign:
        return Folds(from_seed(recipe.seed, folds * repeats), folds)

    return _train_study(StudyArguments.of(data, model, settings), ask)


def train_curve(
    data: Any,
    model: Model | None = None,
    *,
    sizes: Sequence[int] | None = None,
    seeds: int = 3,
    **settings: Any,
) -> dict[str, Any]:
    """Train one recipe on more and more examples, and return the mean test metric at each number with its interval.

    The test part is the same throughout. The examples of a smaller training are part of those of a larger one under
    the same seed, each class giving its share. The study's directory gets a picture of the curve.

    sizes: numbers of training examples; by default all, a half, and so on down to a sixteenth.
    seeds: how many runs at each number, at least 2. settings: as for `train_seeds`.
    """
    StudyOptions(seeds=seeds).check()

    def ask(recipe: Recipe, dataset: Dataset) -> StudyDesign:
        train = split(dataset, recipe.seed, recipe.split).train
        available = len(train) if dataset.extra is None else int((~dataset.extra[train]).sum())
        chosen = choose_sizes(None if sizes is None else tuple(sizes), available, len(dataset.classes))
        return Curve(from_seed(recipe.seed, seeds), chosen)

    return _train_study(StudyArguments.of(data, model, settings), ask)


def train_pseudo_labels(
    data: Any, model: Model | None = None, *, rounds: int, seeds: int = 1, **settings: Any
) -> dict[str, Any]:
    """Train on the given labels, then in rounds on those too that the last network gave to unlabelled examples.

    Each round begins anew and takes in more of them, the surest first, the last round all. Held-out parts stay as they
    are. Returns the test metric after each round.

    rounds: at least 1. seeds: how many times all of it, at least 1; from 2 on there is an interval.
    settings: as for `train_seeds`, unlabelled among them. A study that was cut off goes on where it stopped.
    """
    StudyOptions(seeds=None if seeds == 1 else seeds, pseudo_labels=rounds).check()  # one seed is no study of seeds

    def ask(recipe: Recipe, dataset: Dataset) -> StudyDesign:
        return PseudoLabels(from_seed(recipe.seed, seeds), rounds)

    return _train_study(StudyArguments.of(data, model, settings), ask)


@dataclass(frozen=True, eq=False)
class StudyArguments:
    """What a study is asked for all its runs: the arguments of `train` by these names.

    overrides: of the recipe. workers: runs that are trained at the same time. threads: of each.
    """

    data: DataArguments
    model: Model | None = None
    recipe: RecipeLike = None
    overrides: Mapping[str, Any] = field(default_factory=dict)
    out: Path | str | None = None
    device: str = "auto"
    allow_leaks: bool = False
    log: Sequence[str] = ()
    workers: int | None = None
    threads: int | None = None

    @classmethod
    def of(cls, data: Any, model: Model | None, settings: Mapping[str, Any]) -> "StudyArguments":
        """Sort the keyword arguments of a study: those of the data, those of its runs, and what is left, overrides."""
        about, own = ({one.name for one in fields(kind)} for kind in (DataArguments, cls))
        taken = {name: settings[name] for name in settings if name in own - {"data", "model", "overrides"}}
        known = {name: settings[name] for name in settings if name in about - {"source"}}
        overrides = {name: one for name, one in settings.items() if name not in taken | known}
        return cls(DataArguments(data, **known), model, overrides=overrides, **taken)

    @property
    def module(self) -> nn.Module | None:
        """The user's own network, where the model is one."""
        return self.model if isinstance(self.model, nn.Module) else None


Ask = Callable[[Recipe, Dataset], StudyDesign]
"""Makes the design of a study from the resolved recipe and its data."""


@plain_torch()
def _train_study(options: StudyArguments, ask: Ask) -> dict[str, Any]:
    """Read the recipe and the data of a study, and train all runs that its design asks for."""
    check_loggers(options.log)
    PoolOptions(options.workers, 1 if options.threads is None else options.threads).check()
    device = choose(options.device)
    base, dataset = load_and_resolve(options.data, options.model, options.recipe, options.overrides)
    return _train_runs(options, device, base, dataset, ask(base, dataset))


def _train_runs(
    options: StudyArguments, device: torch.device, base: Recipe, dataset: Dataset, design: StudyDesign
) -> dict[str, Any]:
    """Train the runs of a design about a resolved recipe; nothing is written before the first could be made."""
    raise_all([*check_recipe(base, design.use), *check_dataset(base, dataset, design.use)])
    findings = pre_flight(base, dataset, options.allow_leaks)
    new = options.out is None or is_unused(Path(options.out))
    first = next(iter(design.variants(base).values()))
    with note_warnings() as told:
        ready = {first.hash(): prepare(first, dataset, device, options.module, use="run")} if new else {}
    warn_of_findings(findings)
    root = Path(options.out) if options.out is not None else new_directory(base)
    how = RunOptions(device, options.module, options.workers, options.threads, options.data.quiet, options.log, told)
    return run_study(root, base, design, dataset, options=how, ready=ready)


@plain_torch()
def resume(
    run: Path | str,
    *,
    data: Any = None,
    model: nn.Module | None = None,
    own: Sequence[type[Part]] = (),
    epochs: int | None = None,
    device: str = "auto",
    data_dir: Path | str | None = None,
    weights: Any = None,
    groups: Any = None,
    times: Any = None,
    extra_data: Any = None,
    unlabelled: Any = None,
    extra: Mapping[str, np.ndarray] | None = None,
    quiet: bool = False,
    log: Sequence[str] = (),
) -> Run:
    """Go on with a run from its last good checkpoint; a finished run comes back as it is.

    run: its directory. data, model, weights, groups, times, extra_data, unlabelled, extra: those of the run, where they
        were passed from Python and no file holds them.
    own: classes of your own parts (tricks, optimizers, ...) that the recipe names.
    epochs: train to another number of epochs; that is a new recipe with a new hash.
    Raises as `train`, and BadInput where the recipe, the data or the checkpoint do not belong together.
    """
    root = Path(run)
    if (root / STUDY_FILE).is_file():
        call = "study.tune.resume_tune" if read_kind(root) == "tune" else "api.resume_study"
        raise BadInput(f"resume takes a run, but {root} is a study; go on with luthier.{call}({str(root)!r})")
    opened = Run(root, model, own)
    if is_complete(opened, epochs):
        return opened
    check_loggers(log)
    place, recipe = choose(device), opened.recipe
    if epochs is not None:
        recipe = read_recipe({**objects(recipe), "training": {**recipe.training.dump(), "epochs": epochs}})
    about = DataArguments(
        data, data_dir, weights=weights, groups=groups, times=times, extra_data=extra_data,
        unlabelled=unlabelled, quiet=quiet,
    )  # fmt: skip
    dataset = about.load_again(recipe.data)
    prepared = prepare(resolve(recipe, dataset), dataset, place, model, extra, use="run")
    return resume_run(prepared, root, model, quiet, log)


def load(path: Path | str, model: nn.Module | None = None, own: Sequence[type[Part]] = ()) -> Run:
    """Open a run directory; model is your own network where it was trained with one, own the classes of your parts."""
    return Run(Path(path), model, own)


def is_complete(run: Run, epochs: int | None) -> bool:
    """Whether a run has its result and no further epochs are asked for; raise BadInput for fewer than it has."""
    if not RunPaths(run.path).result.is_file():
        return False
    done = run.result["epochs"]
    if epochs is not None and epochs < done:
        raise BadInput(
            f"epochs must be at least the {done} that the run has done, but got {epochs}; start a new run instead"
        )
    return epochs is None or epochs == run.recipe.training.epochs


@plain_torch()
def resume_study(
    study: Path | str,
    *,
    device: str = "auto",
    data_dir: Path | str | None = None,
    quiet: bool = False,
    log: Sequence[str] = (),
    workers: int | None = None,
) -> dict[str, Any]:
    """Go on with the unfinished runs of a study; a finished one comes back as it is.

    workers: runs that are trained at the same time, by default one for each core.
    """
    PoolOptions(workers).check()
    ledger = read_study_file(Path(study))
    recipe = read_recipe(ledger["recipe"])
    about = DataArguments(data_dir=data_dir, quiet=quiet)
    options = StudyArguments(
        about, out=study, device=device, log=log, workers=workers,
        allow_leaks=True,  # what was begun was allowed
    )  # fmt: skip
    check_loggers(log)
    chosen = choose(device)
    dataset = about.load_again(recipe.data)
    return _train_runs(options, chosen, resolve(recipe, dataset), dataset, read_design(ledger))


@plain_torch()
def evaluate(
    run: Path | str,
    *,
    data: Any = None,
    model: nn.Module | None = None,
    own: Sequence[type[Part]] = (),
    device: str = "auto",
    data_dir: Path | str | None = None,
    weights: Any = None,
    units: str | None = None,
) -> dict[str, Any]:
    """Evaluate a finished run on its own test part, or on other data with the same classes.

    data: other data, from one labelled example on; their official test part is taken where there is one, else all
        examples. r2 is None where a value never changes.
    model, own: as for `resume`. weights: those of the run where it was given any, by which its own data are known
        again; they do not count in the metrics.
    units: of pictures in arrays, where they come in others than those of the training: bytes from 0 to 255, or unit
        from 0 to 1.
    Returns every metric of the task with its interval and how that was found, why any is None, loss and n; for classes
    the table per class and the confusion matrix; and how often the test part of these data was read on this machine.
    trained_on and validated_on count the examples that were in the run's training and validation part, by what they
    hold; both are None for runs of earlier versions. others has the metrics of the other examples where there are both.
    Raises BadInput where the run is not finished or the data do not fit it.
    """
    opened = Run(Path(run), model, own)
    place = choose(device)
    about = DataArguments(data, data_dir, weights=weights)
    if data is None and units is not None:
        raise BadInput(f"units are those of other data, but got {units!r} and no data; leave them out")
    if data is None:
        dataset = about.load_again(opened.recipe.data, Purpose(schema=opened.table, units=opened.units))
    else:
        reading = opened.reading.model_copy(update={"units": read_units(units)}) if units else opened.reading
        dataset = about.load(reading, Purpose(False, opened.table, opened.channels, opened.units))
    same = dataset.fingerprint == opened.recipe.data.fingerprint
    if data is None and not same:
        raise_all(check_dataset(opened.recipe, dataset))
    return evaluate_run(opened, dataset, same, place)
