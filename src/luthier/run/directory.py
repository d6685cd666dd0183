"""Where the files of a run directory are."""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

from luthier.core.errors import BadInput, DamagedFile
from luthier.core.files import TEMPORARY, read_sealed, sync_directory, write_atomic
from luthier.core.lock import NAME as LOCK
from luthier.core.lock import check_held
from luthier.recipe.recipe import Recipe

SHOWN = 40
"""Letters of a file's name that the name of a new directory takes up."""

MARK = 12
"""Letters of a recipe's hash in the names of files that are set aside."""


@dataclass(frozen=True)
class RunPaths:
    """The paths of the files in a run directory."""

    root: Path

    @property
    def recipe(self) -> Path:
        return self.root / "recipe.toml"

    @property
    def environment(self) -> Path:
        return self.root / "environment.json"

    @property
    def history(self) -> Path:
        return self.root / "history.jsonl"

    @property
    def checkpoints(self) -> Path:
        return self.root / "checkpoints"

    @property
    def model(self) -> Path:
        return self.root / "model.safetensors"

    @property
    def predictions(self) -> Path:
        return self.root / "predictions.safetensors"

    @property
    def digests(self) -> Path:
        return self.root / "digests.safetensors"

    @property
    def result(self) -> Path:
        return self.root / "result.json"

    @property
    def report(self) -> Path:
        return self.root / "report.html"


def new_directory(recipe: Recipe, below: Path | str = "runs") -> Path:
    """Make a directory that did not exist, even where others do so too: the time, the data, the architecture."""
    source = recipe.data.source
    data = Path(source).stem[:SHOWN] if "/" in source else source
    name = f"{datetime.now():%Y%m%d-%H%M%S}-{data}-{recipe.model.name}"
    try:
        Path(below).mkdir(parents=True, exist_ok=True)
        for number in count(1):
            path = Path(below) / (name if number == 1 else f"{name}-{number}")
            with suppress(FileExistsError):
                path.mkdir()
                break
    except OSError as error:
        raise BadInput(f"{below} must be a directory to write in, but is not ({error.strerror}); use --out") from None
    return path


def archive(paths: RunPaths) -> None:
    """Keep the result, model and predictions of a run that is continued, under the start of their recipe's hash."""
    if not paths.result.is_file():
        return
    mark = str(read_sealed(paths.result).get("recipe_hash"))[:MARK]
    if not re.fullmatch(f"[0-9a-f]{{{MARK}}}", mark):  # it becomes a part of names
        raise DamagedFile(f"{paths.result} does not name its recipe by a hash, but by {mark!r}; restore it")
    for path in (paths.model, paths.predictions):
        if path.is_file():  # copied: renames could be torn apart, and the result says that its files are there
            write_atomic(path.with_name(f"{path.stem}-{mark}{path.suffix}"), path.read_bytes())
    check_held(paths.result)
    os.replace(paths.result, paths.root / f"result-{mark}.json")
    paths.report.unlink(missing_ok=True)  # it shows what is set aside
    sync_directory(paths.root)


def is_unused(root: Path) -> bool:
    """Return whether nothing is there, or a directory with at most a lock and temporary files of ours."""
    if not os.path.isdir(root):
        return not os.path.lexists(root)
    return all(_is_ours(one.name) for one in root.iterdir())


def _is_ours(name: str) -> bool:
    return name == LOCK or (name.startswith(".") and name.endswith(TEMPORARY))
