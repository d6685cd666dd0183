"""Writes the page of a run or a study, beside its other files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from luthier.core.declare import Part
from luthier.core.errors import BadInput, LuthierError
from luthier.core.files import write_atomic
from luthier.core.switches import plain_torch
from luthier.data import Dataset
from luthier.data import load as load_data
from luthier.data.split import counted_as
from luthier.engine.device import choose
from luthier.ledger import count_test_read
from luthier.planning import stored_source
from luthier.recipe import read_recipe
from luthier.report.answers import answers
from luthier.report.run_page import Material, run_page
from luthier.report.study_page import study_page
from luthier.run import Paths, Run, unused
from luthier.study import LEDGER, members, read_ledger


@plain_torch()
def report(
    path: Path | str,
    *,
    data: Any = None,
    model: nn.Module | None = None,
    own: Sequence[type[Part]] = (),
    device: str = "auto",
    data_dir: Path | str | None = None,
    counted: bool = True,
    quiet: bool = False,
) -> Path:
    """Write the page of a run or a study, `report.html` in its directory, and return its path.

    Where a run's data or its network are not to be had, the page says so and shows the rest.

    path: the directory of the run or the study. data: the run's own data, where they lie elsewhere now.
    model, own: your own network and parts, as for `luthier.load`. data_dir: where named sets are looked for first.
    counted: whether what the page shows of the test part counts as one more read; a page that is made at the end of
        the training belongs to its one read. quiet: no progress on stderr.
    Raises BadInput where there is neither a run nor a study, or the data given are others than the run's.
    """
    root = Path(path)
    if (root / LEDGER).is_file():
        return _placed(root, _of_study(root, own))
    run, place = Run(root, model, own), choose(device)
    try:
        dataset = _own_data(run, data, None if data_dir is None else Path(data_dir), quiet)
    except LuthierError as error:
        if data is not None:
            raise
        gap = _without("data", error, "pictures and all that rests on single answers")
        return _placed(root, run_page(run, Material(None, None, gap, None)))
    return _placed(root, run_page(run, _material(run, dataset, place, counted)))


def _of_study(root: Path, own: Sequence[type[Part]]) -> str:
    ledger, paths = read_ledger(root), members(root)
    runs = [Run(path, own=own) for path in paths if not unused(path)]
    return study_page(root, ledger, read_recipe(ledger["recipe"], own), runs, len(paths))


def _own_data(run: Run, data: Any, data_dir: Path | None, quiet: bool) -> Dataset:
    source, recipe = stored_source(run.recipe, data), run.recipe
    schema = run.table if Paths(run.path).result.is_file() else None
    dataset = load_data(source, data_dir, recipe.data, schema=schema, quiet=quiet)
    if dataset.fingerprint != recipe.data.fingerprint:
        raise BadInput(f"the data must be those of the run, but {dataset.name} holds others; restore them")
    return dataset


def _material(run: Run, dataset: Dataset, device: torch.device, counted: bool) -> Material:
    if not Paths(run.path).result.is_file():
        return Material(dataset, None, "", None)
    try:
        found = answers(run, dataset, device)
    except LuthierError as error:
        return Material(dataset, None, _without("network", error, "all that rests on single answers"), None)
    reads = count_test_read(counted_as(dataset, run.recipe.split), str(run.path)) if counted else None
    return Material(dataset, found, "", reads)


def _without(what: str, error: LuthierError, lost: str) -> str:
    return f"The {what} could not be had, and so {lost} are missing: {error}"


def _placed(root: Path, page: str) -> Path:
    path = Paths(root).report
    write_atomic(path, page.encode())
    return path
