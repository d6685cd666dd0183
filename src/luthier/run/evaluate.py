"""Evaluates a finished run on a data set."""

import warnings
from typing import Any

import numpy as np
import torch

from luthier.core.errors import BadInput, DamagedFile, LuthierWarning
from luthier.data import Dataset
from luthier.data.loader import DeviceDataset, to_device
from luthier.data.split import mark_test, name_test_reads
from luthier.data.targets import match_classes
from luthier.data.units import describe_far
from luthier.recipe.network import make_criterion, network_shape, resize_further
from luthier.run.digests import Digests, mark_seen, read_digests
from luthier.run.directory import RunPaths
from luthier.run.provenance import count_test_read
from luthier.run.read import Run
from luthier.run.result import add_intervals
from luthier.stats.metrics import Metrics, class_metrics, confusion_matrix, score_trivial
from luthier.training import Evaluation, evaluate


def evaluate_run(run: Run, dataset: Dataset, own: bool, device: torch.device) -> dict[str, Any]:
    """Evaluate a run on the test part of its own data, or on other data: their official test part, else all of them.

    own: whether these are the data that the run was trained on.
    It says how many of them the run has seen, and gives the figures of the others too.
    Raises BadInput where the task, classes or shapes differ.
    """
    _check_fit(run, dataset)
    if run.range and run.form == "pictures" and not own:
        for line in describe_far(dataset.inputs, dataset.units, run.range):
            warnings.warn(line, LuthierWarning, stacklevel=2)
    part, members = _members(run, dataset, own)
    inputs = resize_further(run.recipe, dataset.inputs[members], run.units)
    labels = dataset.labels[members]
    if run.classes:
        number = match_classes(dataset.classes, run.classes)
        labels = np.asarray([number[name] for name in dataset.classes])[labels]
    digests, trivial = read_digests(run.path, run.result), _get_trivial(run)
    reads = count_test_read(name_test_reads(dataset, run.recipe.split) if own else dataset.drawn_by, str(run.path))
    examples = to_device(inputs, labels, len(run.classes), device)
    evaluation = evaluate(run.network.to(device), examples, make_criterion(run.recipe.loss, run.network))
    report = {
        "run": str(run.path),
        "part": part,
        **add_intervals(evaluation, run.recipe.loss, run.temperature),
        "trivial": trivial and score_trivial(np.asarray(trivial), evaluation.labels.numpy()),
        **_judge_seen(run, digests, inputs, examples),
        "test_reads": reads,
    }
    return {**report, **_class_by_class(evaluation, run.classes)} if run.classes else report


def _get_trivial(run: Run) -> list[float] | None:
    """Return the trivial answer that a run learnt; None of earlier versions, which did not keep it."""
    values = run.result.get("trivial")
    if values is not None and (not isinstance(values, list) or len(values) != run.outputs):
        path = RunPaths(run.path).result
        raise DamagedFile(f"{path} must hold a trivial answer of {run.outputs} numbers, but does not; restore it")
    return values


def _judge_seen(run: Run, digests: Digests | None, inputs: np.ndarray, examples: DeviceDataset) -> dict[str, Any]:
    """Count the examples that the run has seen, and give the figures of the others where only some were."""
    if digests is None:
        return {"trained_on": None, "validated_on": None, "others": None}
    trained, validated = mark_seen(digests, inputs, run.units)
    others = np.flatnonzero(~(trained | validated))
    some = 0 < len(others) < len(inputs)
    return {
        "trained_on": int(trained.sum()),
        "validated_on": int(validated.sum()),
        "others": _measure(run, examples.part(others)) if some else None,
    }


def _measure(run: Run, examples: DeviceDataset) -> Metrics:
    evaluation = evaluate(run.network, examples, make_criterion(run.recipe.loss, run.network))
    return add_intervals(evaluation, run.recipe.loss, run.temperature)


def _class_by_class(found: Evaluation, classes: tuple[str, ...]) -> dict[str, Any]:
    matrix = confusion_matrix(found.logits.double().numpy(), found.labels.numpy())
    return {"per_class": class_metrics(matrix, classes), "confusion": matrix.tolist()}


def _members(run: Run, dataset: Dataset, own: bool) -> tuple[str, np.ndarray]:
    if own:
        return "test part", np.flatnonzero(mark_test(dataset, run.recipe.split))
    if dataset.official_test is not None:
        return "test part", np.flatnonzero(dataset.official_test)
    return "all examples", np.arange(len(dataset))


def _check_fit(run: Run, dataset: Dataset) -> None:
    shape = tuple(run.metadata["shape"])
    given = network_shape(run.recipe, dataset.shape)
    alike = given[1:] == shape[1:] if run.form == "sequences" else given == shape
    if not alike or dataset.form != run.form:
        got = given if dataset.form == run.form else f"{dataset.form} of shape {given}"
        raise BadInput(
            f"the run takes examples of shape {shape}, but {dataset.name} gives {got}; evaluate on data of its kind"
        )
    known, own = run.recipe.data.columns, dataset.columns
    if None not in (known, own) and known != own:
        raise BadInput(
            f"the run takes the columns {', '.join(known or ())}, but {dataset.name} has {', '.join(own or ())}; bring "
            "them to its order"
        )
    if (dataset.task, not run.classes and dataset.outputs) != (run.task, not run.classes and run.outputs):
        form = f"{run.outputs} values an example" if run.task == "regression" else "a class"
        raise BadInput(f"the run predicts {form}, but {dataset.name} does not hold that; evaluate on data of its kind")
    unknown = sorted(set(dataset.classes) - match_classes(dataset.classes, run.classes).keys())
    if unknown:
        raise BadInput(
            f"the data's classes must be the run's, but {', '.join(unknown[:5])} are not; "
            f"the run knows {', '.join(run.classes[:10])}"
        )
