"""Warm processes that train trials at once; one that dies gives its job back."""

import selectors
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic

from luthier.core.worker_process import Key, Worker
from luthier.study.tune.worker import Job, WorkerSettings

"""Where this package lies, wherever the caller found it."""


MAX_RETRIES = 2
"""How often a job is given to another worker, after one died of it."""


TICK = 0.5


@dataclass(frozen=True)
class Message(Generic[Key]):
    """What a worker says of a job: a score after an epoch, its end with what came of it, or that it died of it.

    run: directory of an ordinary run. fault: why there is none.
    """

    key: Key
    epoch: int | None = None
    score: float | None = None
    outcome: dict[str, Any] | None = None
    run: str | None = None
    fault: str | None = None
    died: str | None = None

    @property
    def ended(self) -> bool:
        return self.epoch is None


class WorkerPool(Generic[Key]):
    """Several workers. folder: for their logs. check: called often; it may raise to end the work."""

    def __init__(self, count: int, threads: int, folder: Path) -> None:
        self.threads, self.folder = threads, folder
        self.setting: WorkerSettings | None = None
        self.check: Callable[[], None] = lambda: None
        self.workers: list[Worker[Key]] = []
        self.selector = selectors.DefaultSelector()
        for number in range(count):
            self._start_worker(number)

    def _start_worker(self, number: int) -> None:
        worker: Worker[Key] = Worker(self.threads, self.folder / f"worker-{number}.log")
        self.workers.append(worker)
        self.selector.register(worker.answers, selectors.EVENT_READ, (worker, number))

    def open(self, setting: WorkerSettings) -> None:
        """Let them open the data, which must be there by now."""
        self.setting = setting
        for worker in self.workers:
            worker.send(setting)

    @property
    def idle_worker(self) -> Worker[Key] | None:
        """A worker without a job."""
        return next((one for one in self.workers if one.key is None), None)

    @property
    def is_busy(self) -> bool:
        """Whether any has a job."""
        return any(one.key is not None for one in self.workers)

    def give(self, key: Key, job: Job) -> None:
        """Give a job to a worker that has none."""
        worker = self.idle_worker
        assert worker is not None
        worker.key = key
        worker.send(job)

    def receive(self) -> Iterator[Message[Key]]:
        """What workers have said by now, or say within half a second."""
        for chosen, _ in self.selector.select(TICK):
            worker, number = chosen.data
            answers = worker.receive()
            if answers is None:
                yield from self._replace_worker(worker, number)
                continue
            for answer in answers:
                assert worker.key is not None
                message = Message(worker.key, **answer)
                if message.ended:
                    worker.key = None
                yield message

    def _replace_worker(self, worker: Worker[Key], number: int) -> Iterator[Message[Key]]:
        key, words = worker.key, worker.last_words()
        self.selector.unregister(worker.answers)
        worker.end()
        self.workers.remove(worker)
        self._start_worker(number)
        if self.setting is not None:
            self.workers[-1].send(self.setting)
        if key is not None:
            yield Message(key, died=words)

    def end(self) -> None:
        """Leave no process behind."""
        for worker in self.workers:
            worker.end()
        self.selector.close()


@contextmanager
def open_worker_pool(count: int, threads: int) -> Iterator[WorkerPool[Any]]:
    """Have a crew as long as it is needed; its processes start at once, and open the data when told to."""
    with tempfile.TemporaryDirectory(prefix="luthier-") as folder:
        pool: WorkerPool[Any] = WorkerPool(count, threads, Path(folder))
        try:
            yield pool
        finally:
            pool.end()


NextJob = Callable[[], tuple[Any, Job] | None]


OnMessage = Callable[[Message[Any]], None]


def run_jobs(pool: WorkerPool[Any], give: NextJob, take: OnMessage) -> None:
    """Keep a pool at work until there is nothing to give and nobody at work.

    give: the next job and its key, or None where there is none by now. take: is told everything that workers say.
    """
    while True:
        pool.check()
        while pool.idle_worker is not None and (next_one := give()) is not None:
            pool.give(*next_one)
        if not pool.is_busy:
            return
        for message in pool.receive():
            take(message)
