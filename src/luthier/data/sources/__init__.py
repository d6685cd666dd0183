"""Where data come from, one file each; `load` finds the right one."""

from pathlib import Path
from typing import Any

from luthier.core.errors import BadInput, nearest
from luthier.data.dataset import Dataset, weighted
from luthier.data.reading import Data
from luthier.data.sources import arrays, digits, idx, npz, table
from luthier.data.sources.named import NAMED, NamedSet, locate
from luthier.data.tables import Schema, is_table

DEFAULT = Data()

SOURCES = {
    "digits": digits.CARD,
    **{name: one.card for name, one in NAMED.items()},
}


def load(
    data: Any, data_dir: Path | None = None, reading: Data = DEFAULT, weights: Any = None, schema: Schema | None = None
) -> Dataset:
    """Read a data set and check it whole.

    data: a name, a path to a .csv, .parquet or .npz file or to a folder of IDX files, arrays (X, y), or a Dataset.
    data_dir: folder where named sets are looked for first.
    reading: how, as the recipe's `data` section says; its source and fingerprint do not count here.
    weights: how much each example counts in the training loss, one number at least 0 for each.
    schema: what the columns of a table mean to a network that is there already; None to learn it.
    Raises BadInput with every problem that was found.

    >>> load("digits").inputs.shape
    (1797, 8, 8, 1)
    """
    dataset, task = _read(data, data_dir, reading, schema), reading.task
    if task not in ("auto", dataset.task):
        raise BadInput(
            f"task {task} must be that of the data, but {dataset.name} is for {dataset.task}; leave task out"
        )
    return dataset if weights is None else weighted(dataset, weights)


def _read(data: Any, data_dir: Path | None, reading: Data, schema: Schema | None) -> Dataset:
    if isinstance(data, Dataset):
        return data
    if isinstance(data, tuple) and len(data) == 2:
        return arrays.read(data, task=reading.task, form=reading.form)
    if not isinstance(data, str | Path):
        raise BadInput(
            f"data must be a name, a path or a pair of arrays (X, y), but got {type(data).__name__}; pass one of these"
        )
    if data == "":  # which Path takes for the folder that one is in
        raise BadInput(f"data must be a known name or an existing path, but got ''; {nearest('', SOURCES)}")
    return _named(str(data), data_dir) or _path(Path(data), reading, schema)


def _named(name: str, data_dir: Path | None) -> Dataset | None:
    if name == "digits":
        return digits.read()
    if name in NAMED:
        return idx.read(locate(name, data_dir), name, NAMED[name].classes)
    return None


def _path(path: Path, reading: Data, schema: Schema | None) -> Dataset:
    if path.suffix.lower() == ".npz" and path.is_file():
        return npz.read(path, reading.task, reading.form)
    if is_table(path) and path.is_file():
        return table.read(path, reading, schema)
    if path.is_dir():
        return idx.read(path, path.resolve().name, None)
    if path.exists():
        raise BadInput(
            f"a data file must be a .csv, .parquet or .npz file, but got {str(path)!r}; "
            "convert it, or pass arrays from Python"
        )
    raise BadInput(
        f"data must be a known name or an existing path, but got {str(path)!r}; {nearest(str(path), SOURCES)}"
    )


__all__ = ["NAMED", "SOURCES", "NamedSet", "load", "locate"]
