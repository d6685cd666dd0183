"""A process that trains trials: `python -m luthier.study.tune.worker`, driven by lines of JSON on its standard input.

The first line holds `WorkerSettings`; every further line is a `Job`, answered by a line for every epoch and one with
what came of it. Nothing of the caller is imported or inherited. The process ends with its standard input, whatever it
is doing, that is at the latest with its caller; what it trains goes on from its last checkpoint.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from luthier.core.worker_process import Receive, Send, serve_caller

FINAL = "run"


@dataclass(frozen=True)
class WorkerSettings:
    """What all jobs of a worker have in common.

    data: folder of the shared data set. threads: of PyTorch. costs: what is to be measured of each network.
    """

    data: str
    device: str
    threads: int
    costs: tuple[str, ...]


@dataclass(frozen=True)
class Job:
    """A recipe to be trained in a directory to the end of an epoch; where that is None, as an ordinary run."""

    recipe: dict[str, Any]
    directory: str
    epochs: int | None


def main() -> None:
    """Run jobs until there are no more."""
    serve_caller(_serve)


def _serve(receive: Receive, send: Send) -> None:
    import torch  # while the caller still reads the data

    from luthier.data.shared import open_shared
    from luthier.recipe.read import read_recipe
    from luthier.study.tune.train_trial import TrialRun, train_trial
    from luthier.training.device import choose, plain_torch

    setting = WorkerSettings(**receive())
    torch.set_num_threads(setting.threads)
    device, dataset = choose(setting.device), open_shared(Path(setting.data))

    def tell(epoch: int, score: float) -> None:
        send({"epoch": epoch, "score": score})

    with plain_torch():
        while True:
            job = Job(**receive())
            recipe, directory = read_recipe(job.recipe), Path(job.directory)
            if job.epochs is None:
                send(_train_run(recipe, dataset, device, directory))
            else:
                trial_run = TrialRun(recipe, directory, job.epochs)
                found = train_trial(trial_run, dataset, device, setting.costs, tell)
                send({"outcome": found.dump()})


def _train_run(recipe: Any, dataset: Any, device: Any, directory: Path) -> dict[str, Any]:
    """Train an ordinary run, or go on with it; a finished one stays what it is. Tells where, or why there is none."""
    from luthier.core.errors import BadInput, Diverged
    from luthier.recipe.build import prepare
    from luthier.recipe.resolve import resolve
    from luthier.run import RunPaths, is_unused
    from luthier.run.write import resume_run, start_run

    try:
        if not RunPaths(directory).result.is_file():
            prepared = prepare(resolve(recipe, dataset), dataset, device, use="run")
            (start_run if is_unused(directory) else resume_run)(prepared, directory, None, quiet=True)
    except (BadInput, Diverged) as error:
        return {"fault": str(error)}
    return {"run": str(directory)}


if __name__ == "__main__":
    main()
