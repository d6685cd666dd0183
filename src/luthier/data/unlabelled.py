"""Examples without labels, from which tricks and rounds of pseudo-labels learn."""

import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from luthier.core.errors import BadInput, LuthierWarning
from luthier.data.config import ArrayForm, DataConfig
from luthier.data.copies import hash_examples
from luthier.data.dataset import Dataset, Unlabelled
from luthier.data.images.cache import KEPT, open_cached
from luthier.data.images.fit import Fit
from luthier.data.loader import resize_pictures
from luthier.data.sources import arrays, formats, npy
from luthier.data.suffixes import TABLES, is_array, is_table, name_suffixes
from luthier.data.tables import encode, has_columns, read_columns, read_table
from luthier.data.units import StatedUnits, can_join, match_types, warn_of_far

if TYPE_CHECKING:
    from luthier.data.dataset import Dataset


STREAM = "unlabelled"
"""Under which name tricks ask for them."""


PICTURES, SEQUENCES = 4, 3


def attach_unlabelled(dataset: "Dataset", more: Unlabelled, fit: Fit) -> "Dataset":
    """Attach examples without labels to a data set; its parts stay as they are without them.

    fit: how pictures of another size are brought to that of the data, with a warning.
    Raises BadInput where they are of another form.
    """
    more = _brought_to_size(dataset, more, fit)
    wanted, got = (_shape_and_type(one) for one in (dataset.inputs, more.inputs))
    if not _fits(dataset, more) or not len(more):
        raise BadInput(
            f"unlabelled examples must be of the form of the data, {wanted}, but {more.name} holds "
            f"{len(more)} of {got}; bring them to that form"
        )
    if dataset.is_picture:
        warn_of_far(more.inputs, dataset.inputs, dataset.units, f"the unlabelled set {more.name}")
    return replace(dataset, unlabelled=more, without_extra=dataset.drawn_by)


def _fits(dataset: "Dataset", more: Unlabelled) -> bool:
    """Return whether they have the shape of the data and numbers that mean the same, of pictures in either type."""
    one, other = (_shape(inputs) for inputs in (dataset.inputs, more.inputs))
    if one != other or not dataset.is_picture:
        return one == other and dataset.inputs.dtype == more.inputs.dtype
    return more.inputs.dtype != np.uint8 or can_join(dataset.units, "bytes")


def _shape_and_type(inputs: np.ndarray) -> str:
    return f"{tuple(map(int, _shape(inputs)))} {inputs.dtype}"


def _shape(inputs: np.ndarray) -> tuple[int, ...]:
    """Return the shape of an example; sequences may differ in length."""
    return inputs.shape[2:] if inputs.ndim == SEQUENCES else inputs.shape[1:]


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
    """Return the numbers of the unlabelled examples that equal none of some members of the data (M',).

    >>> from luthier.data import Dataset
    >>> rows = np.arange(6, dtype=np.float32).reshape(3, 2)
    >>> data = Dataset("a", rows, np.array([0, 1, 1]), ("x", "y"), unlabelled=Unlabelled("b", rows[1:]))
    >>> exclude_equal(data, np.array([0, 2]))
    array([0])
    """
    more = dataset.unlabelled
    assert more is not None
    keyed = dataset.keys is not None and more.keys is not None
    inputs, examples = match_types((dataset.inputs[members], more.inputs))
    own = hash_examples(inputs, dataset.keys[members] if keyed and dataset.keys is not None else None)
    others = hash_examples(examples, more.keys if keyed else None)
    known = set(own)
    return np.flatnonzero([one not in known for one in others])


def exclude_overlap(dataset: "Dataset", held_out: np.ndarray) -> np.ndarray:
    """Return the unlabelled inputs without those that equal a held-out example; warn of how many are left out."""
    assert dataset.unlabelled is not None
    inputs = dataset.unlabelled.inputs
    indices = exclude_equal(dataset, held_out)
    if len(indices) == len(inputs):
        return inputs
    warnings.warn(
        f"{len(inputs) - len(indices)} of the {len(inputs)} unlabelled examples equal one of the validation or "
        "test part and are left out of the training",
        LuthierWarning,
        stacklevel=4,
    )
    return np.asarray(inputs[indices])


