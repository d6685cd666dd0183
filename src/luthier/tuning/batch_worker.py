"""A process that tries batch sizes: `python -m luthier.tuning.batch_worker`, driven by lines of JSON.

The first line holds `ProbeSettings`; every further line is a `Probe`, answered by what it took. The system may end the
process where memory runs out, which is an answer too.
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
from luthier.tuning.batch_steps import Probe, ProbeSettings, Steps
from luthier.tuning.dialogue import Receive, Send, serve_caller
from luthier.tuning.memory import go_first
from luthier.tuning.shared import open_shared


def serve(receive: Receive, send: Send) -> None:
    """Try one size after another for as long as somebody asks."""
    go_first()
    settings = ProbeSettings(**receive())
    torch.set_num_threads(settings.threads)
    with plain_torch():
        visited = _make_probe(settings)
        while True:
            send(visited(Probe(**receive())))


def _make_probe(settings: ProbeSettings) -> Callable[[Probe], dict[str, Any]]:
    """What a visit comes to; always what is wrong with the recipe where something is."""
    try:
        return Steps(
            prepare(read_recipe(settings.recipe), open_shared(Path(settings.data)), choose(settings.device))
        ).probe
    except BadInput as error:
        problems = {"problems": error.problems}
        return lambda visit: problems


if __name__ == "__main__":
    serve_caller(serve)
