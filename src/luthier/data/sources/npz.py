"""An .npz file with arrays X and y, and optionally a test pair, classes, lengths, weights, groups and times."""

import zipfile
from pathlib import Path

import numpy as np

from luthier.core.errors import BadInput
from luthier.data.belonging import with_groups, with_times
from luthier.data.dataset import Dataset, with_weights
from luthier.data.reading import ArrayForm, Task
from luthier.data.sources import arrays

PAIRS = (("X", "y"), ("x", "y"), ("x_train", "y_train"), ("X_train", "y_train"))
LARGEST_RATIO, LEAST_TOTAL = 100, 1 << 30
"""How many times its packed size an archive may unpack to, where that is more than so many bytes."""
TEST_PAIRS = (("X_test", "y_test"), ("x_test", "y_test"))


def read(path: Path, task: Task = "auto", form: ArrayForm = "auto", *, to_learn: bool = True) -> Dataset:
    """Read the file; nothing in it is ever unpickled.

    weights, groups, times: one for each example, those of X_test last. lengths, lengths_test: where X holds sequences
    (N, T, F), the steps of each, from 1 to T.
    """
    content = arrays_in(path)
    train = _pair(content, PAIRS)
    if train is None:
        raise BadInput(
            f"{path} must hold arrays X and y, but holds {', '.join(content) or 'nothing'}; "
            "save it with np.savez(path, X=X, y=y)"
        )
    lone = [name for pair in TEST_PAIRS for name in pair if name in content and not _pair(content, (pair,))]
    if lone and not _pair(content, TEST_PAIRS):
        raise BadInput(f"{path} must hold both X_test and y_test or neither, but holds {lone[0]} alone; add the other")
    classes = tuple(map(str, np.ravel(content["classes"]).tolist())) if "classes" in content else None
    lengths = (content.get("lengths"), content.get("lengths_test"))
    dataset = arrays.read(
        train, _pair(content, TEST_PAIRS), classes, path.stem, task, form=form, lengths=lengths, to_learn=to_learn
    )
    for name, told in (("weights", with_weights), ("groups", with_groups), ("times", with_times)):
        dataset = told(dataset, content[name]) if name in content else dataset
    return dataset


def arrays_in(path: Path) -> dict[str, np.ndarray]:
    """Read the arrays of a file by name; nothing in it is ever unpickled."""
    try:
        check_packing(path)
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except Exception as error:  # NumPy lets through whatever a damaged archive or header makes it meet
        raise BadInput(
            f"{path} must be an .npz file of plain arrays, but is not ({error}); save it with np.savez and no objects"
        ) from None


def check_packing(path: Path) -> None:
    """Raise an error where a file is no .zip, which np.load would take for a pickle, or unpacks beyond reason."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    total, packed = sum(one.file_size for one in members), sum(one.compress_size for one in members)
    if total > max(LEAST_TOTAL, LARGEST_RATIO * packed):
        raise ValueError(f"it unpacks to {total} bytes, more than {LARGEST_RATIO} times its size")


def _pair(content: dict[str, np.ndarray], names: tuple[tuple[str, str], ...]) -> tuple[np.ndarray, np.ndarray] | None:
    for inputs, labels in names:
        if inputs in content and labels in content:
            return content[inputs], content[labels]
    return None
