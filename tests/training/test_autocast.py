"""The trial of a precision in a process of its own."""

import sys

import pytest

from luthier.training import device
from luthier.training.device import autocast_fault


@pytest.mark.parametrize(
    ("trial", "fault"),
    [
        ("pass", None),
        ("import os, signal; os.kill(os.getpid(), signal.SIGILL)", "it was killed by SIGILL"),
        ("raise TypeError('no\\nsuch')", "it failed with such"),
        ("raise SystemExit(3)", "it failed with no word"),
    ],
)
def test_whatever_becomes_of_the_child_is_told_in_one_line(trial, fault, monkeypatch):
    monkeypatch.setattr(device, "TRIAL", trial)
    assert autocast_fault.__wrapped__("cpu", "bfloat16") == fault


def test_a_child_that_hangs_or_cannot_be_started(monkeypatch):
    monkeypatch.setattr(device, "TRIAL", "import time; time.sleep(9)")
    monkeypatch.setattr(device, "PATIENCE", 0.1)
    assert autocast_fault.__wrapped__("cpu", "bfloat16").startswith("it could not be finished (")
    monkeypatch.setattr(sys, "executable", "/no/python")
    assert autocast_fault.__wrapped__("cpu", "bfloat16").startswith("it could not be finished ([Errno 2] ")


def test_float32_works_everywhere_and_what_is_no_precision_nowhere():
    """The trial itself sees whether the logits have the precision that was asked for."""
    assert autocast_fault("cpu", "int8") is not None
