"""A process that tries training steps of a recipe at any batch size: what they take in time and memory.

It is driven by lines of JSON: the first holds `ProbeSettings`; every further one is a `Probe`, answered by what it
took. The system may end the process where memory runs out, which tells something too.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from luthier.core.errors import BadInput, ran_out_of_memory
from luthier.core.rng import fork_rng
from luthier.core.worker_process import Receive, Send, serve_messages
from luthier.data.shared import open_shared
from luthier.recipe.build import Prepared, prepare
from luthier.recipe.read import read_recipe
from luthier.training import start
from luthier.training.device import choose, plain_torch
from luthier.training.loop import draw_order
from luthier.training.out_of_memory import release
from luthier.training.step import train_step

SMALL = 2
"""A batch norm of rows needs so many examples."""


LEAST_STEPS, MOST_STEPS = 2, 100


TOO_MUCH = {"fits": False}


@dataclass(frozen=True)
class ProbeSettings:
    """A recipe, the folder of its shared data, and where and with how many threads it is trained."""

    recipe: dict[str, Any]
    data: str
    device: str
    threads: int


@dataclass(frozen=True)
class Probe:
    """Some steps. size: of their batches. seconds: to go on for, two steps at least."""

    size: int
    seconds: float


class Steps:
    """Takes steps and throws away what they teach: the rate is 0. Parts for validation and test are not read."""

    def __init__(self, prepared: Prepared) -> None:
        trainer = prepared.trainer
        self.trainer = replace(trainer, rates=tuple(0.0 for _ in trainer.rates))

    def probe(self, probe: Probe) -> dict[str, Any]:
        """Say whether a batch fits, and then the seconds of each step, and bytes: before, at the peak and left over."""
        try:
            return self._measure(probe)
        except (MemoryError, RuntimeError, TypeError) as error:
            if not ran_out_of_memory(error):
                raise
        release(self.trainer.device)  # only here: the error holds what the attempt had made
        return TOO_MUCH

    def _measure(self, probe: Probe) -> dict[str, Any]:
        device = self.trainer.device
        with fork_rng(device):
            self._steps(SMALL, 0.0)  # what the optimizer remembers does not grow with the batch
            forget_peak(device)
            before = peak(device)
            seconds = self._steps(probe.size, probe.seconds)
        if seconds is None:
            return TOO_MUCH
        return {"fits": True, "seconds": seconds, "before": before, "peak": peak(device), "free": available(device)}

    def _steps(self, size: int, lasting: float) -> list[float] | None:
        """Time each step but the first, which makes room; None where a batch had to go through in parts."""
        trainer = replace(self.trainer, training=replace(self.trainer.training, batch_size=size))
        run_state, found = start(trainer), list[float]()
        order = draw_order(trainer, run_state)[:size]
        end = time.perf_counter() + lasting
        while len(found) < LEAST_STEPS or (time.perf_counter() < end and len(found) < MOST_STEPS):
            began = time.perf_counter()
            run_state.order, run_state.position = order, 0
            train_step(trainer, run_state)
            float(run_state.pending.pop()[0])  # waits for the device
            found.append(time.perf_counter() - began)
            if run_state.micro_batch is not None:
                return None
        return found[1:]


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
    """Make the function that probes a size; it says what is wrong with the recipe where something is."""
    try:
        return Steps(
            prepare(read_recipe(settings.recipe), open_shared(Path(settings.data)), choose(settings.device))
        ).probe
    except BadInput as error:
        problems = {"problems": error.problems}
        return lambda visit: problems


STATUS, MEMINFO = Path("/proc/self/status"), Path("/proc/meminfo")


RESET, SCORE = Path("/proc/self/clear_refs"), Path("/proc/self/oom_score_adj")


FORGET_PEAK, FIRST_TO_GO = "5", "1000"


KILO = 1024


def forget_peak(device: torch.device) -> None:
    """Let the peak begin anew from what is taken now; where the system cannot, peaks never fall."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    else:
        _write(RESET, FORGET_PEAK)


def peak(device: torch.device) -> int:
    """Return the bytes taken at most since `forget_peak`: of tensors on an accelerator, else of the whole process."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    if device.type == "mps":
        return torch.mps.driver_allocated_memory()
    if STATUS.is_file():
        return _kilobytes(STATUS, "VmHWM") * KILO
    import resource  # which Windows lacks

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def available(device: torch.device) -> int:
    """Return the bytes that may still be taken without pushing anything out; half of all where the system is silent."""
    if device.type == "cuda":
        reserve = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + reserve
    if device.type == "mps":
        return torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory()
    if MEMINFO.is_file():
        return _kilobytes(MEMINFO, "MemAvailable") * KILO
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


def go_first() -> None:
    """Let the system end this process before any other where memory runs out all the same."""
    _write(SCORE, FIRST_TO_GO)


def _kilobytes(path: Path, name: str) -> int:
    (line,) = (one for one in path.read_text().splitlines() if one.startswith(f"{name}:"))
    return int(line.split()[1])


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text)
    except OSError:  # of another system, or of one that forbids it
        pass


if __name__ == "__main__":
    serve_messages(serve)
