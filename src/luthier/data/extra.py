"""Extra labelled examples, given or labelled by a network, which join the training part alone."""

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from luthier.core.errors import BadInput, DamagedFile, LuthierWarning, raise_all
from luthier.core.files import write_atomic
from luthier.data.dataset import Dataset
from luthier.data.sources.sequences import pad_to_longest
from luthier.data.targets import match_classes
from luthier.data.units import describe_misfit, match_types, warn_of_far

SEQUENCES = 3


def append_extra(dataset: Dataset, extra: Dataset) -> Dataset:
    """Append extra examples to the training part; held-out parts stay as they are without them.

    extra: of the same form, its classes among those of the data by name; its own official test part is left out.
    Raises BadInput with everything that does not fit.

    >>> data = Dataset("a", np.zeros((2, 3), np.float32), np.array([0, 1]), ("x", "y"))
    >>> more = Dataset("b", np.ones((1, 3), np.float32), np.array([0]), ("y",))
    >>> append_extra(data, more).labels.tolist(), append_extra(data, more).extra.tolist()
    ([0, 1, 1], [False, False, True])
    """
    raise_all(_unfit(dataset, extra))
    if dataset.is_picture:
        warn_of_far(extra.inputs, dataset.inputs, dataset.units, f"the extra set {extra.name}")
    if dataset.group is not None and extra.group is not None:
        warnings.warn(
            f"the groups of {extra.name} are taken for others than those of {dataset.name}, whatever they are called; "
            "leave out examples of groups that may be held out",
            LuthierWarning,
            stacklevel=3,
        )
    indices = np.flatnonzero(~_mask(extra.official_test, len(extra)))
    if dataset.classes:
        number = match_classes(extra.classes, dataset.classes)
        extra = replace(extra, labels=np.array([number[name] for name in extra.classes], np.int64)[extra.labels])
    n, added = len(dataset), len(indices)
    never = np.zeros(added, bool)
    return replace(
        dataset,
        inputs=_inputs(dataset.inputs, extra.inputs[indices]),
        labels=np.concatenate((dataset.labels, extra.labels[indices])),
        official_test=_with(dataset.official_test, never),
        official_validation=_with(dataset.official_validation, never),
        weights=_weights(dataset, extra, indices),
        group=_with(dataset.group, _alone(dataset.group, added)),
        time=_with(dataset.time, np.zeros(added)),
        names=_with(dataset.names, extra.names[indices] if extra.names is not None else np.full(added, extra.name)),
        keys=_with(dataset.keys, extra.keys[indices]) if extra.keys is not None else None,
        content=f"{dataset.fingerprint}/{extra.fingerprint}",
        extra=np.arange(n + added) >= n,
        without_extra=dataset.drawn_by,
        meaning=dataset.units,
        remarks=(*dataset.remarks, *(f"extra examples: {one}" for one in extra.remarks)),
    )


def _inputs(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Join both inputs into one array; sequences, which alone have this many dimensions, may differ in length."""
    return np.concatenate(pad_to_longest((one, other)) if one.ndim == SEQUENCES else match_types((one, other)))


def _unfit(dataset: Dataset, extra: Dataset) -> list[str]:
    form, got = ((one.form, _shape(one), str(one.inputs.dtype)) for one in (dataset, extra))
    problems = []
    if form[:2] != got[:2]:
        problems.append(
            f"extra examples must be of the form of the data, {_said(form)}, but {extra.name} holds {_said(got)}; "
            "bring them to that form"
        )
    elif dataset.is_picture:
        problems += describe_misfit(dataset.units, extra.units, extra.name)
    if None not in (dataset.columns, extra.columns) and dataset.columns != extra.columns:
        problems.append(
            f"extra examples must have the columns of the data in their order, but those of {extra.name} differ; bring "
            "them to it"
        )
    wanted, found = (one.task if one.classes else f"{one.task} of {one.outputs} values" for one in (dataset, extra))
    if wanted != found:
        problems.append(
            f"extra examples must be for the task of the data, {wanted}, but {extra.name} is for {found}; take others"
        )
    unknown = (
        sorted(set(extra.classes) - match_classes(extra.classes, dataset.classes).keys()) if dataset.classes else []
    )
    if unknown:
        problems.append(
            f"extra examples must be of the data's classes, but {', '.join(unknown[:5])} are not; "
            f"the data have {', '.join(dataset.classes[:10])}"
        )
    if dataset.extra is not None:
        problems.append(f"extra examples can be added once, but {dataset.name} has some already; join them first")
    return problems


def _shape(dataset: Dataset) -> tuple[int, ...]:
    """Return the shape that all examples have: that of one example, or of a step of a sequence."""
    return dataset.shape[1:] if dataset.form == "sequences" else dataset.shape


def _said(form: tuple[object, ...]) -> str:
    return " ".join(map(str, form))


def _mask(given: np.ndarray | None, count: int) -> np.ndarray:
    return np.zeros(count, bool) if given is None else given


def _with(given: np.ndarray | None, more: np.ndarray) -> np.ndarray | None:
    return None if given is None else np.concatenate((given, more))


def _weights(dataset: Dataset, extra: Dataset, kept: np.ndarray) -> np.ndarray | None:
    """Join the weights of both; those of data without any are 1."""
    if dataset.weights is None and extra.weights is None:
        return None
    one, other = (np.ones(len(data), np.float32) if data.weights is None else data.weights for data in (dataset, extra))
    return np.concatenate((one, other[kept]))


def _alone(group: np.ndarray | None, count: int) -> np.ndarray:
    """Return numbers of groups that no example has yet (count,)."""
    return np.arange(count) + (0 if group is None else group.max() + 1)


def write_pseudo_labels(path: Path, index: np.ndarray, labels: np.ndarray) -> None:
    """Write which of the unlabelled examples (M,) got which class numbers (M,)."""
    write_atomic(path, save({"index": index.astype(np.int64), "labels": labels.astype(np.int64)}))


def with_pseudo_labels(dataset: Dataset, path: Path) -> Dataset:
    """Append the unlabelled examples that a file gives labels to the training part; held-out parts stay as they are.

    Raises BadInput where the file is of other data, DamagedFile where it is none.
    """
    try:
        tensors = load_file(path)
        index, labels = tensors["index"], tensors["labels"]
    except (SafetensorError, OSError, KeyError) as error:
        raise DamagedFile(
            f"{path} is not a file of pseudo-labels ({error}); restore it or start the study anew"
        ) from None
    more = dataset.unlabelled
    if more is None or not (_within(index, len(more)) and _within(labels, len(dataset.classes))):
        raise BadInput(
            f"pseudo-labels belong to the unlabelled examples and classes they were made for, but {path} is of others; "
            "restore data.unlabelled, or take data.pseudo_labels out of the recipe"
        )
    keys = None if more.keys is None else more.keys[index]
    added = Dataset("pseudo-labels", np.asarray(more.inputs[index]), labels, dataset.classes, keys=keys,
                    meaning=dataset.units)  # fmt: skip
    return replace(append_extra(dataset, added), unlabelled=more)


def _within(numbers: np.ndarray, count: int) -> bool:
    return bool(((numbers >= 0) & (numbers < count)).all())
