"""What may be known of an example beside its label: with which others it belongs, and when it was taken."""

from dataclasses import replace
from typing import Any

import numpy as np

from luthier.core.errors import BadInput
from luthier.data.dataset import Dataset


def with_groups(dataset: Dataset, groups: Any) -> Dataset:
    """Say which examples belong together, such as those of one patient; they land in the same part.

    groups: one number or text for each example (N,), equal for those that belong together.
    Raises BadInput for anything else.
    """
    names = _one_each(dataset, groups, "groups")
    if names.dtype.kind not in "iubUS" and not all(isinstance(one, str) for one in names.tolist()):
        raise BadInput(f"groups must be whole numbers or texts, but got {names.dtype}; name each group")
    return replace(dataset, group=np.unique(names, return_inverse=True)[1].astype(np.int64))


def with_times(dataset: Dataset, times: Any) -> Dataset:
    """Say when each example was taken, for splits by time.

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
