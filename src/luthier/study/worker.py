"""The process that trains the jobs of every study: `python -m luthier.study.worker`, which a `WorkerPool` talks to.

The first message is a `Setup`, every further one a `Job`, answered by what `Message` knows. What is under way when the
process ends goes on from its last checkpoint.
"""

import functools
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luthier.core.errors import Interrupted, LuthierError, LuthierWarning
from luthier.core.links import refuse_link
from luthier.core.lock import require_lock
from luthier.core.worker_process import Receive, Send, serve_messages
from luthier.study.worker_pool import Job, Setup, describe_fault, read_job

if TYPE_CHECKING:
    import torch

    from luthier.data import Dataset


def main() -> None:
    """Train jobs until there are no more."""
    serve_messages(serve)


def serve(receive: Receive, send: Send) -> None:
    """Train one job after another, and say what came of each."""
    import torch  # while the parent still reads the data

    from luthier.data.shared import open_shared
    from luthier.training.device import choose, plain_torch

    setup = Setup(**receive())
    torch.set_num_threads(setup.threads)
    device, open_data = choose(setup.device), functools.lru_cache(1)(open_shared)
    _hand_on_warnings(send)
    with plain_torch():
        while True:
            job = read_job(receive())
            train = _train_run if job.until is None else _train_trial
            try:
                _check_place(job)
                train(job, open_data(Path(job.data)), device, send)
            except Interrupted:  # what it was doing is saved
                return
            except LuthierError as error:
                send(describe_fault(error))


def _check_place(job: Job) -> None:
    """Refuse a directory that does not lie in the study whose job this is."""
    directory = Path(job.directory)
    refuse_link(directory)
    if job.owner is not None:
        require_lock(directory.parent, job.owner)


def _hand_on_warnings(send: Send) -> None:
    """Send Luthier's warnings to the parent, whose user reads them; those of others stay in the log."""
    usual = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
        if issubclass(category, LuthierWarning):
            send({"warning": str(message)})
        else:
            usual(message, category, *rest, **more)

    warnings.showwarning = show


def _train_trial(job: Job, dataset: "Dataset", device: "torch.device", send: Send) -> None:
    """Train to the end of an epoch, and send what came of it."""
    from luthier.recipe.read import read_recipe
    from luthier.study.tune.train_trial import TrialRun, train_trial

    assert job.until is not None
    trial_run = TrialRun(read_recipe(job.recipe), Path(job.directory), job.until)
    found = train_trial(
        trial_run, dataset, device, job.measure, lambda epoch, score: send({"epoch": epoch, "score": score})
    )
    send({"outcome": found.dump()})


def _train_run(job: Job, dataset: "Dataset", device: "torch.device", send: Send) -> None:
    """Train an ordinary run or go on with it, and send where it is."""
    from luthier.core.files import make_directory
    from luthier.core.lock import wait_for_lock
    from luthier.recipe.build import prepare
    from luthier.recipe.read import read_recipe
    from luthier.recipe.resolve import resolve
    from luthier.run import RunPaths, begin, is_unused, proceed
    from luthier.study.pseudo_labels import add_labels

    directory = Path(job.directory)
    make_directory(directory)
    with wait_for_lock(directory, lambda holder: None):
        pass  # the worker that had it before may not have died yet
    if not RunPaths(directory).result.is_file():
        recipe, dataset = add_labels(read_recipe(job.recipe), dataset, job.labels)
        prepared = prepare(resolve(recipe, dataset), dataset, device, use="run")
        (begin if is_unused(directory) else proceed)(prepared, directory, _tell_epochs(recipe.training.monitor, send))
    send({"run": str(directory)})


def _tell_epochs(metric: str, send: Send) -> Callable[..., None]:
    """Return a watch that sends the end of each epoch, with the score on the validation part where there is one."""

    def watch(state: Any, rows: list[dict[str, Any]]) -> None:
        if rows and state.order is None:
            scores = [row[metric] for row in rows if row["kind"] == "validation"]
            send({"epoch": state.epoch, "score": scores[-1] if scores else None})

    return watch


if __name__ == "__main__":
    main()
