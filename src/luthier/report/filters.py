"""What the first convolution of a network looks for, as pictures."""

import torch
from torch import nn

from luthier.page import thumbnail

MOST = 64
COLOURS = 3


def first_filters(network: nn.Module) -> list[str]:
    """Pictures of the first convolution's filters, at most 64, black the least and white the largest of all weights.

    Filters over three channels are shown in colour, over any other number as their mean; those over time as a row for
    each feature. None where there is no convolution, or where it looks at single pixels.
    """
    layers = (one for one in network.modules() if isinstance(one, nn.Conv1d | nn.Conv2d))
    first = next(layers, None)
    if first is None or first.weight[0, 0].numel() == 1:
        return []
    weights = first.weight.detach().cpu().float()[:MOST]
    pictures = weights[:, None] if weights.ndim == 3 else weights
    if pictures.shape[1] != COLOURS:
        pictures = pictures.mean(1, keepdim=True)
    low, high = pictures.min(), pictures.max()
    grey = ((pictures - low) / (high - low).clamp(min=torch.finfo(torch.float32).tiny) * 255).round().byte()
    return [thumbnail(one.permute(1, 2, 0).numpy()) for one in grey]
