"""A process that trains trials: `python -m luthier.tuning.worker`, driven by lines of JSON on its standard input.

The first line is a `Setting`; every further line is an `Errand`, answered by a line for every epoch and one with what
came of it. Nothing of the caller is imported or inherited. The process ends with its standard input, whatever it is
doing, that is at the latest with its caller; what it trains goes on from its last checkpoint.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from luthier.tuning.dialogue import Hear, Say, answering

FINAL = "run"


@dataclass(frozen=True)
class Setting:
    """What all errands of a worker have in common.

    data: folder of the shared data set. threads: of PyTorch. costs: what is to be measured of each network.
    """

    data: str
    device: str
    threads: int
    costs: tuple[str, ...]


@dataclass(frozen=True)
class Errand:
    """A recipe to be trained in a directory to the end of an epoch; where that is None, as an ordinary run."""

    recipe: dict[str, Any]
    directory: str
    epochs: int | None


def main() -> None:
    """Run errands until there are no more."""
    answering(_serve)


def _serve(hear: Hear, say: Say) -> None:
    import torch  # while the caller still reads the data

    from luthier.core.switches import plain_torch
    from luthier.engine.device import choose
    from luthier.recipe import read_recipe
    from luthier.tuning.practice import Practice, practised
    from luthier.tuning.shared import shared

    setting = Setting(**hear())
    torch.set_num_threads(setting.threads)
    device, dataset = choose(setting.device), shared(Path(setting.data))

    def tell(epoch: int, score: float) -> None:
        say({"epoch": epoch, "score": score})

    with plain_torch():
        while True:
            errand = Errand(**hear())
            recipe, directory = read_recipe(errand.recipe), Path(errand.directory)
            if errand.epochs is None:
                say(_trained(recipe, dataset, device, directory))
            else:
                practice = Practice(recipe, directory, errand.epochs)
                found = practised(practice, dataset, device, setting.costs, tell)
                say({"outcome": found.dump()})


def _trained(recipe: Any, dataset: Any, device: Any, directory: Path) -> dict[str, Any]:
    """Train an ordinary run, or go on with it; a finished one stays what it is. Tells where, or why there is none."""
    from luthier.conduct import begun, gone_on
    from luthier.core.errors import BadInput, Diverged
    from luthier.preparing import made_ready
    from luthier.run import Paths, unused

    try:
        if not Paths(directory).result.is_file():
            prepared = made_ready(recipe, dataset, device, None)
            (begun if unused(directory) else gone_on)(prepared, directory, None, quiet=True)
    except (BadInput, Diverged) as error:
        return {"fault": str(error)}
    return {"run": str(directory)}


if __name__ == "__main__":
    main()