INPUTS = ("X", "x", "x_train", "X_train")


def read_dataset(dataset: Dataset) -> Unlabelled:
    """Return the inputs of a labelled data set without its official test part; their labels are ignored."""
    if dataset.official_test is None:
        return Unlabelled(dataset.name, dataset.inputs, dataset.keys, dataset.content)
    indices = np.flatnonzero(~dataset.official_test)
    keys = None if dataset.keys is None else dataset.keys[indices]
    return Unlabelled(dataset.name, dataset.inputs[indices], keys)


def read_arrays(
    X: Any, like: Dataset, units: StatedUnits = "auto", name: str = "unlabelled", lengths: Any = None
) -> Unlabelled:
    """Read inputs (M, ...) as those of arrays (X, y) are read, pictures in the units of the data."""
    if like.table and has_columns(X):
        return Unlabelled(name, encode(read_columns(X), like.table))
    if like.table:
        raise BadInput(
            f"unlabelled examples beside a table must be its columns by name, or a {name_suffixes(*TABLES)} file of "
            f"them, but got {name}; pass one of these"
        )
    try:
        y = np.zeros(len(X), np.int64)
        found = arrays.read(
            (X, y), name=name, task="classification", to_learn=False, form=_array_form(like), lengths=(lengths, None),
            units=units, like=like.units,
        )  # fmt: skip
    except TypeError:
        raise BadInput(
            f"unlabelled examples must be an array, a name or a path, but got {type(X).__name__}; pass one of these"
        ) from None
    except BadInput as error:
        raise BadInput(*(f"unlabelled examples: {problem}" for problem in error.problems)) from None
    return Unlabelled(name, found.inputs)


def _array_form(like: Dataset) -> ArrayForm:
    return "rows" if like.form == "rows" else "sequences" if like.form == "sequences" else "pictures"


def read_path(path: Path, like: Dataset, data_config: DataConfig, quiet: bool) -> Unlabelled:
    """Read a table, an .npy or .npz file, a folder of IDX files, or all pictures below a folder or in a .zip.

    Pictures are decoded at the size of the data's. Raises BadInput with every problem.
    """
    if is_table(path) and path.is_file() and like.table:
        return Unlabelled(path.stem, encode(read_table(path, data_config.header, like.table), like.table))
    if is_array(path) and path.is_file():
        X, lengths = _read_stored(path)
        return read_arrays(X, like, data_config.units, path.stem, lengths)
    if path.is_dir() and formats.find_idx(path, formats.IDX_FILES[0]):
        return read_dataset(formats.read_idx(path, path.resolve().name, None, to_learn=False))
    if like.is_picture and (path.is_dir() or (path.suffix.lower() == ".zip" and path.is_file())):
        side = data_config.size or max(like.inputs.shape[1:3])
        channels = like.shape[0] if like.shape[0] in KEPT else None
        cached = open_cached(
            path, data_config.model_copy(update={"size": side}), quiet, channels=channels, labelled=False
        )
        return Unlabelled(path.resolve().stem, cached.pixels, cached.keys, cached.content)
    what = f"beside {like.form} " if path.exists() else ""
    raise BadInput(
        f"unlabelled examples {what}must be a known name or the path of a file or folder of their form, "
        f"but got {str(path)!r}; check it"
    )


def _read_stored(path: Path) -> tuple[Any, Any]:
    """Read the inputs of an .npy file, or of an .npz with X, and their lengths where it has any."""
    if path.suffix.lower() == ".npy":
        return npy.read_array(path), None
    content = npy.read_arrays(path)
    stored = [content[name] for name in INPUTS if name in content]
    if not stored:
        raise BadInput(f"{path} must hold an array X, but holds {', '.join(content) or 'nothing'}; name it so")
    return stored[0], content.get("lengths")
