"""The data set: inputs, labels or values, class names, the official test part if there is one, and a fingerprint."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from luthier.core.batch import OF_DIMENSIONS, Form
from luthier.core.errors import BadInput, raise_all
from luthier.data.copies import find_equal, hash_examples, mark_chance_rows, part_chance_twins
from luthier.data.tables.schema import Schema
from luthier.data.units import Units, decide_units

LabelKind = Literal["text", "int", "float", "bool"]
"""What the labels were before they became class names."""


@dataclass(frozen=True)
class Unlabelled:
    """M examples in the form of `Dataset.inputs`; keys and content as there."""

    name: str
    inputs: np.ndarray
    keys: np.ndarray | None = None
    content: str | None = None

    def __len__(self) -> int:
        return len(self.inputs)


ROWS = 2


LEAST_SHARE = 1e-6
"""Of the largest weight: single precision loses smaller ones in the sum of a batch."""


@dataclass(frozen=True)
class Dataset:
    """N labelled examples in memory, checked when they were read.

    name: what people call it.
    inputs: pictures (N, H, W, C) as uint8 or float32; or as float32 rows (N, F), or sequences (N, T, F), which are NaN
        behind their ends. Rows of a table have NaN for missing numbers, and the numbers of a text's words last.
    labels: class numbers (N,), int64, in [0, K); or values to be predicted (N, D), float32, or
        float64 where float32 would lose them beside a large offset.
    classes: the K class names; none where labels are values.
    official_test: True where an example belongs to the published test part (N,), or None where there is none.
    weights: how much each example counts in the training loss (N,), float32, at least 0; None counts all alike.
    official_validation: True where an example belongs to a given validation part (N,), or None where the seed draws it.
    group: examples with the same number belong together and land in the same part (N,), int64; None where none do.
    time: when each example was taken (N,), float64, for splits by time.
    names: what each example is called, such as its file (N,).
    keys: 16 bytes by which equal examples are known, where the inputs are not what was read (N, 16), uint8.
    content: SHA-256 of the inputs as they were read, where hashing them again would take long.
    side: pixels of the longer side that half of the pictures exceed, where the inputs are not what was read.
    extra: True where an example was added to be trained on and on no account held out (N,); None where none was.
    without_extra: fingerprint of the data without those and without unlabelled ones.
    table: what the columns of a table mean, where the inputs come from one.
    unlabelled: examples without labels that some tricks learn from.
    names_of_columns: those of rows that came as a frame; None where they have none, or a table names them.
    remarks: what was left out or filled in when the data were read, a line each; the result of a run repeats them.
    meaning: units that the numbers of pictures were read in; by default those that they look like.
    label_kind: what the labels were in memory, which predictions are given back as; those of files are texts.
    """

    name: str
    inputs: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    official_test: np.ndarray | None = None
    weights: np.ndarray | None = None
    official_validation: np.ndarray | None = None
    group: np.ndarray | None = None
    time: np.ndarray | None = None
    names: np.ndarray | None = None
    keys: np.ndarray | None = None
    content: str | None = None
    side: int | None = None
    extra: np.ndarray | None = None
    without_extra: str | None = None
    table: Schema | None = None
    unlabelled: Unlabelled | None = None
    remarks: tuple[str, ...] = ()
    names_of_columns: tuple[str, ...] | None = None
    meaning: Units | None = None
    label_kind: LabelKind = "text"

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def task(self) -> Literal["classification", "regression"]:
        """What is to be predicted: a class, or values."""
        return "classification" if self.classes else "regression"

    @property
    def outputs(self) -> int:
        """Number of the network's outputs: one for each class, or one for each value."""
        return len(self.classes) or int(self.labels.shape[1])

    @property
    def strata(self) -> np.ndarray:
        """The stratum of each example (N,), of which every part gets its share: the class; values are all in one."""
        return self.labels if self.classes else np.zeros(len(self), np.int64)

    @property
    def form(self) -> Form:
        """What an example is: a picture, a row, a sequence, or a row with a text."""
        return self.table.form if self.table else OF_DIMENSIONS[self.inputs.ndim - 1]

    @property
    def columns(self) -> tuple[str, ...] | None:
        """Names of the columns that are read; None where the inputs have none. They do not move the test part."""
        return self.table.names if self.table else self.names_of_columns

    @property
    def is_picture(self) -> bool:
        """Whether the inputs are pictures."""
        return self.form == "pictures"

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one example as a network sees it: (C, H, W), (T, F) or (F,)."""
        if self.is_picture:
            height, width, channels = self.inputs.shape[1:]
            return (channels, height, width)
        return self.inputs.shape[1:]

    @cached_property
    def units(self) -> Units:
        """What the numbers of pictures meant to their owner; those of all else are plain."""
        return (self.meaning or decide_units(self.inputs)) if self.is_picture else "plain"

    @property
    def held_units(self) -> Units | None:
        """In which units `inputs` holds pictures, bytes as uint8 alone; None where there are none."""
        if self.units == "plain":
            return "plain" if self.is_picture else None
        return "bytes" if self.inputs.dtype == np.uint8 else "unit"

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over everything that training sees; equal data have equal fingerprints wherever they lie."""
        digest = hashlib.sha256((self.content or "").encode())
        inputs = None if self.content else self.inputs
        for array in (inputs, self.labels, self.official_test, self.weights):
            _add(digest, array)
        for name in ("official_validation", "group", "time", "extra"):
            _add(digest, getattr(self, name), name)
        if self.unlabelled:
            digest.update(f"unlabelled{self.unlabelled.content}".encode())
            _add(digest, None if self.unlabelled.content else self.unlabelled.inputs, "unlabelled")
        digest.update("\0".join(self.classes).encode())
        return digest.hexdigest()

    @property
    def drawn_by(self) -> str:
        """The fingerprint by which the test part is drawn and its reads are counted: extra examples do not move it."""
        return self.without_extra or self.fingerprint

    @cached_property
    def duplicates(self) -> np.ndarray:
        """Number of the first example that each is a copy of (N,), its own where there is none.

        Copies have the same input; but rows that are equal by chance, as in a table of few categories, are none.
        """
        return part_chance_twins(self._equal, self._columns()) if self._may_have_twins else self._equal

    @cached_property
    def chance_rows(self) -> np.ndarray:
        """Marks the examples that another may well equal by chance (N,), as in a table of few categories."""
        if not self._may_have_twins:
            return np.zeros(len(self), bool)
        return mark_chance_rows(self._equal, self._columns())

    @cached_property
    def _equal(self) -> np.ndarray:
        """Number of the first example with the same input, for each example (N,), by chance or not."""
        return find_equal(hash_examples(self.inputs, self.keys))

    @property
    def _may_have_twins(self) -> bool:
        """Whether examples can be equal by chance: pictures, sequences and texts are not."""
        return self.inputs.ndim == ROWS and not (self.table and self.table.text)

    def _columns(self) -> list[np.ndarray]:
        """Return what stands in each column of rows, (N, any)."""
        widths = [len(one.features) for one in self.table.columns] if self.table else [1] * self.inputs.shape[1]
        return np.split(self.inputs, np.cumsum(widths[:-1]).tolist(), axis=1)

    @cached_property
    def groups(self) -> np.ndarray:
        """Number of the first example of each example's group (N,): a group must land in the same part.

        Equal examples and those of one group belong together, and so does what is linked by them step by step.
        """
        return self.duplicates if self.group is None else _link(self.duplicates, self.group)


