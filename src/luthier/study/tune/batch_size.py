"""Which batch sizes fit into memory, and which of them gets through the most examples in a second."""

import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from luthier.core.console import print_stderr
from luthier.core.errors import BadInput, LuthierError, raise_all
from luthier.core.options import PoolOptions
from luthier.core.worker_process import WorkerProcess
from luthier.data import DataArguments, Dataset, Task
from luthier.data.shared import share_dataset
from luthier.data.split import split
from luthier.recipe.compatibility import check_recipe
from luthier.recipe.recipe import Recipe
from luthier.recipe.resolve import Model, load_and_resolve
from luthier.recipe.values import RecipeLike
from luthier.study.tune.batch_size_worker import Probe, ProbeSettings
from luthier.training.device import choose, plain_torch

WORKER = ("-m", "luthier.study.tune.batch_size_worker")


FIRST, MOST = 8, 1 << 16


LONGEST = 5.0
"""Seconds that a step may take: larger batches are not tried."""


MARGIN = 1.25
"""So many times what is foreseen must be free: the kernels of larger batches may need more than their share."""


ROUNDS, SECONDS = 5, 0.2
"""Sizes take turns, so that what else the machine does meets all of them."""


ALIKE = 0.03


RULE = "the smallest of those within 3% of the most examples/s, as small batches take more steps over the same examples"


@dataclass(frozen=True)
class BatchRow:
    """One size. memory: bytes at the peak. steps: timed, of whose seconds the median is taken."""

    size: int
    steps: int
    seconds_per_example: float
    examples_per_second: float
    memory: int


@dataclass(frozen=True)
class BatchSizes:
    """What came of trying batch sizes.

    rows: of all that fit, the smallest first. largest: that fits. fastest: by `RULE`. why: nothing larger is there.
    examples: of the training part. memory of the rows: of tensors on CUDA, of the whole process elsewhere.
    """

    rows: tuple[BatchRow, ...]
    largest: int
    fastest: int
    why: str
    examples: int
    device: str
    threads: int

    def dump(self) -> dict[str, Any]:
        """Return plain values, with the rule by which the fastest was chosen."""
        return {**asdict(self), "rule": RULE}


@plain_torch()
def find_batch_size(
    data: Any,
    model: Model | None = None,
    *,
    recipe: RecipeLike = None,
    device: str = "auto",
    data_dir: Path | str | None = None,
    task: Task = "auto",
    threads: int | None = None,
    quiet: bool = False,
    **overrides: Any,
) -> BatchSizes:
    """Take training steps with batches of 8, 16, 32 ... examples until they do not fit, and time those that do.

    The steps are taken in another process, so that the caller lives on where memory runs out. A size that is foreseen
    not to fit, from what the last one took, is not tried. What the steps teach is thrown away, and neither validation
    nor test part is read. Tricks that begin later in a training are not met.

    data, model, recipe, device, data_dir, task, overrides: as for `luthier.train`; the recipe's own batch size does not
        matter. threads: of PyTorch, at least 1; by default as many as it takes by itself. quiet: no progress.
    Raises BadInput where the recipe breaks a rule, LuthierError where not even the smallest batch can be trained.

    >>> inputs, labels = [[float(one), 1.0] for one in range(60)], [0, 1] * 30
    >>> found = find_batch_size((inputs, labels), "mlp", device="cpu", threads=1, quiet=True)
    >>> [row.size for row in found.rows], found.largest, found.why
    ([8, 16, 32], 32, 'the training part has 44 examples')
    """
    if threads is not None:
        PoolOptions(threads=threads).check()
    place, count = choose(device), threads or torch.get_num_threads()
    about = DataArguments(data, data_dir, task=task, quiet=quiet)
    base, dataset = load_and_resolve(about, model, recipe, overrides)
    raise_all(check_recipe(base, "batch-size"))
    examples = base.sampling.length(len(split(dataset, base.seed, base.split).train))
    with _open_sizes(base, dataset, str(place), count) as sizes:
        memory, why = _find_fitting(sizes, examples, quiet)
        seconds = _time_sizes(sizes, list(memory))
    rows = tuple(_row(size, memory[size], steps) for size, steps in seconds.items())
    return BatchSizes(rows, rows[-1].size, fastest(rows), why, examples, str(place), count)


