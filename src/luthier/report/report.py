"""Writes the page of a run or a study, beside its other files."""

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from torch import nn

from luthier.core.declare import Part
from luthier.core.errors import BadInput, DamagedFile, LuthierError
from luthier.core.files import write_atomic
from luthier.data import DataArguments, Dataset
from luthier.recipe.read import read_recipe
from luthier.report.run_page import Material, run_page
from luthier.report.run_sections import PartPredictions
from luthier.report.study_page import study_page
from luthier.run import Run, RunPaths, is_unused
from luthier.study import STUDY_FILE, read_kind, read_study_file, run_directories
from luthier.training.device import plain_torch

Had = TypeVar("Had")


@plain_torch()
def report(
    path: Path | str,
    *,
    data: Any = None,
    model: nn.Module | None = None,
    own: Sequence[type[Part]] = (),
    data_dir: Path | str | None = None,
    quiet: bool = False,
) -> Path:
    """Write the page of a run or a study, `report.html` in its directory, and return its path.

    It shows what the run answered on its test part when it ended: that part is not read again. Where the run's data or
    its network are not to be had, the page says so and shows the rest.

    path: the directory of the run or the study. data: the run's own data, where they lie elsewhere now.
    model, own: your own network and parts, as for `luthier.load`. data_dir: where named sets are looked for first.
    quiet: no progress on stderr.
    Raises BadInput where there is neither a run nor a study, where the data given are others than the run's, or where
    they are given for a study.
    """
    root = Path(path)
    if (root / STUDY_FILE).is_file():
        if data is not None:
            raise BadInput(f"data go with the page of a run, but {root} is a study; leave them out, or name its runs")
        with _explain_damage(root):
            page = _of_study(root, own)
        return _write_page(root, page)
    run = Run(root, model, own)
    about = DataArguments(data, data_dir, quiet=quiet)
    given = _own_data(run, about) if data is not None else None
    with _explain_damage(root):
        page = run_page(run, _material(run, lambda: given or _own_data(run, about)))
    return _write_page(root, page)


@contextmanager
def _explain_damage(root: Path) -> Iterator[None]:
    """Say in a line that no page can be made of files whose checksums fit, but not what they say."""
    try:
        yield
    except LuthierError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise DamagedFile(
            f"no page can be made of what the files of {root} say ({error!r}); look with: luthier fsck {root}"
        ) from error


def _of_study(root: Path, own: Sequence[type[Part]]) -> str:
    if read_kind(root) == "tune":
        from luthier.report.tune_page import tune_page  # brings Optuna, which a training never needs
        from luthier.study.tune.study import read_tune_file

        plan = read_tune_file(root)
        return tune_page(root, plan, read_recipe(plan["recipe"], own))
    ledger, paths = read_study_file(root), run_directories(root)
    runs = [Run(path, own=own) for path in paths if not is_unused(path)]
    return study_page(root, ledger, read_recipe(ledger["recipe"], own), runs, len(paths))


def _own_data(run: Run, about: DataArguments) -> Dataset:
    dataset = about.load_again(run.recipe.data)
    if dataset.fingerprint != run.recipe.data.fingerprint:
        raise BadInput(f"the data must be those of the run, but {dataset.name} holds others; restore them")
    return dataset


def _material(run: Run, data: Callable[[], Dataset]) -> Material:
    gaps: list[str] = []
    remedy = f"; say where they lie now with: luthier report {shlex.quote(str(run.path))} --data DATA"
    dataset = _try_get(data, "data could not be had, and so their numbers and pictures", gaps, remedy)
    if not RunPaths(run.path).result.is_file():
        return Material(dataset, None, None, tuple(gaps))
    predictions = _try_get(
        lambda: run.test_predictions, "answers could not be had, and so classes and calibration", gaps
    )
    network = _try_get(lambda: run.network, "network could not be had, and so its filters", gaps)
    return Material(dataset, PartPredictions(run, predictions, dataset) if predictions else None, network, tuple(gaps))


def _try_get(get: Callable[[], Had], lost: str, gaps: list[str], remedy: str = "") -> Had | None:
    """Return the result of a call; None, and one more gap, where it fails."""
    try:
        return get()
    except LuthierError as error:
        gaps.append(f"The {lost} are missing: {error}{remedy}")
        return None


def _write_page(root: Path, page: str) -> Path:
    path = RunPaths(root).report
    write_atomic(path, page.encode())
    return path
