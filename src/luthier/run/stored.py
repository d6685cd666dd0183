"""Reads the files of a run directory that are plain values, and refuses what is damaged or of a newer format."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from luthier.core.batch import OF_DIMENSIONS
from luthier.core.declare import Part
from luthier.core.errors import BadInput, DamagedFile
from luthier.core.files import parse_json, read_sealed
from luthier.core.shape import (
    check_format,
    check_shape,
    find_misfit,
    is_count,
    is_flag,
    is_number,
    is_table,
    is_text,
    list_of,
    or_none,
    table_of,
    table_with,
)
from luthier.recipe.read import read_recipe
from luthier.recipe.recipe import Recipe
from luthier.recipe.values import read_toml
from luthier.run.directory import RunPaths
from luthier.run.provenance import check_run_format
from luthier.run.result import FORMAT, KEYS
from luthier.stats.metrics import METRICS, Metrics

MODEL = {"classes": list_of(is_text), "shape": list_of(is_count)}
MODEL_OPTIONAL = {"outputs": is_count, "temperature": is_number}
"""What the header of every model says; later ones say more."""


def parse_header(header: str, path: Path) -> dict[str, Any]:
    """Parse what the header of a model file says of its network; raise DamagedFile where it does not."""
    try:
        values = parse_json(header.encode())
    except (ValueError, RecursionError):
        values = None
    check_format(values, FORMAT, path)
    check_shape(values, MODEL, path, "the model of a run")
    more = {name: form for name, form in MODEL_OPTIONAL.items() if name in values}
    check_shape(values, more, path, "the model of a run")
    _check_agreement(values, path)
    return dict(values)


def _check_agreement(values: dict[str, Any], path: Path) -> None:
    """Raise DamagedFile where what a header says of one network does not go together."""
    shape, classes = values["shape"], values["classes"]
    outputs = values.get("outputs", len(classes))
    if len(shape) not in OF_DIMENSIONS:
        raise DamagedFile(f"{path} must say the shape of an example, but it has {len(shape)} dimensions; restore it")
    if (classes and len(classes) != outputs) or len(classes) == 1:
        raise DamagedFile(f"{path} must name each of its {outputs} classes, but names {len(classes)}; restore it")


def read_result(root: Path) -> Metrics:
    """Read the result of a finished run; raise DamagedFile where the file is not one."""
    path = RunPaths(root).result
    result = read_sealed(path)
    check_format(result, FORMAT, path)
    if not result.keys() >= KEYS:
        raise DamagedFile(f"{path} is not a result: it must have {', '.join(sorted(KEYS))}; restore it or train anew")
    check_shape(result, SHAPE, path, "a result")
    more = {name: form for name, form in OPTIONAL.items() if name in result}
    check_shape(result, more, path, "a result")
    return result


METRIC, PAIR = or_none(is_number), or_none(list_of(is_number, 2))
ERRORS = dict.fromkeys(("r2", "rmse", "mae"), PAIR)
FIGURES = {"intervals": table_of(PAIR), "methods": table_of(is_text), "undefined": table_of(is_text), "interval": PAIR}


def is_part(values: Any) -> bool:
    """Return whether a value is what a result says of a part: its size, and numbers with what is known of each."""
    if not isinstance(values, dict):
        return False
    first = {"accuracy": METRIC, "interval": PAIR} if "accuracy" in values else {"intervals": table_with(ERRORS)}
    known = {name: METRIC for name in values if name in METRICS}
    figures = {name: form for name, form in FIGURES.items() if name in values}
    return find_misfit(values, {"n": is_count, "loss": METRIC, **first, **known, **figures}) is None


SHAPE = {
    **dict.fromkeys(("epochs", "parameters", "seed", "steps"), is_count),
    **dict.fromkeys(("fingerprint", "recipe_hash"), is_text),
    **dict.fromkeys(("examples_per_second", "seconds"), is_number),
    "sha256": table_with(dict.fromkeys(("recipe.toml", "model.safetensors"), is_text)),
    "test": is_part,
    "test_reads": or_none(is_count),
    "validation": or_none(is_part),
}
"""The form of what every result has."""

OPTIONAL = {
    "calibration": or_none(
        table_with({"temperature": is_number, "test": table_with(dict.fromkeys(("before", "after"), is_table))})
    ),
    "diagnosis": table_of(is_text),
    "peak_memory_bytes": is_count,
    "recipe_hash_without_seed": is_text,
    "remarks": list_of(is_text),
    "sha256": table_of(is_text),
    "stopped_early": is_flag,
}
"""The form of what later results have too."""


def read_stored_recipe(root: Path, own: Sequence[type[Part]] = ()) -> Recipe:
    """Read the recipe of a run directory. own: classes of the user's own parts."""
    if not RunPaths(root).recipe.is_file():
        raise BadInput(
            f"a run is a directory with a recipe.toml, but {root} has none; "
            "give the directory that luthier train printed"
        )
    check_run_format(RunPaths(root).environment)
    values = read_toml(RunPaths(root).recipe)
    try:
        return read_recipe(values, own)
    except BadInput as error:
        raise BadInput(*(f"{problem}{_how_to_pass(problem, root)}" for problem in error.problems)) from None


def _how_to_pass(problem: str, root: Path) -> str:
    """Describe how to open a run whose recipe names parts of the user's own: no file can say where their code is."""
    unknown = "must be the name of a known " in problem or " must be one of " in problem
    return f"; if it is a part of your own, use Python: luthier.load({str(root)!r}, own=[ITS CLASS])" if unknown else ""
