"""Predicts for files: pictures through Pillow, arrays from .npy and .npz, tables from text and Parquet."""

from pathlib import Path
from typing import Any

import numpy as np

from luthier.core.errors import BadInput, raise_all
from luthier.data.images.decode import BadPicture, flatten_mode, open_upright
from luthier.data.images.reader import read_content
from luthier.data.sources.npy import read_array, read_arrays
from luthier.data.sources.sequences import read_sequences
from luthier.data.suffixes import TABLES, is_array, is_table, name_suffixes
from luthier.data.tables import Table, read_table
from luthier.data.tables.readings import write_numbers
from luthier.data.units import Units
from luthier.run.read import Run

TOP = 5


TRANSPARENT = 4


MODES = {1: "L", 3: "RGB", TRANSPARENT: "RGBA"}


def predict_files(run: Run, files: list[Path], units: Units | None = None) -> list[dict[str, Any]]:
    """Predict class and probabilities, or value, for each picture, and for each example of an array file or a table.

    A run that predicts several values gives them as a list.
    units: of the pictures in array files, where they are others than those of the training; picture files hold bytes.

    Raises BadInput with every file that cannot be used, before any prediction.
    """
    if units and not any(map(is_array, files)):
        raise BadInput(f"units are those of pictures in .npy and .npz files, but none is among the files, and got "
                       f"{units!r}; leave them out")  # fmt: skip
    predictions: list[dict[str, Any]] = []
    problems: list[str] = []
    for file in files:
        try:
            examples = read_examples(run, file)
        except BadInput as error:
            problems.extend(error.problems)
            continue
        try:
            ask = run.predict_proba if run.classes else run.predict
            rows = ask(examples, units if is_several(file) else "bytes")
            raise_all(_endless(rows))
        except BadInput as error:
            problems.extend(f"{file}: {problem}" for problem in error.problems)
            continue
        describe = _predict_class if run.classes else _predict_value
        names = _name_examples(run, file, examples, len(rows))
        predictions.extend({**name, **describe(run, row)} for name, row in zip(names, rows, strict=True))
    raise_all(problems)
    return predictions


def _name_examples(run: Run, file: Path, examples: Any, count: int) -> list[dict[str, Any]]:
    """Name each example by its file, its number there, and its id where a column of the table gives one."""
    if not is_several(file):
        return [{"file": str(file)}]
    names: list[dict[str, Any]] = [{"file": f"{file}#{number}"} for number in range(count)]
    given = [name for name in run.table.row_names if name in examples] if run.table else []
    if not given:
        return names
    return [{**name, "id": one} for name, one in zip(names, write_numbers(examples[given[0]]).tolist(), strict=True)]


def _endless(predictions: np.ndarray) -> list[str]:
    """Describe the problem of predictions (N, ...) that are not finite."""
    bad = np.flatnonzero(~np.isfinite(predictions.reshape(len(predictions), -1)).all(axis=1))
    return [
        f"answers must be finite, but {len(bad)} are not, such as that to example {bad[0]}; "
        "mend values that are far from all that the network was trained on"
        for _ in bad[:1]
    ]


def is_several(file: Path) -> bool:
    """Return whether a file holds many examples by number: an array file or a table."""
    return is_array(file) or is_table(file)


def _predict_class(run: Run, probabilities: np.ndarray) -> dict[str, Any]:
    order = np.argsort(-probabilities, kind="stable")[:TOP].tolist()
    top = [{"class": run.classes[k], "probability": float(probabilities[k])} for k in order]
    return {**top[0], "top": top}


def _predict_value(run: Run, value: np.ndarray) -> dict[str, Any]:
    return {"value": value.tolist()}


def read_examples(run: Run, file: Path) -> Any:
    """Read a file's examples: a picture as (1, H, W, C), an array file as (N, ...), a table as columns by name."""
    if not file.is_file():
        kind = "a directory" if file.is_dir() else "no file" if file.exists() else "missing"
        raise BadInput(f"{file} must be a picture, an array file or a table, but is {kind}; check its path")
    if is_table(file):
        return _columns(run, file)
    if is_array(file):
        return _sequences(file) if run.form == "sequences" else _stored(file)[0]
    if run.table:
        raise BadInput(
            f"this run takes tables, but {file} is not a {name_suffixes(*TABLES)} file; save the rows as one"
        )
    shape = tuple(run.metadata["shape"])
    if len(shape) != 3:
        raise BadInput(f"this run takes {run.form}, but {file} is not an .npy or .npz file; save them with np.save")
    if run.units == "plain":
        raise BadInput(f"the training saw pictures in units of their own, but {file} holds bytes, 0 to 255; pass an "
                       ".npy file of numbers in those units")  # fmt: skip
    return read_picture(file, shape[0])[None]


def read_picture(file: Path, channels: int) -> np.ndarray:
    """Read a picture as (H, W, C), as training does; a run of 4 channels keeps its transparency.

    Raises BadInput where the file is missing, of another format, damaged, or larger than the limit, by default 50
    million pixels.
    """
    if channels not in MODES:
        raise BadInput(
            f"pictures have 1, 3 or 4 channels, but this run takes {channels}, "
            f"so {file} cannot serve; pass an .npy file"
        )
    try:
        with open_upright(read_content(file.resolve())) as image:
            array = np.asarray((image if channels == TRANSPARENT else flatten_mode(image)).convert(MODES[channels]))
    except BadPicture as error:
        raise BadInput(f"{file} {error}") from None
    except (OSError, ValueError) as error:
        raise BadInput(f"{file} must be a readable picture, but is not ({error}); replace it") from None
    return array[..., None] if array.ndim == 2 else array


def _columns(run: Run, file: Path) -> Table:
    if not run.table:
        raise BadInput(f"this run was not trained on a table, but {file} is one; pass what it was trained on")
    return read_table(file, schema=run.table)


def _sequences(file: Path) -> np.ndarray:
    """Read the sequences of a file, NaN behind their ends, which the array `lengths` of an .npz may give."""
    X, lengths = _stored(file)
    problems: list[str] = []
    sequences = read_sequences(X, lengths, problems)
    raise_all(f"{file}: {problem}" for problem in problems)
    return sequences


def _stored(file: Path) -> tuple[np.ndarray, np.ndarray | None]:
    """Read the array of an .npy file, or X of an .npz with its lengths, where it has any."""
    if file.suffix.lower() == ".npy":
        return read_array(file), None
    content = read_arrays(file, ("X", "lengths"))
    if "X" not in content:
        raise BadInput(f"{file} must hold an array X, but does not; save it with np.savez(path, X=X)")
    return content["X"], content.get("lengths")
