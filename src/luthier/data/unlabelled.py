"""Examples without labels, which tricks and rounds of pseudo-labels learn from."""

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from luthier.core.errors import BadInput, LuthierWarning
from luthier.data.digests import digests
from luthier.data.resize import resize_pictures
from luthier.decoding.fit import Fit

if TYPE_CHECKING:
    from luthier.data.dataset import Dataset

STREAM = "unlabelled"
"""Under which name tricks ask for them."""
PICTURES, SEQUENCES = 4, 3


@dataclass(frozen=True)
class Unlabelled:
    """M examples in the form of `Dataset.inputs`; keys and content as there."""

    name: str
    inputs: np.ndarray
    keys: np.ndarray | None = None
    content: str | None = None

    def __len__(self) -> int:
        return len(self.inputs)


def attach_unlabelled(dataset: "Dataset", more: Unlabelled, fit: Fit) -> "Dataset":
    """Put examples without labels beside a data set; its parts stay as they are without them.

    fit: how pictures of another size are brought to that of the data, which is told.
    Raises BadInput where they are of another form.
    """
    more = _brought_to_size(dataset, more, fit)
    wanted, got = (_form(one) for one in (dataset.inputs, more.inputs))
    if wanted != got or not len(more):
        raise BadInput(
            f"unlabelled examples must be of the form of the data, {wanted}, but {more.name} holds "
            f"{len(more)} of {got}; bring them to that form"
        )
    return replace(dataset, unlabelled=more, without_extra=dataset.drawn_by)


def _form(inputs: np.ndarray) -> str:
    """Shape and type of an example; sequences may differ in length."""
    shape = inputs.shape[2:] if inputs.ndim == SEQUENCES else inputs.shape[1:]
    return f"{tuple(map(int, shape))} {inputs.dtype}"


def _brought_to_size(dataset: "Dataset", more: Unlabelled, fit: Fit) -> Unlabelled:
    side, other = dataset.inputs.shape[1:3], more.inputs.shape[1:3]
    pictures = dataset.is_picture and more.inputs.ndim == PICTURES
    if not pictures or side == other or side[0] != side[1]:
        return more
    warnings.warn(
        f"the {len(more)} unlabelled pictures of {other[0]} x {other[1]} pixels are brought to {side[0]} x {side[1]}, "
        f"those of the data, as data.fit = {fit!r} says",
        LuthierWarning,
        stacklevel=4,
    )
    return replace(more, inputs=resize_pictures(more.inputs, side[0], fit), keys=None)


def exclude_equal(dataset: "Dataset", members: np.ndarray) -> np.ndarray:
    """Numbers of the unlabelled examples that equal none of some members of the data (M',).

    >>> from luthier.data import Dataset
    >>> rows = np.arange(6, dtype=np.float32).reshape(3, 2)
    >>> data = Dataset("a", rows, np.array([0, 1, 1]), ("x", "y"), unlabelled=Unlabelled("b", rows[1:]))
    >>> exclude_equal(data, np.array([0, 2]))
    array([0])
    """
    more = dataset.unlabelled
    assert more is not None
    keyed = dataset.keys is not None and more.keys is not None
    own = digests(dataset.inputs[members], dataset.keys[members] if keyed and dataset.keys is not None else None)
    others = digests(more.inputs, more.keys if keyed else None)
    known = set(own)
    return np.flatnonzero([one not in known for one in others])


def exclude_overlap(dataset: "Dataset", held_out: np.ndarray) -> np.ndarray:
    """The inputs of the unlabelled examples without those that equal a held-out one, of which is told."""
    assert dataset.unlabelled is not None
    inputs = dataset.unlabelled.inputs
    kept = exclude_equal(dataset, held_out)
    if len(kept) == len(inputs):
        return inputs
    warnings.warn(
        f"{len(inputs) - len(kept)} of the {len(inputs)} unlabelled examples equal one of the validation or test part "
        "and are left out of the training",
        LuthierWarning,
        stacklevel=4,
    )
    return np.asarray(inputs[kept])
