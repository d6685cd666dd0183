"""Reads arrays from the user's own program, in one form and checked for everything at once."""

import warnings
from collections.abc import Callable, Iterable, Sequence
from numbers import Number
from typing import Any, TypeVar

import numpy as np

from luthier.core.errors import LuthierWarning, raise_all
from luthier.data.config import ArrayForm, Task
from luthier.data.dataset import Dataset, LabelKind
from luthier.data.sources.sequences import are_ragged, pad_to_longest, read_sequences
from luthier.data.tables.columns import is_missing, name_columns
from luthier.data.targets import (
    are_values,
    check_class_counts,
    check_values,
    check_values_or_classes,
    describe_indistinct,
    read_values,
)
from luthier.data.units import (
    KnownUnits,
    StatedUnits,
    Units,
    decide_units,
    describe_doubt,
    match_types,
    scale_pictures,
    settle_units,
    warn_of_far,
)

CHANNELS = (1, 2, 3, 4)


SHOWN = 5


ROWS, GREY, STEPS, PICTURES = 2, 3, 3, 4


SCALARS = (str, Number, np.bool_)


KINDS: dict[str, LabelKind] = {"i": "int", "u": "int", "f": "float", "b": "bool"}
"""What labels are, by the kind of their array; all others are texts."""


Pair = tuple[Any, Any]


T = TypeVar("T")


def read(
    train: Pair,
    test: Pair | None = None,
    classes: Sequence[str] | None = None,
    name: str = "arrays",
    task: Task = "auto",
    *,
    to_learn: bool = True,
    form: ArrayForm = "auto",
    lengths: Pair = (None, None),
    units: StatedUnits = "auto",
    like: KnownUnits | None = None,
) -> Dataset:
    """Make a data set of arrays (X, y), with an official test part where a second pair is given.

    train, test: X is (N, F) rows, (N, H, W) grey pictures, (N, H, W, C) or (N, C, H, W) pictures, C up to 4, or
        sequences. y holds N whole numbers or strings, which are classes, or numbers (N,) or (N, D), which are values to
        be predicted.
    classes: names of the classes; y must then hold numbers below their count.
    task: classification or regression; auto takes numbers that are not all whole for values, all else for classes.
    to_learn: whether there must be enough to learn from; otherwise one example will do.
    form: rows, pictures or sequences, which are arrays (N, T, F) or lists of arrays (T_i, F); auto takes for sequences
        what has lengths, or lists float arrays that differ in length, and other arrays (N, T, F) for grey pictures.
    lengths: steps of each sequence, (N,) for train and test; None where X is a list, has NaN in all features behind
        each end, or all have T steps.
    units: what the numbers of pictures are; auto leaves it to those of train, and test is read in the same.
    like: units of a network, or of other data, which these are read for; None to decide them.
    Raises BadInput with every problem.

    >>> read((np.zeros((4, 5)), ["no", "yes", "no", "yes"])).classes
    ('no', 'yes')
    """
    pairs = [train] if test is None else [train, test]
    problems: list[str] = []
    if form == "auto" and (any(one is not None for one in lengths) or any(are_ragged(X) for X, _ in pairs)):
        form = "sequences"
    if form == "sequences":
        given = zip((X for X, _ in pairs), lengths, strict=False)
        inputs = pad_to_longest(_each(lambda one, found: read_sequences(one[0], one[1], found), given, problems))
    else:
        inputs = _each(lambda X, found: _inputs(X, form, like is not None, found), (X for X, _ in pairs), problems)
        problems += [
            f"lengths belong to sequences, but data.form is {form}; leave one out" for one in lengths if one is not None
        ]
    meaning = None
    if not problems:
        problems += _differences(inputs)
        inputs, meaning = _read_numbers(inputs, units, like, problems)
    if task == "auto":
        task = "regression" if any(are_values(y) for _, y in pairs) else "classification"
        problems += check_values_or_classes([y for _, y in pairs]) if task == "regression" else []
    labels = _each(read_values if task == "regression" else _labels, (y for _, y in pairs), problems)
    for X, y in zip(inputs, labels, strict=True):
        if len(X) != len(y):
            problems.append(
                f"X and y must have equal lengths, but got {len(X)} and {len(y)}; pass one label per example"
            )
    names = [name_columns(X) for X, _ in pairs]
    if len(set(names) - {None}) > 1:
        problems.append("training and test part must have the same columns in the same order; bring them to it")
    raise_all(problems)
    official = None if test is None else np.repeat([False, True], [len(labels[0]), len(labels[1])])
    numbers, found = (_values if task == "regression" else _classes)(labels, classes, to_learn)
    return Dataset(
        name,
        inputs[0] if test is None else np.concatenate(inputs),
        numbers,
        found,
        official,
        names_of_columns=names[0],
        meaning=meaning,
        label_kind=find_label_kind(labels[0]) if found and classes is None else "text",
    )


