"""Bring pictures of any size to the square that a network wants."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from luthier.decoding.fit import Fit

CHUNK = 4096


def resize_pictures(pictures: np.ndarray, side: int, fit: Fit) -> np.ndarray:
    """Bring pictures (N, H, W, C) to (N, side, side, C), keeping their type.

    side: pixels, at least 1.
    fit: resize stretches both sides; pad shrinks what is too large and centres it on zeros, never enlarging;
        crop scales the shorter side to fit and keeps the centre.

    >>> resize_pictures(np.full((2, 3, 5, 1), 7, np.uint8), 6, "pad")[0, 3, :, 0].tolist()
    [7, 7, 7, 7, 7, 0]
    """
    if pictures.shape[1:3] == (side, side):
        return pictures
    result = np.zeros((len(pictures), side, side, pictures.shape[3]), pictures.dtype)
    for start in range(0, len(pictures), CHUNK):
        part = torch.tensor(pictures[start : start + CHUNK]).permute(0, 3, 1, 2).float()
        square = FITS[fit](part, side).permute(0, 2, 3, 1)
        exact = square.round().clamp(0, 255) if pictures.dtype == np.uint8 else square
        result[start : start + CHUNK] = exact.numpy().astype(pictures.dtype)
    return result


def _scale(pictures: Tensor, height: int, width: int) -> Tensor:
    if pictures.shape[2:] == (height, width):
        return pictures
    return F.interpolate(pictures, (height, width), mode="bilinear", align_corners=False, antialias=True)


def _stretch(pictures: Tensor, side: int) -> Tensor:
    return _scale(pictures, side, side)


def _pad(pictures: Tensor, side: int) -> Tensor:
    shrink = min(1.0, side / max(pictures.shape[2:]))
    height, width = (max(1, round(length * shrink)) for length in pictures.shape[2:])
    top, left = (side - height) // 2, (side - width) // 2
    return F.pad(_scale(pictures, height, width), (left, side - width - left, top, side - height - top))


def _crop(pictures: Tensor, side: int) -> Tensor:
    factor = side / min(pictures.shape[2:])
    height, width = (max(side, round(length * factor)) for length in pictures.shape[2:])
    top, left = (height - side) // 2, (width - side) // 2
    return _scale(pictures, height, width)[:, :, top : top + side, left : left + side]


FITS = {"crop": _crop, "pad": _pad, "resize": _stretch}
