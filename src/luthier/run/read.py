"""A finished run, to look at and to use."""

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from luthier.build import make_network
from luthier.core.declare import Part
from luthier.core.errors import BadInput, DamagedFile
from luthier.core.files import read_sealed, sha256
from luthier.data.loader import WHITE
from luthier.data.resize import resized
from luthier.engine.checkpoint import load_network
from luthier.models import Network
from luthier.models.metrics import Metrics
from luthier.models.modules import Standardise
from luthier.recipe import Recipe, read_recipe, read_toml
from luthier.run.history import Row
from luthier.run.paths import Paths
from luthier.run.result import KEYS, METADATA

BATCH = 1000


class Run:
    """A run directory, read when asked.

    path: the directory. module: the user's own network, where the run was trained with one; own: likewise the classes
    of the user's own parts.
    """

    def __init__(self, path: Path | str, module: nn.Module | None = None, own: Sequence[type[Part]] = ()) -> None:
        self.path = Path(path)
        self.recipe = stored_recipe(self.path, own)
        self._module = module

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    @cached_property
    def result(self) -> Metrics:
        """The content of result.json: what `luthier train --json` prints.

        Raises BadInput where the run is not finished.
        """
        if not Paths(self.path).result.is_file():
            raise BadInput(
                f"a result needs a finished run, but {self.path} is not; finish it with: luthier resume {self.path}"
            )
        return stored_result(self.path)

    @cached_property
    def history(self) -> list[Row]:
        """The rows of history.jsonl."""
        return [json.loads(line) for line in Paths(self.path).history.read_text().splitlines()]

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """Class names and input shape, from the header of the model file."""
        self._check_model()
        with _opened(Paths(self.path).model) as file:
            return dict(json.loads((file.metadata() or {})[METADATA]))

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(self.metadata["classes"])

    @cached_property
    def network(self) -> Network:
        """The trained network in evaluation mode; inputs are floats, pictures (B, C, H, W) in [0, 1]."""
        shape = tuple(self.metadata["shape"])
        blank = Standardise(torch.zeros(shape[0]), torch.ones(shape[0]))
        network = make_network(self.recipe, blank, shape, len(self.classes), self._module)
        with _opened(Paths(self.path).model) as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}
        load_network(network, tensors, Paths(self.path).model)
        return network.eval()

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probability of each class (N, K).

        X: pictures (N, H, W, C) of any size, uint8 or floats as in training, or rows (N, F).
        Raises BadInput for anything else, and for numbers that are not finite.
        """
        network = self.network  # made out here: its tensors are to be of use outside inference mode too
        with torch.inference_mode():
            parts = [self.recipe.loss.probabilities(network(part)) for part in self._inputs(X).split(BATCH)]
        return np.asarray(torch.cat(parts))

    def predict(self, X: np.ndarray) -> list[str]:
        """Name of the likeliest class of each example."""
        return [self.classes[k] for k in self.predict_proba(X).argmax(1)]

    def _inputs(self, X: np.ndarray) -> Tensor:
        shape = tuple(self.metadata["shape"])
        array = _numbers(X)
        if array.ndim == 3 and len(shape) == 3:
            array = array[..., None]
        given = (*array.shape[-1:], *shape[1:])
        if array.ndim != len(shape) + 1 or given != shape or 0 in array.shape[1:]:
            wanted = "(N, H, W, C)" if len(shape) == 3 else "(N, F)"
            raise BadInput(
                f"X must be {wanted} for examples of shape {shape}, but got {array.shape}; bring it to that form"
            )
        if self.recipe.data.size:
            array = resized(array, self.recipe.data.size, self.recipe.data.fit)
        tensor = torch.tensor(array)
        scaled = tensor.float() / WHITE if tensor.dtype == torch.uint8 and len(shape) == 3 else tensor.float()
        return scaled.permute(0, 3, 1, 2) if len(shape) == 3 else scaled

    def _check_model(self) -> None:
        path = Paths(self.path).model
        expected = self.result["sha256"][path.name]
        if not path.is_file() or sha256(path) != expected:
            raise DamagedFile(
                f"{path} is missing or does not match the checksum in result.json; restore it or train anew"
            )


def _numbers(X: Any) -> np.ndarray:
    """Bring inputs to uint8 or finite float32, as training does."""
    try:
        array = np.asarray(X)
    except ValueError:
        raise BadInput("X must hold examples of one shape, but got a ragged list; pad or cut them to one") from None
    if array.dtype.kind not in "uifb":
        raise BadInput(f"X must hold numbers, but got {array.dtype}; bring it to the form that the run was trained on")
    if array.dtype == np.uint8:
        return array
    with np.errstate(over="ignore"):
        numbers = array.astype(np.float32)
    bad = np.count_nonzero(~np.isfinite(numbers))
    if bad:
        raise BadInput(f"X must be finite in float32, but {bad} of its numbers are not; mend or drop such examples")
    return numbers


def _opened(path: Path) -> Any:
    try:
        return safe_open(path, "pt")
    except (SafetensorError, OSError) as error:
        raise DamagedFile(f"{path} is not a safetensors file ({error}); restore it or train anew") from None


def stored_result(root: Path) -> Metrics:
    """Read the result of a finished run; raise DamagedFile where the file is not one."""
    path = Paths(root).result
    result = read_sealed(path)
    if not result.keys() >= KEYS:
        raise DamagedFile(f"{path} is not a result: it must have {', '.join(sorted(KEYS))}; restore it or train anew")
    return result


def stored_recipe(root: Path, own: Sequence[type[Part]] = ()) -> Recipe:
    """Read the recipe of a run directory; own: classes of the user's own parts."""
    if not Paths(root).recipe.is_file():
        raise BadInput(
            f"a run is a directory with a recipe.toml, but {root} has none; "
            "give the directory that luthier train printed"
        )
    return read_recipe(read_toml(Paths(root).recipe), own)
