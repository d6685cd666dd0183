"""What the machine allows: its float32 matrix product, and how many operations a training step needs."""

import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

SIDE = 2048


def matrix_product(side: int = SIDE) -> Callable[[], float]:
    """Make a turn that multiplies two square float32 matrices once and returns the operations per second.

    side: rows and columns; the default is large enough for the rate to have stopped rising with it.
    """
    left, right, result = torch.rand(3, side, side).unbind()

    def turn() -> float:
        began = time.perf_counter()
        torch.mm(left, right, out=result)
        return 2 * side**3 / (time.perf_counter() - began)

    return turn


def training_flops(model: nn.Module, picture: tuple[int, ...], batch_size: int) -> float:
    """Count the operations of the matrix products and convolutions of one training step, per example.

    picture: its shape (H, W, C). A multiplication and an addition count as two.

    >>> training_flops(nn.Sequential(nn.Flatten(), nn.Linear(12, 5)), (2, 2, 3), 4)  # forward, gradient of the weights
    240.0
    """
    height, width, channels = picture
    inputs, labels = torch.zeros(batch_size, channels, height, width), torch.zeros(batch_size, dtype=torch.int64)
    with FlopCounterMode(display=False) as counter:
        F.cross_entropy(model(inputs), labels).backward()
    return float(counter.get_total_flops()) / batch_size
