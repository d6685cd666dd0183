"""Examples without labels from arrays, files and folders, in the form of the data that they stand beside."""

from pathlib import Path
from typing import Any

import numpy as np

from luthier.core.errors import BadInput
from luthier.data.dataset import Dataset
from luthier.data.pictures.cache import KEPT, open_cached
from luthier.data.reading import ArrayForm, DataConfig
from luthier.data.sources import arrays, idx, npz
from luthier.data.tables import encode, is_table, read_table
from luthier.data.unlabelled import Unlabelled

INPUTS = ("X", "x", "x_train", "X_train")


def of_dataset(dataset: Dataset) -> Unlabelled:
    """The examples of a labelled data set but for its official test part, their labels not looked at."""
    if dataset.official_test is None:
        return Unlabelled(dataset.name, dataset.inputs, dataset.keys, dataset.content)
    kept = np.flatnonzero(~dataset.official_test)
    keys = None if dataset.keys is None else dataset.keys[kept]
    return Unlabelled(dataset.name, dataset.inputs[kept], keys)


def of_arrays(X: Any, like: Dataset, name: str = "unlabelled", lengths: Any = None) -> Unlabelled:
    """Read inputs (M, ...) as those of arrays (X, y) are read."""
    if like.table:
        raise BadInput(
            f"unlabelled examples beside a table must be a .csv or .parquet file with its columns, but got {name}; "
            "pass the path of one"
        )
    try:
        y = np.zeros(len(X), np.int64)
        found = arrays.read(
            (X, y), name=name, task="classification", to_learn=False, form=_form(like), lengths=(lengths, None)
        )
    except TypeError:
        raise BadInput(
            f"unlabelled examples must be an array, a name or a path, but got {type(X).__name__}; pass one of these"
        ) from None
    except BadInput as error:
        raise BadInput(*(f"unlabelled examples: {problem}" for problem in error.problems)) from None
    return Unlabelled(name, found.inputs)


def _form(like: Dataset) -> ArrayForm:
    return "rows" if like.form == "rows" else "sequences" if like.form == "sequences" else "pictures"


def of_path(path: Path, like: Dataset, data_config: DataConfig, quiet: bool) -> Unlabelled:
    """Read a table, an .npy or .npz file, a folder of IDX files, or all pictures below a folder or in a .zip.

    Pictures are decoded at the size of the data's. Raises BadInput with every problem.
    """
    if is_table(path) and path.is_file() and like.table:
        return Unlabelled(path.stem, encode(read_table(path), like.table))
    if path.suffix.lower() in (".npy", ".npz") and path.is_file():
        return of_arrays(*_read_stored(path, like))
    if path.is_dir() and idx.find(path, idx.FILES[0]):
        return of_dataset(idx.read(path, path.resolve().name, None, to_learn=False))
    if like.is_picture and (path.is_dir() or (path.suffix.lower() == ".zip" and path.is_file())):
        side = data_config.size or max(like.inputs.shape[1:3])
        channels = like.shape[0] if like.shape[0] in KEPT else None
        found = open_cached(
            path, data_config.model_copy(update={"size": side}), quiet, channels=channels, labelled=False
        )
        return Unlabelled(path.resolve().stem, found.pixels, found.keys, found.content)
    what = f"beside {like.form} " if path.exists() else ""
    raise BadInput(
        f"unlabelled examples {what}must be a known name or the path of a file or folder of their form, "
        f"but got {str(path)!r}; check it"
    )


def _read_stored(path: Path, like: Dataset) -> tuple[Any, Dataset, str, Any]:
    """What an .npy file, or an .npz with X, holds: its inputs, and lengths where it has any."""
    if path.suffix.lower() == ".npy":
        try:
            return np.load(path, allow_pickle=False), like, path.stem, None
        except (OSError, ValueError) as error:
            raise BadInput(f"{path} must be an .npy array of numbers, but is not ({error}); save it anew") from None
    content = npz.arrays_in(path)
    found = [content[name] for name in INPUTS if name in content]
    if not found:
        raise BadInput(f"{path} must hold an array X, but holds {', '.join(content) or 'nothing'}; name it so")
    return found[0], like, path.stem, content.get("lengths")
