"""Where tensors live, and with which of torch's switches: devices, autocast, a plain torch for the caller."""

import os
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache

import torch

from luthier.core.errors import BadInput, LuthierWarning

DEVICES = ("auto", "cpu", "cuda", "mps")


def choose(name: str) -> torch.device:
    """Turn a device's name into a device; auto takes cuda, then mps, then cpu.

    Raises BadInput for an unknown name or a device that this machine lacks: never another one in silence.

    >>> choose("cpu")
    device(type='cpu')
    """
    if name not in DEVICES:
        raise BadInput(f"device must be one of {', '.join(DEVICES)}, but got {name!r}; choose one with --device")
    present = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device(next(kind for kind in ("cuda", "mps", "cpu") if present[kind]))
    if not present[name]:
        raise BadInput(
            f"device {name} must be present on this machine, but PyTorch finds none; use --device cpu or auto"
        )
    return torch.device(name)


DEVICE_TYPES = ("cpu", "cuda", "mps")


@contextmanager
def plain_torch() -> Iterator[None]:
    """Run under PyTorch's own defaults, whatever the caller has switched, and give the caller's back.

    Gradients are on, inference mode and autocast off, numbers are float32 and tensors come on the CPU.

    >>> with torch.no_grad(), plain_torch():
    ...     torch.is_grad_enabled()
    True
    """
    leave_threads_of_parent()
    with ExitStack() as stack:
        stack.enter_context(_SINGLE.use())
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        for kind in DEVICE_TYPES:
            if torch.is_autocast_enabled(kind):
                stack.enter_context(torch.autocast(kind, enabled=False))
        if torch.get_default_device().type != "cpu":  # entering a device costs time in every call, so not without need
            stack.enter_context(torch.device("cpu"))
        yield


class _SinglePrecision:
    """Lets new tensors be float32 until the last of all threads that asked for it is done; PyTorch has one default."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.before: list[torch.dtype] = []

    @contextmanager
    def use(self) -> Iterator[None]:
        with self.lock:
            self.before.append(self.before[0] if self.before else torch.get_default_dtype())
            torch.set_default_dtype(torch.float32)
        try:
            yield
        finally:
            with self.lock:
                dtype = self.before.pop()
                if not self.before:
                    torch.set_default_dtype(dtype)


_SINGLE = _SinglePrecision()


HOME = os.getpid()
"""The process that loaded this file; another one was forked from it."""


def leave_threads_of_parent() -> None:
    """Compute with one thread in a forked process, which has none of those that its parent computed with.

    PyTorch would wait for them for ever: https://github.com/pytorch/pytorch/issues/17199.
    """
    if os.getpid() == HOME or torch.get_num_threads() == 1:
        return
    warnings.warn(
        f"a forked process has none of the {torch.get_num_threads()} threads of its parent, so that it computes with "
        "one; for more, start processes by spawn or forkserver",
        LuthierWarning,
        stacklevel=4,
    )
    torch.set_num_threads(1)


PATIENCE = 120
"""Seconds; the child loads PyTorch, which takes a few."""


TRIAL = """
import sys
import torch
from torch import nn

device, dtype = sys.argv[1], getattr(torch, sys.argv[2])
network = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(800, 64)).to(device)
with torch.autocast(device, dtype=dtype):
    logits = network(torch.ones(4, 3, 12, 12, device=device))
logits.float().sum().backward()
assert logits.dtype == dtype and all(bool(one.grad.isfinite().all()) for one in network.parameters())
"""


@lru_cache
def autocast_fault(device: str, precision: str) -> str | None:
    """Try a small network's passes in a lower precision in a process of its own; say what went wrong, None if nothing.

    Processors that lack an instruction that PyTorch uses for bfloat16 kill the process that asks for it (SIGILL).

    device: cpu, cuda or mps. precision: bfloat16 or float16.

    >>> autocast_fault("cpu", "no-such-precision")
    "it failed with AttributeError: module 'torch' has no attribute 'no-such-precision'"
    """
    try:
        child = subprocess.run(
            [sys.executable, "-c", TRIAL, device, precision],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
    except (subprocess.TimeoutExpired, OSError) as error:
        return f"it could not be finished ({error})".splitlines()[0]
    if child.returncode < 0:
        return f"it was killed by {signal.Signals(-child.returncode).name}"
    if child.returncode:
        return f"it failed with {(child.stderr.strip() or 'no word').splitlines()[-1]}"
    return None