def _add(digest: "hashlib._Hash", array: np.ndarray | None, name: str = "") -> None:
    if array is not None:
        digest.update(f"{name}{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)


def _link(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Find the first example that each is linked to (N,) by equal numbers in either array."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n, number = len(one), np.unique(other, return_inverse=True)[1]
    ends = np.concatenate((one, n + number))
    links = coo_array((np.ones(2 * n, bool), (np.tile(np.arange(n), 2), ends)), shape=(2 * n, 2 * n))
    linked = connected_components(links, directed=False)[1][:n]
    _, first, index = np.unique(linked, return_index=True, return_inverse=True)
    return np.asarray(first[index])


def read_label(name: str, kind: LabelKind) -> str | float | bool:
    """Turn the name of a class back into the label that it was made of.

    >>> read_label("7", "int"), read_label("true", "bool"), read_label("01", "text")
    (7, True, '01')
    """
    if kind == "bool":
        return name.lower() == "true"
    return int(name) if kind == "int" else float(name) if kind == "float" else name


def with_weights(dataset: Dataset, weights: object) -> Dataset:
    """Return the data set with a weight of each example in the training loss.

    weights: N numbers, finite and at least 0, not all 0; only their ratios count, and they are kept with mean 1.
        An example of weight 0 is not trained on. One above 0 is at least LEAST_SHARE of the largest.
    Raises BadInput for anything else.
    """
    try:
        array = np.asarray(weights, np.float64)
    except (TypeError, ValueError):
        array = np.full(1, np.nan)
    rule, remedy = f"weights must be {len(dataset)} finite numbers at least 0, not all 0", "pass one for each example"
    if array.shape != (len(dataset),):
        raise BadInput(f"{rule}, but got shape {array.shape}; {remedy}")
    bad = np.flatnonzero(~(np.isfinite(array) & (array >= 0)))
    if len(bad):
        raise BadInput(f"{rule}, but got {array[bad[0]]} in row {bad[0]}; mend it")
    if not array.any():
        raise BadInput(f"{rule}, but all are zero; {remedy}")
    raise_all(check_weights(array))
    shares = array / array.max()
    return replace(dataset, weights=(shares / shares.mean()).astype(np.float32))


def check_weights(weights: np.ndarray) -> list[str]:
    """Describe what is wrong with weights (N,), one of which is above 0: that some vanish beside the largest."""
    lost = np.flatnonzero((weights > 0) & (weights / weights.max() < LEAST_SHARE))
    return [
        f"weights above 0 must be at least {LEAST_SHARE:g} of the largest, {weights.max():g}, but got {weights[row]:g} "
        f"in row {row}; lower the largest, or give 0 to examples that should not count"
        for row in lost[:1]
    ]


def with_groups(dataset: Dataset, groups: Any) -> Dataset:
    """Return the data set with groups of examples, such as those of one patient; a group lands in the same part.

    groups: one number or text for each example (N,), equal for those that belong together.
    Raises BadInput for anything else.
    """
    names = _one_each(dataset, groups, "groups")
    if names.dtype.kind not in "iubUS" and not all(isinstance(group, str) for group in names.tolist()):
        raise BadInput(f"groups must be whole numbers or texts, but got {names.dtype}; name each group")
    return replace(dataset, group=np.unique(names, return_inverse=True)[1].astype(np.int64))


def with_times(dataset: Dataset, times: Any) -> Dataset:
    """Return the data set with the time when each example was taken, for splits by time.

    times: one finite number or date for each example (N,); only their order counts.
    Raises BadInput for anything else.
    """
    given = _one_each(dataset, times, "times")
    dates = given.dtype.kind == "M"
    if not dates and given.dtype.kind not in "iuf":
        raise BadInput(f"times must be numbers or dates, but got {given.dtype}; pass for example np.datetime64")
    numbers = given.astype("datetime64[us]").astype(np.int64) if dates else given
    bad = np.flatnonzero(np.isnat(given) if dates else ~np.isfinite(given))
    if len(bad):
        raise BadInput(f"times must be finite, but got {given[bad[0]]} in row {bad[0]}; mend or drop such rows")
    return replace(dataset, time=numbers.astype(np.float64))


def _one_each(dataset: Dataset, values: Any, what: str) -> np.ndarray:
    array = np.asarray(values)
    if array.shape != (len(dataset),):
        raise BadInput(f"{what} must be {len(dataset)} values, one for each example, but got shape {array.shape}; "
                       "pass a list as long as X")  # fmt: skip
    return array
