"""A folder of class folders, or a .zip of one, as a data set."""

import warnings
from pathlib import Path

import numpy as np

from luthier.core.errors import LuthierWarning, raise_all
from luthier.data.config import DataConfig
from luthier.data.dataset import Dataset
from luthier.data.images.cache import KEPT, Cached, open_cached
from luthier.data.images.listing import PARTS_AS_CLASSES, describe_parts_as_classes
from luthier.data.targets import check_class_counts


def read(
    path: Path, data_config: DataConfig, quiet: bool = False, *, to_learn: bool = True, channels: int | None = None
) -> Dataset:
    """Read pictures as a data set; folders train, validation and test above those of the classes give the parts.

    data_config: size is the side that pictures are brought to (by default the median of their longer sides, at most
        32), data.fit how, data.bad what is done with those that cannot be used. quiet: no progress on stderr.
    channels: 1 or 3, to which all are brought; by default, and where it is another number, 3, or 1 where all are grey.
    Raises BadInput with every problem.
    """
    cached = open_cached(path, data_config, quiet, channels=channels if channels in KEPT else None)
    odd = describe_parts_as_classes(set(cached.labels))
    notes = (*cached.notes, *([f"{odd}; {PARTS_AS_CLASSES}"] if odd else ()))
    for note in notes:
        warnings.warn(f"{path}: {note}", LuthierWarning, stacklevel=2)
    classes, labels = np.unique(np.asarray(cached.labels, object), return_inverse=True)
    parts = {part: _members(cached, part) for part in ("test", "validation")}
    training = ~(parts["test"] | parts["validation"])
    raise_all(_too_few(path, cached, labels[training], tuple(classes.tolist())) if to_learn else ())
    return Dataset(
        path.resolve().stem,
        cached.pixels,
        labels.astype(np.int64),
        tuple(classes.tolist()),
        _given(parts["test"]),
        official_validation=_given(parts["validation"]),
        names=np.asarray(cached.names, object),
        keys=cached.keys,
        content=cached.content,
        side=cached.side,
        remarks=notes,
    )


def _too_few(path: Path, cached: Cached, labels: np.ndarray, classes: tuple[str, ...]) -> list[str]:
    if len(labels):
        return check_class_counts(labels, classes)
    there = " and ".join(sorted({str(part) for part in cached.parts}))
    return [
        f"training needs a folder train beside those of the other parts, but {path} has only {there}; add it, "
        "or move the class folders up"
    ]


def _members(cached: Cached, part: str) -> np.ndarray:
    return np.asarray([one == part for one in cached.parts], bool)


def _given(members: np.ndarray) -> np.ndarray | None:
    return members if members.any() else None
