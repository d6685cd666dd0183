"""Colour matrices (B, C + 1, C + 1) on (channels, 1), and operations on single pixels, for values in [0, 1]."""

import math

import torch
import torch.nn.functional as F
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


WHITE, LEVELS = 255, 256


SMOOTH = ((1, 1, 1), (1, 5, 1), (1, 1, 1))
"""Pillow's ImageFilter.SMOOTH."""


def autocontrast(pictures: Tensor) -> Tensor:
    """Stretch each channel from its lowest to its highest value over the whole range; an even one stays."""
    low, high = pictures.amin((2, 3), keepdim=True), pictures.amax((2, 3), keepdim=True)
    even = high <= low
    return torch.where(even, pictures, (pictures - low) / torch.where(even, 1.0, high - low)).clamp(0, 1)


def equalize(pictures: Tensor) -> Tensor:
    """Spread the 256 levels of each channel until all are as frequent, in whole numbers as Pillow does."""
    count, channels = pictures.shape[:2]
    levels = _levels(pictures).flatten(2).flatten(0, 1)
    rows = torch.arange(len(levels), device=levels.device)[:, None]
    histogram = torch.bincount((levels + rows * LEVELS).flatten(), minlength=len(levels) * LEVELS).view(-1, LEVELS)
    step = (histogram.sum(1) - histogram.gather(1, levels.amax(1, keepdim=True)).squeeze(1)) // WHITE
    before = histogram.cumsum(1) - histogram
    table = ((before + step[:, None] // 2) // step.clamp(min=1)[:, None]).clamp(0, WHITE)
    spread = table.gather(1, levels).view_as(pictures).to(pictures) / WHITE
    return torch.where((step > 0).view(count, channels, 1, 1), spread, pictures)


def posterize(pictures: Tensor, bits: Tensor) -> Tensor:
    """Keep the highest bits (B,), 1 to 8, of each value's 8."""
    step = (2 ** (8 - bits.round())).to(pictures)[:, None, None, None]
    return (_levels(pictures) / step).floor() * step / WHITE


def sharpness(pictures: Tensor, factor: Tensor) -> Tensor:
    """Scale the detail that a light smoothing removes by factors (B,): 0 smooths, 1 changes nothing; the edge stays."""
    kernel = torch.tensor(SMOOTH).to(pictures)
    channels = pictures.shape[1]
    smooth = pictures.clone()
    if min(pictures.shape[2:]) >= len(SMOOTH):
        filters = (kernel / kernel.sum()).expand(channels, 1, *kernel.shape)
        smooth[..., 1:-1, 1:-1] = F.conv2d(pictures, filters, groups=channels)
    return torch.lerp(smooth, pictures, factor.to(pictures)[:, None, None, None]).clamp(0, 1)


def solarize(pictures: Tensor, threshold: Tensor) -> Tensor:
    """Invert the values from thresholds (B,) on.

    >>> solarize(torch.tensor([0.25, 0.75]).view(1, 1, 1, 2), torch.tensor([0.5])).flatten().tolist()
    [0.25, 0.25]
    """
    return torch.where(pictures >= threshold.to(pictures)[:, None, None, None], 1 - pictures, pictures)


def _levels(pictures: Tensor) -> Tensor:
    return (pictures * WHITE).round().long()
