"""Labels that a network gave to examples without any: in a file, and joined to the training part."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from luthier.core.errors import BadInput, DamagedFile
from luthier.core.files import write_atomic
from luthier.data.dataset import Dataset
from luthier.data.joining import append_extra


def write_pseudo_labels(path: Path, index: np.ndarray, labels: np.ndarray) -> None:
    """Write which of the unlabelled examples (M,) got which class numbers (M,)."""
    write_atomic(path, save({"index": index.astype(np.int64), "labels": labels.astype(np.int64)}))


def with_pseudo_labels(dataset: Dataset, path: Path) -> Dataset:
    """Join the unlabelled examples that a file gives labels to the training part; held-out parts stay as they are.

    Raises BadInput where the file is of other data, DamagedFile where it is none.
    """
    try:
        tensors = load_file(path)
        index, labels = tensors["index"], tensors["labels"]
    except (SafetensorError, OSError, KeyError) as error:
        raise DamagedFile(
            f"{path} is not a file of pseudo-labels ({error}); restore it or start the study anew"
        ) from None
    more = dataset.unlabelled
    if more is None or not (_within(index, len(more)) and _within(labels, len(dataset.classes))):
        raise BadInput(
            f"pseudo-labels belong to the unlabelled examples and classes they were made for, but {path} is of others; "
            "restore data.unlabelled, or take data.pseudo_labels out of the recipe"
        )
    keys = None if more.keys is None else more.keys[index]
    added = Dataset("pseudo-labels", np.asarray(more.inputs[index]), labels, dataset.classes, keys=keys)
    return replace(append_extra(dataset, added), unlabelled=more)


def _within(numbers: np.ndarray, count: int) -> bool:
    return bool(((numbers >= 0) & (numbers < count)).all())
