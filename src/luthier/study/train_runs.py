"""Trains the runs of a study: several at the same time on workers, or one after another in this process."""

import contextlib
import warnings
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from luthier.core.console import count_noun, format_duration, print_stderr
from luthier.core.errors import Interrupted, LuthierError, LuthierWarning
from luthier.data import Dataset
from luthier.data.shared import shared_folder
from luthier.recipe.build import Prepared, prepare
from luthier.recipe.recipe import Recipe
from luthier.recipe.resolve import resolve
from luthier.run import RunPaths, is_unused
from luthier.run.write import resume_run, start_run
from luthier.study.design import StudyDesign
from luthier.study.progress import Say, StudyProgress, show_progress
from luthier.study.pseudo_labels import add_labels
from luthier.study.worker_pool import (
    MAX_RETRIES,
    AddedLabels,
    Job,
    Message,
    count_workers,
    interrupt_on_signal,
    open_worker_pool,
    own_place,
    run_jobs,
)


@dataclass(frozen=True)
class StudyRun:
    """A run of a study.

    previous: number of the run that must be finished before this one can begin; None where it waits for none.
    labels: what a finished run adds to its training part.
    """

    name: str
    recipe: Recipe
    directory: Path
    previous: int | None
    labels: AddedLabels | None

    @property
    def is_finished(self) -> bool:
        """Whether it has its result."""
        return RunPaths(self.directory).result.is_file()


@contextlib.contextmanager
def note_warnings() -> Iterator[set[str]]:
    """Give the texts of the warnings that are said meanwhile."""
    told, usual = set[str](), warnings.showwarning

    def show(message: Warning | str, *rest: Any, **more: Any) -> None:
        told.add(str(message))
        usual(message, *rest, **more)

    warnings.showwarning = show
    try:
        yield told
    finally:
        warnings.showwarning = usual


def list_runs(design: StudyDesign, recipe: Recipe, root: Path) -> list[StudyRun]:
    """Return the runs that a study of a recipe in a directory consists of."""
    return [
        StudyRun(name, variant, root / name, design.previous(number), design.added_labels(number, root))
        for number, (name, variant) in enumerate(design.variants(recipe).items())
    ]


def count_at_once(runs: Sequence[StudyRun]) -> int:
    """Return how many unfinished runs wait for none, which is how many can ever be trained at the same time."""
    return sum(not run.is_finished and (run.previous is None or runs[run.previous].is_finished) for run in runs)


@dataclass(frozen=True)
class RunOptions:
    """How the runs of a study are trained.

    module: the user's own network. workers: how many are trained at the same time, by default one for each core.
    threads: of each; None stands for 1 on workers, and in this process for what it has. quiet: no progress on stderr.
    log: names of loggers. told: warnings that need not be said again.
    """

    device: torch.device
    module: nn.Module | None = None
    workers: int | None = None
    threads: int | None = None
    quiet: bool = False
    log: Sequence[str] = ()
    told: Collection[str] = ()


def find_obstacle(recipe: Recipe, options: RunOptions) -> str | None:
    """Say what cannot be handed to other processes, which know the names of the catalogue alone; None for nothing."""
    if options.module is not None:
        return f"a network of your own, {type(options.module).__name__},"
    if own := recipe.own_classes():
        return f"a part of your own, {', '.join(one.name for one in own)},"
    return f"a logger, {', '.join(options.log)}," if options.log else None


def train_runs(
    runs: Sequence[StudyRun], dataset: Dataset, options: RunOptions, ready: dict[str, Prepared] | None = None
) -> None:
    """Train the unfinished runs of a study: on workers, or in this process where that comes to the same.

    That is where only one can be trained at a time, with the threads that this process has. What cannot be handed to
    workers is trained here too. ready: what is built already, by the hash of its recipe; it is taken out.
    Raises what the training of a run raises, and Interrupted after a signal.
    """
    at_once = count_at_once(runs)
    obstacle = find_obstacle(runs[0].recipe, options)
    if obstacle:
        if at_once > 1 and not options.quiet:
            print_stderr(f"luthier: {obstacle} cannot be handed to workers; the runs are trained one after another")
        with use_threads(options.threads):
            train_one_by_one(runs, dataset, options, ready)
        return
    threads = options.threads or 1
    workers = min(count_workers(options.workers, threads), at_once)
    if workers > 1 or (workers and threads != torch.get_num_threads()):
        if ready is not None:
            ready.clear()  # its memory is needed by the workers
        train_at_once(runs, dataset, options, workers, threads)
    else:
        train_one_by_one(runs, dataset, options, ready)


@contextlib.contextmanager
def use_threads(threads: int | None) -> Iterator[None]:
    """Let PyTorch have so many threads, and give the caller's back; None leaves them as they are."""
    before = torch.get_num_threads()
    if threads is None or threads == before:
        yield
        return
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def train_one_by_one(
    runs: Sequence[StudyRun], dataset: Dataset, options: RunOptions, ready: dict[str, Prepared] | None = None
) -> None:
    """Train the unfinished runs one after another in this process."""
    ready = {} if ready is None else ready
    for run in runs:
        if run.is_finished:
            continue
        own_place(run.directory)
        prepared = ready.pop(run.recipe.hash(), None) or prepare_study_run(run, dataset, options)
        train = start_run if is_unused(run.directory) else resume_run
        try:
            train(prepared, run.directory, options.module, options.quiet, options.log)
        except Interrupted as error:
            message = f"{error}, or with the whole study: luthier resume {run.directory.parent}"
            raise Interrupted(error.exit_code - 128, message) from None


