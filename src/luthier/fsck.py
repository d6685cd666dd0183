"""Verifies every file of a run or study: checksums, seals and what the files say of each other."""

import json
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from luthier.core.errors import BadInput, LuthierError
from luthier.core.files import read_json, sha256
from luthier.core.lock import NAME as LOCK
from luthier.engine.checkpoint import Checkpoint, open_checkpoint
from luthier.recipe import Recipe
from luthier.run import Paths, stored_recipe, unused
from luthier.run.result import METADATA
from luthier.study import LEDGER, members

RESULT_KEYS = {"epochs", "fingerprint", "model_sha256", "recipe_hash", "seed", "steps", "test"}

KNOWN = {"recipe.toml", "environment.json", "history.jsonl", "model.safetensors", "result.json", "checkpoints", LOCK}

SET_ASIDE = ("result-*.json", "model-*.safetensors")


def fsck(root: Path) -> list[str]:
    """List everything that is wrong with a run or a study; an empty list says that all is well.

    Raises BadInput where the directory is neither.
    """
    if (root / LEDGER).is_file():
        return [problem for member in members(root) for problem in _member(member)]
    if not Paths(root).recipe.is_file():
        raise BadInput(
            f"fsck needs the directory of a run or a study, but {root} is neither; give the one luthier printed"
        )
    return list(_run(Paths(root)))


def _member(path: Path) -> list[str]:
    return [] if unused(path) else list(_run(Paths(path)))


def _run(paths: Paths) -> Iterator[str]:
    try:
        recipe = stored_recipe(paths.root)
    except LuthierError as error:
        yield f"{paths.recipe}: {error}"
        return
    yield from _environment(paths)
    checkpoints: list[Checkpoint] = []
    for path in sorted(paths.checkpoints.glob("step-*.json")):
        try:
            checkpoints.append(open_checkpoint(path))
        except (LuthierError, OSError) as error:
            yield str(error)
    yield from _orphans(paths)
    yield from _history(paths, checkpoints)
    if paths.result.is_file():
        yield from _result(paths, recipe)


def _environment(paths: Paths) -> Iterator[str]:
    try:
        read_json(paths.environment)
    except FileNotFoundError:
        yield f"{paths.environment} is missing"
    except LuthierError as error:
        yield str(error)


def _orphans(paths: Paths) -> Iterator[str]:
    for one in sorted(paths.root.iterdir()):
        if one.name not in KNOWN and not any(fnmatch(one.name, pattern) for pattern in SET_ASIDE):
            yield f"{one} does not belong to a run"
    for path in sorted(paths.checkpoints.glob("step-*.safetensors")):
        if not path.with_suffix(".json").is_file():
            yield f"{path} has no manifest: a save was cut off; luthier resume removes it"


def _history(paths: Paths, checkpoints: list[Checkpoint]) -> Iterator[str]:
    content = paths.history.read_bytes() if paths.history.is_file() else b""
    for checkpoint in checkpoints:
        size = checkpoint.body["notes"]["history_bytes"]
        if len(content) < size:
            yield f"{paths.history} holds {len(content)} bytes, but {checkpoint.path.name} counts on {size}"
    steps = []
    for number, line in enumerate(content.splitlines(), 1):
        try:
            steps.append(json.loads(line)["step"])
        except (ValueError, KeyError, TypeError):
            yield f"{paths.history} line {number} is not a row of a history"
    if steps != sorted(steps):
        yield f"{paths.history} has steps out of order"


def _result(paths: Paths, recipe: Recipe) -> Iterator[str]:
    try:
        result: dict[str, Any] = read_json(paths.result)
    except LuthierError as error:
        yield str(error)
        return
    if not isinstance(result, dict) or not result.keys() >= RESULT_KEYS:
        yield f"{paths.result} is not a result: it must have {', '.join(sorted(RESULT_KEYS))}"
        return
    if result["recipe_hash"] != recipe.hash():
        yield f"{paths.result} is of recipe {result['recipe_hash'][:12]}, but recipe.toml is {recipe.hash()[:12]}"
    if not paths.model.is_file() or sha256(paths.model) != result["model_sha256"]:
        yield f"{paths.model} is missing or does not match the checksum in result.json"
        return
    try:
        with safe_open(paths.model, "np") as file:
            header = json.loads((file.metadata() or {}).get(METADATA, "{}"))
    except (SafetensorError, ValueError, OSError) as error:
        yield f"{paths.model} is not a safetensors file ({error})"
        return
    if header.get("recipe_hash") != result["recipe_hash"]:
        yield f"{paths.model} was written by another recipe than result.json"
