"""Devices by name."""

import subprocess
import sys
import threading

import pytest
import torch

from luthier.core.errors import BadInput
from luthier.training import device
from luthier.training.device import autocast_fault, choose, plain_torch


@pytest.fixture
def present(monkeypatch):
    """Pretend that some devices are there."""

    def pretend(*names):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: "cuda" in names)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: "mps" in names)

    return pretend


@pytest.mark.parametrize(("names", "chosen"), [(("cuda", "mps"), "cuda"), (("mps",), "mps"), ((), "cpu")])
def test_auto_takes_the_fastest_that_is_there(present, names, chosen):
    present(*names)
    assert choose("auto") == torch.device(chosen)


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_a_device_that_is_missing_is_refused(present, name):
    present()
    with pytest.raises(BadInput) as caught:
        choose(name)
    assert str(caught.value) == (
        f"device {name} must be present on this machine, but PyTorch finds none; use --device cpu or auto"
    )


def test_an_unknown_name_is_refused():
    with pytest.raises(BadInput) as caught:
        choose("gpu")
    assert str(caught.value) == "device must be one of auto, cpu, cuda, mps, but got 'gpu'; choose one with --device"


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


SWITCHED = {
    "no_grad": torch.no_grad,
    "inference_mode": torch.inference_mode,
    "autocast": lambda: torch.autocast("cpu", torch.bfloat16),
    "device": lambda: torch.device("meta"),
}


def switches():
    return (
        torch.get_default_dtype(),
        torch.is_grad_enabled(),
        torch.is_inference_mode_enabled(),
        torch.is_autocast_enabled("cpu"),
        torch.get_default_device().type,
    )


PLAIN = (torch.float32, True, False, False, "cpu")


@pytest.mark.parametrize("name", SWITCHED)
def test_a_switch_is_off_inside_and_back_afterwards(name):
    with SWITCHED[name]():
        before = switches()
        assert before != PLAIN
        with plain_torch():
            assert switches() == PLAIN
        assert switches() == before
    assert switches() == PLAIN


def test_the_default_type_comes_back_whatever_happens():
    torch.set_default_dtype(torch.float64)
    try:
        with pytest.raises(ZeroDivisionError), plain_torch():
            assert switches() == PLAIN
            raise ZeroDivisionError
        assert torch.get_default_dtype() is torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


def test_the_default_type_comes_back_with_the_last_of_several_threads():
    """The first to come in is the first to leave: the others must not be left with the caller's type."""
    inside, leave, left = threading.Event(), threading.Event(), []

    def other():
        with plain_torch():
            inside.set()
            assert leave.wait(60)
            left.append(torch.get_default_dtype())

    thread = threading.Thread(target=other)
    torch.set_default_dtype(torch.float64)
    try:
        with plain_torch():
            thread.start()
            assert inside.wait(60)
        assert torch.get_default_dtype() is torch.float32  # the other is still at work
        leave.set()
        thread.join()
        assert left == [torch.float32] and torch.get_default_dtype() is torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


FORKED = """
import os, signal, sys, warnings
import numpy as np, torch
torch.set_num_threads(2)
import luthier
from luthier.testing.material import rows
data = rows(600, 64)
{make}
known = predict(data.inputs)
torch.ones(2000, 2000) @ torch.ones(2000, 2000)  # takes both threads
warnings.filterwarnings("ignore", ".*fork.*", DeprecationWarning)
child = os.fork()
if child == 0:
    signal.alarm(60)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = predict(data.inputs)
        torch.ones(2000, 2000) @ torch.ones(2000, 2000)
    said = [str(one.message) for one in told if "none of the 2 threads" in str(one.message)]
    os._exit(0 if len(said) == 1 and torch.get_num_threads() == 1 and np.array_equal(found, known) else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
MADE = {
    "estimator": "predict = luthier.LuthierClassifier('mlp', epochs=1, random_state=0).fit(data.inputs, data.labels)"
    ".predict",
    "run": "predict = luthier.train((data.inputs, data.labels), 'mlp', epochs=1, out='run', quiet=True).predict",
}


@pytest.mark.parametrize("made", MADE)
def test_a_forked_process_predicts_though_its_parent_had_threads(made, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", FORKED.format(make=MADE[made])], cwd=tmp_path, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