def prepare_study_run(run: StudyRun, dataset: Dataset, options: RunOptions) -> Prepared:
    """Build what a run of a study trains."""
    recipe, dataset = add_labels(run.recipe, dataset, run.labels, options.module)
    return prepare(resolve(recipe, dataset), dataset, options.device, options.module, use="run")


def train_at_once(runs: Sequence[StudyRun], dataset: Dataset, options: RunOptions, workers: int, threads: int) -> None:
    """Train the unfinished runs on workers; what comes of them does not depend on how many there are.

    What one of them raises is raised at once; the others have saved what they had by then, as after a signal.
    """
    root = runs[0].directory.parent
    with (
        open_worker_pool(workers, str(options.device), threads) as pool,
        shared_folder(dataset, root) as data,
        show_progress(partial(RunsProgress, runs), options.quiet) as progress,
    ):
        owner = _RunOwner(runs, data, progress, options.told)
        progress.say(f"{count_noun(progress.jobs, 'run')} on {count_noun(workers, 'worker')}")
        try:
            message = f"interrupted; what was trained is kept; go on with: luthier resume {root}"
            with interrupt_on_signal(pool, root, message):
                run_jobs(pool, owner)
        except LuthierError:
            pool.stop()
            raise


class _RunOwner:
    """Has the unfinished runs of a study trained; one that waits for another is given when that is finished."""

    def __init__(
        self, runs: Sequence[StudyRun], data: str, progress: StudyProgress, told: Collection[str] = ()
    ) -> None:
        self.runs, self.data, self.progress, self.told = runs, data, progress, set(told)
        self.finished = {number for number, run in enumerate(runs) if run.is_finished}
        unfinished = [number for number in range(len(runs)) if number not in self.finished]
        self.waiting = sorted(unfinished, key=lambda number: -_examples(runs[number]))
        """The longest first, so that no worker is left alone with one at the end."""
        self.losses: Counter[int] = Counter()

    def next_job(self) -> tuple[int, Job] | None:
        """Return the first run that need not wait."""
        for number in self.waiting:
            run = self.runs[number]
            if run.previous is None or run.previous in self.finished:
                self.waiting.remove(number)
                owner = own_place(run.directory)
                return number, Job(run.recipe.dump(), self.data, str(run.directory), labels=run.labels, owner=owner)
        return None

    def begin(self, key: int) -> None:
        """Tell that a worker has a run."""
        run = self.runs[key]
        self.progress.begin(run.name, run.recipe.training.epochs, weight=_examples(run))

    def receive(self, message: Message[int]) -> None:
        """Tell how far a run is, and raise what went wrong with it."""
        if message.fault is not None:
            raise message.fault
        if message.warning is not None:
            if message.warning not in self.told:
                self.told.add(message.warning)
                warnings.warn(message.warning, LuthierWarning, stacklevel=2)
        elif message.run is not None:
            self.finished.add(message.key)
            self.progress.end(self.runs[message.key].name)
        elif message.epoch is not None:
            self.progress.report_epoch(self.runs[message.key].name, message.epoch, message.score)

    def lose(self, key: int, words: str) -> int:
        """Count how often a run lost its worker."""
        self.losses[key] += 1
        if self.losses[key] <= MAX_RETRIES:
            self.progress.lose(self.runs[key].name, words)
        return self.losses[key]

    def give_up(self, key: int, why: str) -> None:
        """Raise LuthierError."""
        run = self.runs[key]
        raise LuthierError(
            f"{run.name} could not be trained: {why}; free memory, or take fewer --workers, and go on with: "
            f"luthier resume {run.directory.parent}"
        )


class RunsProgress(StudyProgress):
    """Progress of the runs of a study, whose lines tell the time left too."""

    def __init__(self, runs: Sequence[StudyRun], tell: Say, say: Say) -> None:
        unfinished = [run for run in runs if not run.is_finished]
        epochs = sum(run.recipe.training.epochs * _examples(run) for run in unfinished)
        super().__init__(runs[0].recipe.training.monitor, len(unfinished), epochs, tell=tell, say=say)

    def end(self, name: str, words: str = "") -> None:
        """Note that a run is finished, and say so."""
        job = self.running.get(name)
        score = "" if job is None or job.score is None else f"validation {self.metric} {job.score:.4f}"
        self.close(name)
        self.ended += 1
        left = self.seconds_left(tuple(self.running.values()))
        rest = f"about {format_duration(left)} left" if left else ""
        self.say("  ".join(filter(None, (name, score, words, self.headline(), self.elapsed, rest))))


def _examples(run: StudyRun) -> int:
    """Return how long an epoch of a run takes, beside those of the others: its number of examples where they differ."""
    return run.recipe.split.examples or 1