class Sizes:
    """Tries sizes in a process of its own, and in a new one where that died."""

    def __init__(self, settings: ProbeSettings, log: Path) -> None:
        self.settings, self.log = settings, log
        self._start()

    def _start(self) -> None:
        self.worker = WorkerProcess(WORKER, self.log, self.settings.threads)
        self.worker.send(asdict(self.settings))

    def visit(self, size: int, seconds: float) -> dict[str, Any]:
        """Return what `Steps.probe` says, or that the process died of it, and why."""
        self.worker.send(asdict(Probe(size, seconds)))
        found = self._receive()
        if found is None:
            why = f"its process ended with {self.worker.last_words()}"
            self.worker.end()
            self._start()
            return {"fits": False, "why": why}
        if "problems" in found:
            raise BadInput(*found["problems"])
        return {"why": "memory ran out", **found}

    def _receive(self) -> dict[str, Any] | None:
        while (answers := self.worker.receive()) == []:  # a part of a line
            pass
        return answers[0] if answers else None


@contextmanager
def _open_sizes(recipe: Recipe, dataset: Dataset, device: str, threads: int) -> Iterator[Sizes]:
    with tempfile.TemporaryDirectory(prefix="luthier-") as folder:
        share_dataset(dataset, Path(folder))
        sizes = Sizes(ProbeSettings(recipe.dump(), folder, device, threads), Path(folder) / "worker.log")
        try:
            yield sizes
        finally:
            sizes.worker.end()


def _find_fitting(sizes: Sizes, examples: int, quiet: bool) -> tuple[dict[int, int], str]:
    """Find the bytes at the peak of each size that fits, and why there is none larger."""
    memory: dict[int, int] = {}
    limit = min(examples, MOST)
    size = min(FIRST, limit)
    while True:
        found = sizes.visit(size, 0.0)
        if not found["fits"]:
            break
        memory[size] = found["peak"]
        if not quiet:
            print_stderr(
                f"batches of {size} fit: {found['peak'] / 1e6:,.0f} MB, a step takes {found['seconds'][-1]:.3g} s"
            )
        why = _too_large(2 * size, limit, examples, found)
        if why:
            return memory, why
        size *= 2
    if not memory:
        raise LuthierError(
            f"batches of {size} must fit into memory, but do not: {found['why']}; make the network or data.size "
            "smaller, or free memory"
        )
    return memory, f"batches of {size} do not fit: {found['why']}"


def _too_large(size: int, limit: int, examples: int, half: Mapping[str, Any]) -> str:
    """Why a size is not tried; empty where it is. half: what half of it came to."""
    grown, seconds = 2 * (half["peak"] - half["before"]), 2 * half["seconds"][-1]
    if size > limit:
        return f"the training part has {examples} examples" if limit == examples else f"{MOST} are the most to be tried"
    if grown * MARGIN > half["free"]:
        return (
            f"batches of {size} were not tried: they would take about {grown / 1e6:,.0f} MB, and "
            f"{half['free'] / 1e6:,.0f} MB are free"
        )
    if seconds > LONGEST:
        return f"batches of {size} were not tried: a step would take about {seconds:.0f} s"
    return ""


def _time_sizes(sizes: Sizes, fitting: Sequence[int]) -> dict[int, list[float]]:
    """Time the steps of each size; those that do not fit any more, as others took the memory, are left out."""
    found: dict[int, list[float]] = {one: [] for one in fitting}
    for _ in range(ROUNDS):
        for size in list(found):
            visit = sizes.visit(size, SECONDS)
            if not visit["fits"]:
                found = {one: steps for one, steps in found.items() if one < size}
                break
            found[size] += visit["seconds"]
    if not found:
        raise LuthierError(f"batches of {fitting[0]} fitted into memory, and then did not; free memory and try again")
    return found


def _row(size: int, memory: int, steps: Sequence[float]) -> BatchRow:
    median = statistics.median(steps)
    return BatchRow(size, len(steps), median / size, size / median, memory)


def fastest(rows: Sequence[BatchRow]) -> int:
    """Return the size to take where speed alone counts, by `RULE`.

    >>> rows = [BatchRow(size, 9, 1 / speed, speed, 0) for size, speed in ((8, 50.0), (16, 98.0), (32, 100.0))]
    >>> fastest(rows)
    16
    """
    most = max(row.examples_per_second for row in rows)
    return min(row.size for row in rows if row.examples_per_second >= (1 - ALIKE) * most)
