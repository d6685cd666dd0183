"""Changes of pictures that look at the picture, as Pillow has them, for values in [0, 1] (B, C, H, W)."""

import torch
import torch.nn.functional as F
from torch import Tensor

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
    """Multiply what a light smoothing takes away by factors (B,): 0 is smooth, 1 changes nothing; the edge stays."""
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
