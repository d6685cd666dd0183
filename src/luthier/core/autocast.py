"""Whether a machine computes in a lower precision, asked in a process that may die of it."""

import signal
import subprocess
import sys
from functools import lru_cache

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
