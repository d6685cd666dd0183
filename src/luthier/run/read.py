"""A finished run, to inspect and to use."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from luthier.core.batch import OF_DIMENSIONS, Form
from luthier.core.declare import Part
from luthier.core.errors import BadInput, DamagedFile
from luthier.core.files import sha256
from luthier.data import DataConfig, Task
from luthier.data.config import ArrayForm
from luthier.data.dataset import read_label
from luthier.data.loader import scale_to_floats
from luthier.data.tables import Schema
from luthier.data.tables.columns import order_columns
from luthier.data.units import KnownUnits, Range, Units, read_further, read_units
from luthier.models import Network
from luthier.models.modules import Rescale, make_blank_layer
from luthier.recipe.network import make_network, resize_further
from luthier.run.directory import RunPaths
from luthier.run.history import Row, read_rows
from luthier.run.result import METADATA, Predictions, compute_probabilities, read_predictions
from luthier.run.stored import parse_header, read_result, read_stored_recipe
from luthier.run.tables import encode_rows, encode_sequences
from luthier.stats.metrics import Metrics
from luthier.training.checkpoint import load_network
from luthier.training.device import plain_torch

BATCH = 1000


LEAST_SCALE = 1.99
"""Inverse of a standard deviation: that of numbers from 0 to 1 is at least 2, where half are 1, but for rounding."""


CONSTANT_SCALE = 1.0
"""What the first layer has where a channel never changed."""


class Run:
    """A run directory, read when asked.

    path: the directory. module: the user's own network, where the run was trained with one; own: likewise the classes
    of the user's own parts.
    """

    def __init__(self, path: Path | str, module: nn.Module | None = None, own: Sequence[type[Part]] = ()) -> None:
        self.path = Path(path)
        self.recipe = read_stored_recipe(self.path, own)
        self._module = module

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    @cached_property
    def result(self) -> Metrics:
        """The content of result.json: what `luthier train --json` prints.

        Raises BadInput where the run is not finished.
        """
        if not RunPaths(self.path).result.is_file():
            raise BadInput(
                f"a result needs a finished run, but {self.path} is not; finish it with: luthier resume {self.path}"
            )
        return read_result(self.path)

    @cached_property
    def history(self) -> list[Row]:
        """The rows of history.jsonl so far.

        Raises DamagedFile where they are not those that gave the result, or are no rows.
        """
        path, finished = RunPaths(self.path).history, RunPaths(self.path).result.is_file()
        expected = self.result["sha256"].get(path.name) if finished else None
        if expected is not None and not (path.is_file() and sha256(path) == expected):
            raise DamagedFile(f"{path} is missing or does not match the checksum in result.json; restore it")
        return read_rows(path)

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """Class names and input shape, from the header of the model file."""
        self._check_files()
        path = RunPaths(self.path).model
        with _open(path) as file:
            header = (file.metadata() or {}).get(METADATA, "")
        found = parse_header(header, path)
        if ("classification" if found["classes"] else "regression") not in self.recipe.loss.tasks:
            raise DamagedFile(
                f"{path} must be of the task of the recipe's loss {self.recipe.loss.name}, but is not; restore it"
            )
        return found

    @property
    def classes(self) -> tuple[str, ...]:
        """The class names; none where values are predicted."""
        return tuple(self.metadata["classes"])

    @cached_property
    def table(self) -> Schema | None:
        """What the columns of a table mean to the network; None where it takes no table."""
        values = self.metadata.get("table")
        try:
            schema = Schema.of(values) if values else None
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            path = RunPaths(self.path).model
            raise DamagedFile(f"{path} must say what its columns mean, but does not ({error!r}); restore it") from None
        width = len(schema.features) + schema.steps if schema else 0
        if schema and [width] != list(self.metadata["shape"]):
            path = RunPaths(self.path).model
            raise DamagedFile(f"{path} must say what all its columns mean, but says it of {width} numbers; restore it")
        return schema

    @property
    def form(self) -> Form:
        """What an example is: a picture, a row, a sequence, or a row with a text."""
        return self.table.form if self.table else OF_DIMENSIONS[len(self.metadata["shape"])]

    @property
    def channels(self) -> int | None:
        """Channels of the pictures that the network takes; None where it takes no pictures."""
        return int(self.metadata["shape"][0]) if self.form == "pictures" else None

    @cached_property
    def units(self) -> KnownUnits:
        """What the numbers of the pictures that it was trained on are; those of all else are plain.

        Earlier versions did not store it. What the first layer learnt tells numbers from 0 to 1 from others; then whole
        numbers are bytes, which were divided by 255, and floats are taken as they are.
        """
        stored: KnownUnits | None = "plain" if self.form != "pictures" else self.metadata.get("units")
        if stored:
            return stored
        with _open(RunPaths(self.path).model) as file:
            mean, scale = (file.get_tensor(f"standardise.{name}") for name in ("mean", "scale"))
        inside = ((mean >= 0) & (mean <= 1) & ((scale >= LEAST_SCALE) | (scale == CONSTANT_SCALE))).all()
        return "either" if inside else "plain"

    @property
    def range(self) -> Range | None:
        """From where to where the numbers of those pictures ran; None where that is not known."""
        if self.units != "plain":
            return (0.0, 1.0)
        stored = self.metadata.get("range")
        return (stored[0], stored[1]) if stored else None

    @property
    def task(self) -> Task:
        """What the run predicts: classification or regression."""
        return "classification" if self.classes else "regression"

    @property
    def temperature(self) -> float:
        """The temperature of the calibration, which softens or sharpens probabilities; 1 where not calibrated."""
        return float(self.metadata.get("temperature", 1.0))

    @property
    def reading(self) -> DataConfig:
        """How further data for this run are to be read; their units are the run's, not what its recipe states."""
        alone = dict.fromkeys(("extra", "unlabelled", "pseudo_labels"))
        form: ArrayForm = "sequences" if self.form == "sequences" else self.recipe.data.form
        return self.recipe.data.model_copy(update={"task": self.task, "form": form, "units": "auto", **alone})

    @property
    def outputs(self) -> int:
        """Number of the network's outputs: one for each class, or one for each value."""
        return int(self.metadata.get("outputs", len(self.classes)))  # the first runs wrote the classes alone

    @cached_property
    @plain_torch()
    def network(self) -> Network:
        """The trained network in evaluation mode; inputs are floats, pictures (B, C, H, W) in [0, 1].

        Sequences (B, T, F) are NaN behind their ends; rows of a table (B, F) are as `luthier.data.load` gives them.
        Its outputs are logits, or values in the user's units.
        """
        shape = tuple(self.metadata["shape"])
        text = self.table.layout if self.table else None
        first = make_blank_layer(
            self.form, text.columns if text else shape[1] if self.form == "sequences" else shape[0]
        )
        with _open(RunPaths(self.path).model) as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}
        units = None if self.classes else _units(self.outputs, tensors)
        network = make_network(self.recipe, first, shape, self.outputs, self._module, rescale=units, text=text)
        load_network(network, tensors, RunPaths(self.path).model)
        for trick in self.recipe.tricks:
            network = trick.inference_model(network)
        return network.eval()

    @cached_property
    def test_predictions(self) -> Predictions:
        """The run's predictions on its test part.

        Raises BadInput where it keeps none, as runs of earlier versions; DamagedFile where the file was altered.
        """
        path = RunPaths(self.path).predictions
        expected = self.result["sha256"].get(path.name)
        if expected is None:
            raise BadInput(f"answers on the test part must be kept, but {self.path} is of an earlier version that kept "
                           "none; train it anew")  # fmt: skip
        if not path.is_file() or sha256(path) != expected:
            raise DamagedFile(f"{path} is missing or does not match the checksum in result.json; restore it")
        return read_predictions(path)

    def predict_proba(self, X: Any, units: Units | None = None) -> np.ndarray:
        """Compute the probability of each class (N, K), calibrated where the run is.

        X: pictures (N, H, W, C) of any size and any type, in the units of the training; rows (N, F); sequences,
            (N, T, F) with NaN behind their ends or a list of arrays (T_i, F); or for a table the path of a CSV or
            Parquet file with its columns, or these by name.
        units: of pictures that come in others than those of the training: bytes from 0 to 255, or unit from 0 to 1.
        Raises BadInput for anything else, for numbers that are not finite or could be meant in other units, and where
        the run predicts values.
        """
        if not self.classes:
            raise BadInput(f"probabilities belong to classes, but {self.path} predicts values; use predict")
        logits = self._answers(X, units)
        if "temperature" in self.metadata:
            return np.asarray(compute_probabilities(logits, self.recipe.loss, self.temperature))
        return np.asarray(self.recipe.loss.probabilities(logits))

    def predict(self, X: Any, units: Units | None = None) -> Any:
        """Predict the likeliest class of each example, a list; or values, an array (N,) or (N, D).

        Classes come as the labels of the training were, whole numbers, booleans or texts; those of files are texts.
        X, units: as for `predict_proba`.
        """
        if self.classes:
            labels = [read_label(name, self.metadata.get("labels", "text")) for name in self.classes]
            return [labels[k] for k in self.predict_proba(X, units).argmax(1)]
        values = np.asarray(self._answers(X, units))
        return values[:, 0] if self.outputs == 1 else values

    @plain_torch()
    def _answers(self, X: Any, units: Units | None) -> Tensor:
        network = self.network  # made out here: its tensors are to be of use outside inference mode too
        with torch.inference_mode():
            return torch.cat([network(part) for part in self._inputs(X, units).split(BATCH)])

    def _inputs(self, X: Any, units: Units | None) -> Tensor:
        shape = tuple(self.metadata["shape"])
        if units not in (None, "plain") and self.form != "pictures":
            raise BadInput(f"units are those of pictures, but this run takes {self.form}, and got {units!r}; leave "
                           "them out")  # fmt: skip
        if self.form == "sequences":
            return torch.from_numpy(encode_sequences(X, shape[1]))
        if self.table:
            return torch.from_numpy(encode_rows(X, self.table))
        array = _channels_last(_numbers(order_columns(X, self.recipe.data.columns)), shape)
        given = (*array.shape[-1:], *shape[1:])
        if array.ndim != len(shape) + 1 or given != shape or 0 in array.shape[1:]:
            wanted = f"(N, H, W, C) with C = {shape[0]}" if len(shape) == 3 else f"(N, {shape[0]})"
            raise BadInput(f"X must be {wanted} for this run, but got shape {array.shape}; bring it to that form")
        if self.form != "pictures":
            return torch.tensor(np.ascontiguousarray(array.astype(np.float32)))
        inputs = self._read_pictures(array, units)
        return scale_to_floats(torch.tensor(np.ascontiguousarray(resize_further(self.recipe, inputs, self.units))))

    def _read_pictures(self, pictures: np.ndarray, units: Units | None) -> np.ndarray:
        """Bring pictures (N, H, W, C) to the form of `Dataset.inputs`, in the units of the training."""
        try:
            return read_further(pictures, self.units, self.range, None if units is None else read_units(units))
        except BadInput as error:
            told = "; or say with units = 'bytes' or units = 'unit' which they are"
            raise BadInput(*(f"{line}{'' if units else told}" for line in error.problems)) from None

    def _check_files(self) -> None:
        """Refuse a model, or a recipe that it is built by, that differs from the one that gave the result."""
        for path in (RunPaths(self.path).recipe, RunPaths(self.path).model):
            if not path.is_file() or sha256(path) != self.result["sha256"][path.name]:
                raise DamagedFile(
                    f"{path} is missing or does not match the checksum in result.json; restore it or train anew"
                )


