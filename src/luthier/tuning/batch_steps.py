"""Training steps of a recipe at any batch size: what they take in time and memory."""

import time
from dataclasses import dataclass, replace
from typing import Any

from luthier.build import Prepared
from luthier.core.errors import ran_out_of_memory
from luthier.core.rng import fork_rng
from luthier.engine import start
from luthier.engine.loop import epoch_order
from luthier.engine.memory import release
from luthier.engine.step import train_step
from luthier.tuning.memory import available, forget_peak, peak

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
        """Seconds of each step but the first, which makes room; None where a batch had to go through in parts."""
        trainer = replace(self.trainer, training=replace(self.trainer.training, batch_size=size))
        run_state, found = start(trainer), list[float]()
        order = epoch_order(trainer, run_state)[:size]
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
