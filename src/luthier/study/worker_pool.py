"""Processes that train jobs at the same time, for every kind of study, and the one loop that gives jobs to them.

A job is idempotent and goes on from its checkpoint: a worker that is lost costs time only, and its job goes to another
one, `MAX_RETRIES` times at most.
"""

import selectors
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from luthier.core.errors import BadInput, DamagedFile, Diverged, Interrupted, LostDirectory, LuthierError
from luthier.core.lock import NAME, check_held, find_mark
from luthier.core.signals import catch_signals
from luthier.core.worker_process import WorkerProcess, count_processors

WORKER = ("-m", "luthier.study.worker")
MAX_RETRIES = 2
"""How often a job is given to another worker, after it has lost one."""
TICK = 0.5
GRACE = 20.0
"""Seconds that workers have to save their state after a signal."""
ERRORS = {kind.__name__: kind for kind in (BadInput, DamagedFile, Diverged, LostDirectory, LuthierError)}

Key = TypeVar("Key")


@dataclass(frozen=True)
class Setup:
    """What all jobs of a worker have in common. threads: of PyTorch."""

    device: str
    threads: int


@dataclass(frozen=True)
class AddedLabels:
    """Labels that a finished run gives to unlabelled examples, which then join the training part.

    run: its directory. share: of the unlabelled examples, those that it is surest of. file: where the labels are kept;
    where it exists already, nothing is labelled anew.
    """

    run: str
    share: float
    file: str


@dataclass(frozen=True)
class Job:
    """A recipe to be trained in a directory.

    The view of the data, such as a fold or a number of examples, stands in the recipe's split. data: folder of the
    shared data set. until: the epoch after which a trial stops; None trains an ordinary run, which reads the test part
    once. measure: costs of a trial's network that are to be measured. labels: what is added to the training part.
    owner: what the lock of the study is known by, in whose directory the job's lies; None where it lies in none.
    """

    recipe: dict[str, Any]
    data: str
    directory: str
    until: int | None = None
    measure: tuple[str, ...] = ()
    labels: AddedLabels | None = None
    owner: list[int] | None = None


@dataclass(frozen=True)
class Message(Generic[Key]):
    """What is said of a job: an epoch has ended, a warning, or how the job ended.

    score: of the deciding metric after the epoch, None where it has none. outcome: of a trial. run: directory of a
    finished ordinary run. fault: why there is none. lost: the last words of the worker, which died of the job.
    """

    key: Key
    epoch: int | None = None
    score: float | None = None
    warning: str | None = None
    outcome: dict[str, Any] | None = None
    run: str | None = None
    fault: LuthierError | None = None
    lost: str | None = None

    @property
    def ended(self) -> bool:
        """Whether the worker has nothing more to say of the job."""
        return self.epoch is None and self.warning is None


def read_job(values: dict[str, Any]) -> Job:
    """Return the job that `asdict` put into plain values."""
    labels = values["labels"]
    return Job(**{**values, "labels": AddedLabels(**labels) if labels else None})


def describe_fault(error: LuthierError) -> dict[str, Any]:
    """Return an error in plain values, for `Message.fault`."""
    problems = error.problems if isinstance(error, BadInput) else (str(error),)
    return {"fault": {"kind": type(error).__name__, "problems": list(problems)}}


def _read_message(key: Key, values: dict[str, Any]) -> Message[Key]:
    fault = values.get("fault")
    error = ERRORS.get(fault["kind"], LuthierError)(*fault["problems"]) if fault else None
    return Message(key, **{**values, "fault": error})