def _units(outputs: int, tensors: dict[str, Tensor]) -> Rescale:
    """Make units to be filled in, in the precision of the file: double where the values need it."""
    kind = tensors["rescale.mean"].dtype if "rescale.mean" in tensors else None
    return Rescale(torch.zeros(outputs, dtype=kind), torch.ones(outputs, dtype=kind))


def _channels_last(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Convert pictures to (N, H, W, C) from that, from (N, C, H, W) or from (N, H, W) without channels."""
    if len(shape) == 3 and array.ndim == 3:
        return array[..., None]
    first = len(shape) == 3 and array.ndim == 4 and array.shape[3] != shape[0] and array.shape[1] == shape[0]
    return array.transpose(0, 2, 3, 1) if first else array


def _numbers(X: Any) -> np.ndarray:
    """Convert inputs to numbers of any type, finite in float32, as training does."""
    if np.ma.is_masked(X):
        raise BadInput("X must be whole, but is masked; fill what is missing, as with X.filled(0), or drop it")
    try:
        array = np.asarray(X)
    except ValueError:
        raise BadInput("X must hold examples of one shape, but got a ragged list; pad or cut them to one") from None
    if array.dtype.kind not in "uifb":
        raise BadInput(f"X must hold numbers, but got {array.dtype}; bring it to the form that the run was trained on")
    with np.errstate(over="ignore"):
        bad = np.count_nonzero(~np.isfinite(array.astype(np.float32))) if array.dtype.kind == "f" else 0
    if bad:
        raise BadInput(f"X must be finite in float32, but {bad} of its numbers are not; mend or drop such examples")
    return array


def _open(path: Path) -> Any:
    try:
        return safe_open(path, "pt")
    except (SafetensorError, OSError) as error:
        raise DamagedFile(f"{path} is not a safetensors file ({error}); restore it or train anew") from None
