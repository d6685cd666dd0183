"""A data set in files that several processes map into memory: what one has read, none reads again or copies."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from luthier.data.dataset import Dataset, Unlabelled
from luthier.data.tables import Schema

FACTS = "facts.json"
FOLDER = ".shared-"


@contextmanager
def shared_folder(dataset: Dataset, root: Path) -> Iterator[str]:
    """Write a data set into a hidden folder of a study, for as long as it is trained on; only its owner may do so.

    What a killed process left is removed.
    """
    for path in root.glob(f"{FOLDER}*"):
        shutil.rmtree(path, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=FOLDER, dir=root) as folder:
        share_dataset(dataset, Path(folder))
        yield folder


def share_dataset(dataset: Dataset, folder: Path) -> None:
    """Write a data set into a folder; arrays that are mapped from a file are named, not copied."""
    plain = {one.name: getattr(dataset, one.name) for one in fields(dataset)}
    more = plain.pop("unlabelled")
    facts = {name: _store(value, folder / name) for name, value in plain.items()}
    if more is not None:
        parts = {one.name: getattr(more, one.name) for one in fields(more)}
        facts["unlabelled"] = {name: _store(value, folder / f"unlabelled-{name}") for name, value in parts.items()}
    (folder / FACTS).write_text(json.dumps(facts))


def open_shared(folder: Path) -> Dataset:
    """Open a data set that `share_dataset` wrote."""
    facts = json.loads((folder / FACTS).read_text())
    more = facts.pop("unlabelled", None)
    values = {name: _load(value, folder) for name, value in facts.items()}
    tuples = ("classes", "remarks", "names_of_columns")
    values |= {name: tuple(values[name]) for name in tuples if values[name] is not None}
    values["table"] = None if values["table"] is None else Schema.of(values["table"])
    unlabelled = None if more is None else Unlabelled(**{name: _load(value, folder) for name, value in more.items()})
    return Dataset(**values, unlabelled=unlabelled)


def _store(value: Any, path: Path) -> Any:
    """Return what stands for a value in the facts."""
    if isinstance(value, np.memmap) and value.filename and value.flags.c_contiguous and _is_whole(value):
        return {"map": str(value.filename), "at": value.offset, "type": value.dtype.str, "shape": value.shape}
    if isinstance(value, np.ndarray):
        name = f"{path.name}.npy"
        np.save(path.with_name(name), value.astype(np.str_) if value.dtype == object else value)
        return {"file": name}
    return value.dump() if isinstance(value, Schema) else value


def _is_whole(array: np.memmap) -> bool:
    """Return whether a mapped array is the map itself, not a part of it, whose offset would be another."""
    return not isinstance(array.base, np.ndarray)


def _load(value: Any, folder: Path) -> Any:
    """Return the value for which something stands in the facts."""
    if isinstance(value, dict) and "map" in value:
        return np.memmap(value["map"], np.dtype(value["type"]), "r", value["at"], tuple(value["shape"]))
    if isinstance(value, dict) and set(value) == {"file"}:
        return np.load(folder / value["file"], mmap_mode="r")
    return value
