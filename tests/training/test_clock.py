"""Seconds by phase, by a clock that the test moves."""

import pytest
import torch

from luthier.testing.training import prepared, start_training
from luthier.training import clock as module
from luthier.training.clock import PHASES, SAMPLED, STEP, Clock

CPU, QUEUED = torch.device("cpu"), torch.device("cuda")
TIMES = dict(zip(STEP, (1.0, 2.0, 4.0, 8.0), strict=True))


class Hands:
    """The machine's clock; waits counts how often a device was waited for."""

    def __init__(self, monkeypatch):
        self.now, self.waits = 100.0, 0
        monkeypatch.setattr(module.time, "perf_counter", lambda: self.now)
        monkeypatch.setattr(module.torch.accelerator, "synchronize", self.wait)

    def wait(self, device):
        self.waits += 1


@pytest.fixture
def hands(monkeypatch):
    return Hands(monkeypatch)


def step(clock, hands, scale=1.0):
    clock.begin_step()
    for phase, seconds in TIMES.items():
        hands.now += scale * seconds
        clock.ends(phase)
    hands.now += 1000  # what lies between steps belongs to none


def evaluation(clock, hands):
    clock.begin_evaluation()
    hands.now += 16
    clock.ends("evaluation")


def test_on_the_processor_every_step_counts(hands):
    clock = Clock(CPU)
    for scale in (1, 3):
        step(clock, hands, scale)
    evaluation(clock, hands)
    assert clock.read() == {"data": 4, "forward": 8, "backward": 16, "optimizer": 32, "evaluation": 16}
    assert clock.read() == dict.fromkeys(PHASES, 0.0)
    assert hands.waits == 0


def test_elsewhere_one_step_stands_for_many_but_not_the_first(hands):
    clock = Clock(QUEUED)
    step(clock, hands, 50)
    assert hands.waits == 0
    for _ in range(SAMPLED - 1):
        step(clock, hands, 2)
    evaluation(clock, hands)
    assert hands.waits == 5 + 2
    assert clock.read() == {**{phase: 2 * SAMPLED * one for phase, one in TIMES.items()}, "evaluation": 16}


def test_steps_of_which_none_was_timed_are_counted_later(hands):
    clock = Clock(QUEUED)
    step(clock, hands)
    evaluation(clock, hands)
    assert clock.read() == {**dict.fromkeys(STEP, 0.0), "evaluation": 16}
    step(clock, hands)
    assert clock.read() == {**{phase: 2 * one for phase, one in TIMES.items()}, "evaluation": 0}


def test_a_training_tells_all_its_phases():
    done = start_training(lambda: prepared({"training": {"epochs": 1, "batch_size": 9}}).trainer).advance()
    found = done.trainer.clock.read()
    assert list(found) == list(PHASES) and min(found.values()) > 0