class WorkerPool(Generic[Key]):
    """Several workers; one that dies is replaced. folder: for their logs.

    check: called at every turn of the work; it may raise to end it.
    """

    def __init__(self, count: int, setup: Setup, folder: Path) -> None:
        self.setup, self.folder = setup, folder
        self.check: Callable[[], None] = lambda: None
        self.selector = selectors.DefaultSelector()
        self.workers: dict[int, WorkerProcess] = {}
        self.keys: dict[int, Key] = {}
        """The job that each busy worker has."""
        for number in range(count):
            self._start(number)

    def _start(self, number: int) -> None:
        worker = WorkerProcess(WORKER, self.folder / f"worker-{number}.log", self.setup.threads)
        self.workers[number] = worker
        self.selector.register(worker.output, selectors.EVENT_READ, number)
        worker.send(asdict(self.setup))

    @property
    def size(self) -> int:
        """How many workers there are."""
        return len(self.workers)

    @property
    def idle(self) -> bool:
        """Whether any worker has no job."""
        return len(self.keys) < len(self.workers)

    @property
    def busy(self) -> bool:
        """Whether any worker has a job."""
        return bool(self.keys)

    def give(self, key: Key, job: Job) -> None:
        """Give a job to a worker that has none."""
        number = next(one for one in self.workers if one not in self.keys)
        self.keys[number] = key
        self.workers[number].send(asdict(job))

    def receive(self) -> Iterator[Message[Key]]:
        """Yield what workers have said by now, or say within half a second."""
        for event, _ in self.selector.select(TICK):
            number = event.data
            answers = self.workers[number].receive()
            if answers is None:
                yield from self._replace(number)
                continue
            for answer in answers:
                message = _read_message(self.keys[number], answer)
                if message.ended:
                    del self.keys[number]
                yield message

    def _replace(self, number: int) -> Iterator[Message[Key]]:
        """Start another worker in place of a dead one, and say which job lost it."""
        worker = self.workers[number]
        words = worker.last_words()
        self.selector.unregister(worker.output)
        worker.end()
        self._start(number)
        if number in self.keys:
            yield Message(self.keys.pop(number), lost=words)

    def stop(self) -> None:
        """Let workers save their state and leave, for as long as `GRACE` says."""
        for worker in self.workers.values():
            worker.stop()
        end = time.monotonic() + GRACE
        for worker in self.workers.values():
            worker.wait(end - time.monotonic())

    def end(self) -> None:
        """Leave no process behind."""
        for worker in self.workers.values():
            worker.end()
        self.selector.close()


@contextmanager
def open_worker_pool(count: int, device: str, threads: int) -> Iterator[WorkerPool[Any]]:
    """Have workers for as long as they are needed; they start at once, while the caller still reads the data.

    Interrupted from inside gives them the time to save their state.
    """
    with tempfile.TemporaryDirectory(prefix="luthier-") as folder:
        pool: WorkerPool[Any] = WorkerPool(count, Setup(device, threads), Path(folder))
        try:
            yield pool
        except Interrupted:
            pool.stop()
            raise
        finally:
            pool.end()


@contextmanager
def interrupt_on_signal(pool: WorkerPool[Any], root: Path, message: str) -> Iterator[None]:
    """Let a signal end the work of a pool with Interrupted, which says a message.

    root: the directory of its study, which this process has locked; LostDirectory ends the work where it is another.
    """
    with catch_signals() as signals:

        def check() -> None:
            if signals.number:
                raise Interrupted(signals.number, message)
            check_held(root / NAME)

        pool.check = check
        yield


def own_place(directory: Path) -> list[int] | None:
    """Check that a run of a study, which this process has locked, lies in it; return what that lock is known by."""
    check_held(directory / NAME)
    return find_mark(directory.parent)


def count_workers(workers: int | None, threads: int) -> int:
    """Return how many workers are asked for: by default one for each core, fewer where each has several threads."""
    return workers or max(1, count_processors() // threads)


class JobOwner(Protocol[Key]):
    """Who has jobs to be done, and is told what becomes of them."""

    def next_job(self) -> tuple[Key, Job] | None:
        """Return the next job and its key; None where there is none by now, which is asked again after a message."""

    def begin(self, key: Key) -> None:
        """Take note that a worker has got a job, for the first time or again."""

    def receive(self, message: Message[Key]) -> None:
        """Take note of what is said of a job, all but that it lost its worker."""

    def lose(self, key: Key, words: str) -> int:
        """Take note that a job lost its worker; return how often that has happened to it. words: its last ones."""

    def give_up(self, key: Key, why: str) -> None:
        """Take note that a job has lost too many workers; may raise to end the work."""


def run_jobs(pool: WorkerPool[Key], owner: JobOwner[Key]) -> None:
    """Keep workers busy until there is no job left and none under way; a job that lost its worker is given again."""
    jobs: dict[Key, Job] = {}
    lost: list[Key] = []
    while True:
        pool.check()
        while pool.idle:
            if lost:
                key = lost.pop()
            elif (task := owner.next_job()) is not None:
                key, jobs[key] = task
            else:
                break
            pool.give(key, jobs[key])
            owner.begin(key)
        if not pool.busy:
            return
        for message in pool.receive():
            if message.lost is None:
                owner.receive(message)
                continue
            pool.check()
            losses = owner.lose(message.key, message.lost)
            if losses > MAX_RETRIES:
                owner.give_up(message.key, f"its worker died {losses} times, last with {message.lost}")
            else:
                lost.append(message.key)
