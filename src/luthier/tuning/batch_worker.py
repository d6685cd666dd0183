"""A process that tries batch sizes: `python -m luthier.tuning.batch_worker`, driven by lines of JSON.

The first line is an `Errand`; every further line is a `Visit`, answered by what it took. The system may end the process
where memory runs out, which is an answer too.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from luthier.build import prepare
from luthier.core.errors import BadInput
from luthier.core.switches import plain_torch
from luthier.engine.device import choose
from luthier.recipe import read_recipe
from luthier.tuning.batch_steps import Errand, Steps, Visit
from luthier.tuning.dialogue import Hear, Say, answering
from luthier.tuning.memory import go_first
from luthier.tuning.shared import shared


def serve(hear: Hear, say: Say) -> None:
    """Try one size after another for as long as somebody asks."""
    go_first()
    errand = Errand(**hear())
    torch.set_num_threads(errand.threads)
    with plain_torch():
        visited = _made(errand)
        while True:
            say(visited(Visit(**hear())))


def _made(errand: Errand) -> Callable[[Visit], dict[str, Any]]:
    """What a visit comes to; always what is wrong with the recipe where something is."""
    try:
        return Steps(prepare(read_recipe(errand.recipe), shared(Path(errand.data)), choose(errand.device))).visited
    except BadInput as error:
        problems = {"problems": error.problems}
        return lambda visit: problems


if __name__ == "__main__":
    answering(serve)