def _each(read: Callable[[Any, list[str]], T], parts: Iterable[Any], problems: list[str]) -> list[T]:
    """Read the arrays of the training and the test part; problems of the latter say so."""
    results = []
    for place, one in enumerate(parts):
        found: list[str] = []
        results.append(read(one, found))
        problems += [f"test part: {line}" for line in found] if place else found
    return results


def _classes(
    labels: list[np.ndarray], classes: Sequence[str] | None, to_learn: bool
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Number the classes of the training and the test labels together."""
    problems = _missing_kinds(labels)
    raise_all(problems)
    numbers, names = _number(np.concatenate(labels), classes, problems, len(labels[0]))
    problems += find_unwritable(names)
    raise_all(problems)
    raise_all(check_class_counts(numbers[: len(labels[0])], names, named=classes is not None) if to_learn else ())
    return numbers, names


def _values(
    values: list[np.ndarray], classes: Sequence[str] | None, to_learn: bool
) -> tuple[np.ndarray, tuple[str, ...]]:
    problems = check_values(values[0]) if to_learn else []
    if classes is not None:
        problems.append(f"values have no classes, but got the classes {', '.join(classes)}; leave them out")
    widths = list(dict.fromkeys(value.shape[1] for value in values))
    if len(widths) > 1:
        problems.append(
            f"training and test values must have equal columns, but got {widths[0]} and {widths[1]}; bring them to one"
        )
    raise_all(problems)
    return np.concatenate(values), ()


def _differences(inputs: list[np.ndarray]) -> list[str]:
    """Describe what keeps training and test inputs from being one array."""
    shapes = list(dict.fromkeys(X.shape[1:] for X in inputs))
    return [
        f"training and test examples must have one shape, but got {shapes[0]} and {other}; bring them to one"
        for other in shapes[1:]
    ]


def _read_numbers(
    inputs: list[np.ndarray], stated: StatedUnits, like: KnownUnits | None, problems: list[str]
) -> tuple[list[np.ndarray], Units | None]:
    """Bring inputs to the form of `Dataset.inputs`, pictures by their units, which are returned with them."""
    if inputs[0].ndim == STEPS:
        return inputs, None
    if inputs[0].ndim != PICTURES:
        units: Units = "plain"
    else:
        units = stated if stated != "auto" else settle_units(like, inputs[0]) if like else decide_units(inputs[0])
    for place, X in enumerate(inputs):
        found = describe_indistinct(X.reshape(-1, X.shape[-1])) if units != "bytes" else []
        if X.ndim == PICTURES and stated == "auto" and (place or like):
            found += describe_doubt(X, units)
        problems += [f"test part: {line}" for line in found] if place else found
    scaled = match_types([np.ascontiguousarray(scale_pictures(X, units)) for X in inputs])
    if inputs[0].ndim != PICTURES:
        return scaled, None
    for other in scaled[1:]:
        warn_of_far(other, scaled[0], units, "the test part")
    return scaled, units


def _inputs(X: Any, form: ArrayForm, known: bool, problems: list[str]) -> np.ndarray:
    """Bring inputs to (N, F) or (N, H, W, C), numbers of any type. known: whether a network says what they are."""
    if np.ma.is_masked(X):
        problems.append("X must be whole, but is masked; fill what is missing, as with X.filled(0), or drop it")
        return np.zeros((len(X), 1), np.float32)
    try:
        array = np.asarray(X)
    except ValueError:
        problems.append(
            "X must hold examples of one shape, but got a ragged list; "
            "pad or cut them to one, or set data.form = 'sequences' for a list of arrays (T, F)"
        )
        return np.zeros((len(X), 1), np.float32)
    except RuntimeError as error:  # PyTorch's, for a tensor with a gradient
        problems.append(f"X must be plain numbers, but is not ({str(error).splitlines()[0]}); detach it")
        return np.zeros((len(X), 1), np.float32)
    if array.dtype.kind not in "uifb":
        problems.append(f"X must hold numbers, but got {array.dtype}; encode texts and objects first")
        return np.zeros((len(array) if array.ndim else 0, 1), np.float32)
    if array.ndim not in (ROWS, GREY, PICTURES) or 0 in array.shape:
        problems.append(
            "X must be (N, F), (N, H, W), (N, H, W, C) or (N, C, H, W) and not empty, "
            f"but got shape {array.shape}; reshape it"
        )
        return np.zeros((len(array) if array.ndim else 0, 1), np.float32)
    if form != "auto" and (form == "rows") != (array.ndim == ROWS):
        problems.append(f"data.form is {form}, but X has shape {array.shape}, which is no such thing; mend one of them")
    if form == "auto" and array.ndim == GREY and not known:
        _doubt(array)
    if array.dtype.kind == "f":
        _finite(array, problems)
    return _channels_last(array, problems)


def _doubt(array: np.ndarray) -> None:
    """Tell what floats (N, H, W) are taken for, which could be sequences (N, T, F) as well."""
    if array.dtype.kind == "f":
        warnings.warn(
            f"X of shape {array.shape} is taken for grey pictures; set data.form = 'sequences' if it holds sequences "
            "(N, T, F), or data.form = 'pictures'",
            LuthierWarning,
            stacklevel=5,
        )


def _finite(array: np.ndarray, problems: list[str]) -> None:
    flat = array.reshape(len(array), -1)
    with np.errstate(over="ignore"):
        bad = np.flatnonzero(~np.isfinite(flat.astype(np.float32, copy=False)).all(axis=1))
    if len(bad):
        problems.append(
            f"X must be finite in float32, but {len(bad)} examples are not, such as {_some(bad)}; mend or drop them"
        )


def _channels_last(array: np.ndarray, problems: list[str]) -> np.ndarray:
    if array.ndim == GREY:
        return array[..., None]
    if array.ndim != PICTURES:
        return array
    first, last = array.shape[1] in CHANNELS, array.shape[3] in CHANNELS
    if first == last:
        problems.append(
            "pictures must have 1 to 4 channels on either axis 1 or axis 3, "
            f"but got shape {array.shape}; move the channels"
        )
        return array
    return array if last else array.transpose(0, 2, 3, 1)


def _labels(y: Any, problems: list[str]) -> np.ndarray:
    """Bring labels to a flat array of whole numbers or strings."""
    array = np.asarray(y) if hasattr(y, "__array__") else np.asarray(y, object)
    if array.ndim != 1:
        problems.append(
            f"y must be one label per example, but got shape {array.shape}; pass class numbers, not one-hot rows"
        )
        return np.zeros(len(array) if array.ndim else 0, np.int64)
    if not len(array):
        return np.zeros(0, np.int64)  # the inputs or the lengths are what is wrong
    if array.dtype.kind == "O":
        array = _unbox(array, problems)
    if (gaps := _gaps(array)).any():
        return _without(np.flatnonzero(gaps), len(array), problems)
    if array.dtype.kind == "f" and (endless := np.flatnonzero(np.isinf(array))).size:
        problems.append(f"labels must be finite, but {len(endless)} are not, such as rows {_some(endless)}; mend them")
    elif array.dtype.kind not in "uibU":
        problems.append(
            f"labels must be whole numbers or strings, but got {array.dtype}; use y.astype(int) or y.astype(str), "
            "or task regression where they are values to be predicted"
        )
    if array.dtype.kind not in "uibU":
        return np.zeros(len(array), np.int64)
    if array.dtype.kind in "iu" and (array < 0).any():
        bad = np.flatnonzero(array < 0)
        problems.append(
            f"labels must not be negative, but {len(bad)} are, such as {array[bad[0]]} in row {bad[0]}; "
            "number classes from 0 or use strings"
        )
    return array


def find_label_kind(y: Any) -> LabelKind:
    """Find what labels are before they become class names.

    >>> find_label_kind(np.array([1, 0], object)), find_label_kind(["a", 1])
    ('int', 'text')
    """
    array = np.asarray(y) if hasattr(y, "__array__") else np.asarray(y, object)
    return KINDS.get((_unbox(array, []) if array.dtype.kind == "O" else array).dtype.kind, "text")


def _gaps(array: np.ndarray) -> np.ndarray:
    """Mark the labels that are NaN or blank texts (N,)."""
    if array.dtype.kind == "U":
        return np.asarray(np.char.strip(array) == "")
    return np.isnan(array) if array.dtype.kind == "f" else np.zeros(len(array), bool)


def _unbox(array: np.ndarray, problems: list[str]) -> np.ndarray:
    """Turn objects into numbers or strings; leave what is neither as it is."""
    values = array.tolist()
    missing = np.flatnonzero([is_missing(value) for value in values])
    if len(missing):
        return _without(missing, len(array), problems)
    if not all(isinstance(value, SCALARS) for value in values):
        return array
    return np.asarray(list(map(str, values)) if any(isinstance(value, str) for value in values) else values)


def _without(missing: np.ndarray, count: int, problems: list[str]) -> np.ndarray:
    problems.append(
        f"labels must not be missing, but {len(missing)} are, such as rows {_some(missing)}; drop such rows"
    )
    return np.zeros(count, np.int64)


def _missing_kinds(labels: list[np.ndarray]) -> list[str]:
    kinds = {"text" if array.dtype.kind == "U" else "number" for array in labels}
    return (
        ["training and test labels must be of one kind, but got numbers and texts; convert one of them"]
        if len(kinds) > 1
        else []
    )


def _number(
    labels: np.ndarray, classes: Sequence[str] | None, problems: list[str], trained: int
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Number the classes from 0; without given names they are the distinct labels in order.

    trained: how many labels are of the training part, which come first.
    """
    if classes is None:
        names, numbers = np.unique(labels, return_inverse=True)
        return numbers.astype(np.int64), tuple(map(str, names.tolist()))
    problems += [f"class names must differ, but got {name} twice; rename one" for name in _repeated(classes)]
    if labels.dtype.kind == "U":
        labels = _positions(labels, list(classes), problems)
    bad = np.flatnonzero(labels >= len(classes))
    if len(bad):
        row = f"row {bad[0]}" if bad[0] < trained else f"row {bad[0] - trained} of the test part"
        problems.append(
            f"labels must be below the number of classes {len(classes)}, but {len(bad)} are not, "
            f"such as {labels[bad[0]]} in {row}; mend them"
        )
    return labels.astype(np.int64), tuple(classes)


def _repeated(names: Sequence[str]) -> list[str]:
    return [name for place, name in enumerate(names) if names.index(name) < place]


def _positions(labels: np.ndarray, classes: list[str], problems: list[str]) -> np.ndarray:
    unknown = sorted(set(labels.tolist()) - set(classes))
    if unknown:
        problems.append(
            f"labels must be among the classes, but got {', '.join(unknown[:SHOWN])}; add them to classes or mend them"
        )
        return np.zeros(len(labels), np.int64)
    return np.asarray([classes.index(label) for label in labels.tolist()], np.int64)


def find_unwritable(names: Sequence[str]) -> list[str]:
    """Find class names that no file can hold, since half of a surrogate pair is no character."""
    bad = [name for name in names if name.encode(errors="ignore").decode() != name]
    return [f"class names must be Unicode texts, but got {bad[0]!a}; mend the label"] if bad else []


def _some(rows: np.ndarray) -> str:
    return ", ".join(map(str, rows[:SHOWN].tolist())) + (", ..." if len(rows) > SHOWN else "")
