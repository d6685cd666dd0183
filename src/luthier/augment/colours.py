"""Matrices of colour changes (B, C + 1, C + 1) on (channels, 1), for values in [0, 1]."""

import math

import torch
from torch import Tensor

LUMA = (0.299, 0.587, 0.114)
"""Share of red, green and blue in brightness, ITU-R BT.601; what Pillow takes too."""
YIQ = ((0.299, 0.587, 0.114), (0.595716, -0.274453, -0.321263), (0.211456, -0.522591, 0.311135))
"""From RGB to the luma and the two colour differences of NTSC television, FCC 1953."""


def _matrix(mix: Tensor, add: Tensor) -> Tensor:
    """Put the mix of channels (B, C, C) and what is added to each (B, C) into one matrix."""
    count, channels = add.shape
    matrix = torch.eye(channels + 1).repeat(count, 1, 1)
    matrix[:, :-1, :-1], matrix[:, :-1, -1] = mix, add
    return matrix


def _scale(factor: Tensor, channels: int, add: Tensor) -> Tensor:
    """Multiply all channels by a factor (B,) and add a number (B,)."""
    return _matrix(factor[:, None, None] * torch.eye(channels), add[:, None].expand(-1, channels))


def brightness(factor: Tensor, channels: int) -> Tensor:
    """Multiply values by factors (B,): 0 is black, 1 changes nothing."""
    return _scale(factor, channels, torch.zeros_like(factor))


def contrast(factor: Tensor, channels: int) -> Tensor:
    """Multiply distances from mid-grey, 0.5, by factors (B,): 0 is grey, 1 changes nothing, -1 inverts.

    >>> contrast(torch.tensor([-1.0]), 1)[0].tolist()
    [[-1.0, 1.0], [0.0, 1.0]]
    """
    return _scale(factor, channels, (1 - factor) / 2)


def saturation(factor: Tensor, channels: int) -> Tensor:
    """Multiply distances from the grey of equal luma by factors (B,): 0 is grey, 1 changes nothing.

    Channels that are not red, green and blue have equal shares in the grey; one channel is grey already.
    """
    shares = torch.tensor(LUMA) if channels == len(LUMA) else torch.full((channels,), 1 / channels)
    grey, own = shares.expand(channels, channels), torch.eye(channels)
    mix = grey + factor[:, None, None] * (own - grey)
    return _matrix(mix, torch.zeros(len(factor), channels))


def hue(turns: Tensor, channels: int) -> Tensor:
    """Turn the colours by shares of the circle (B,), keeping the luma; what is not red, green and blue stays.

    A turn in the plane of YIQ's colour differences, as in Haeberli, Matrix operations for image processing, 1993.
    """
    if channels != len(LUMA):
        return torch.eye(channels + 1).repeat(len(turns), 1, 1)
    angle, to_yiq = turns.double() * math.tau, torch.tensor(YIQ, dtype=torch.float64)
    turn = torch.eye(3, dtype=torch.float64).repeat(len(turns), 1, 1)
    turn[:, 1, 1] = turn[:, 2, 2] = angle.cos()
    turn[:, 1, 2], turn[:, 2, 1] = -angle.sin(), angle.sin()
    mix = torch.linalg.inv(to_yiq) @ turn @ to_yiq
    return _matrix(mix.float(), torch.zeros(len(turns), channels))
