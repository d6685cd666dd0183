"""Where the time of a training goes: seconds by phase."""

import time

import torch

STEP = ("data", "forward", "backward", "optimizer")


PHASES = (*STEP, "evaluation")


SAMPLED = 16


class Clock:
    """A stop watch that is told which phase has just ended.

    device: where the training runs. On the CPU every step is timed. Elsewhere work is only queued: there one step in 16
    is waited for, phase by phase, and stands for all, so that the others are not slowed.

    >>> clock = Clock(torch.device("cpu"))
    >>> clock.begin_step()
    >>> clock.ends("data")
    >>> list(clock.read())
    ['data', 'forward', 'backward', 'optimizer', 'evaluation']
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.queued = device.type != "cpu"
        self.timing, self.last = False, 0.0
        self.all_steps = self.steps = self.timed = 0
        self.seconds = dict.fromkeys(PHASES, 0.0)

    def begin_step(self) -> None:
        """Note that a training step begins; the first one on a device that queues is slow and left out."""
        self.timing = not self.queued or self.all_steps % SAMPLED == 1
        self.all_steps += 1
        self.steps += 1
        self.timed += self.timing
        self._begin()

    def begin_evaluation(self) -> None:
        """Note that an evaluation begins."""
        self.timing = True
        self._begin()

    def ends(self, phase: str) -> None:
        """Count what was done since the last word to this phase."""
        if self.timing:
            now = self._now()
            self.seconds[phase] += now - self.last
            self.last = now

    def read(self) -> dict[str, float]:
        """Return seconds by phase since the last read; steps of which none was timed are counted with the next ones."""
        times = {**dict.fromkeys(STEP, self.steps / self.timed if self.timed else 0.0), "evaluation": 1.0}
        told = {phase: round(seconds * times[phase], 6) for phase, seconds in self.seconds.items()}
        self.seconds = dict.fromkeys(PHASES, 0.0)
        self.steps, self.timed = 0 if self.timed else self.steps, 0
        return told

    def _begin(self) -> None:
        if self.timing:
            self.last = self._now()

    def _now(self) -> float:
        if self.queued:
            torch.accelerator.synchronize(self.device)
        return time.perf_counter()
