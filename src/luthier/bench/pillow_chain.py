"""The same augmentations in Pillow, one picture at a time, in the operations of torchvision's transforms."""

import math
import random

import torch
from PIL import Image, ImageEnhance, ImageOps
from PIL.Image import Resampling, Transform, Transpose
from torch import Tensor

from luthier.bench.plain_loader import to_tensor

PADDING, DEGREES, SCALE, FACTOR, HUE, STD = 4, 10.0, 0.1, 0.2, 0.02, 0.05
"""What the catalogue's defaults are for the same augmentations."""


def chain(picture: Tensor, rng: random.Random) -> Tensor:
    """Crop, flip, turn, scale and colour a picture of bytes (H, W, C), and add noise; returns floats (C, H, W)."""
    image = Image.fromarray((picture.squeeze(-1) if picture.shape[-1] == 1 else picture).numpy())
    return noisy(to_tensor(change_colours(moved(image, rng), rng)))


def moved(image: Image.Image, rng: random.Random) -> Image.Image:
    width, height = image.size
    padded = ImageOps.expand(image, PADDING)
    left, top = rng.randint(0, 2 * PADDING), rng.randint(0, 2 * PADDING)
    image = padded.crop((left, top, left + width, top + height))
    if rng.random() < 0.5:
        image = image.transpose(Transpose.FLIP_LEFT_RIGHT)
    image = image.rotate(rng.uniform(-DEGREES, DEGREES), Resampling.BILINEAR)
    back = 1 / rng.uniform(1 - SCALE, 1 + SCALE)
    data = (back, 0, width / 2 * (1 - back), 0, back, height / 2 * (1 - back))
    return image.transform(image.size, Transform.AFFINE, data, Resampling.BILINEAR)


def change_colours(image: Image.Image, rng: random.Random) -> Image.Image:
    """Change what there is to change: a grey picture has no saturation and no hue."""
    enhancers = (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color)
    for enhancer in enhancers if image.mode == "RGB" else enhancers[:2]:
        image = enhancer(image).enhance(rng.uniform(1 - FACTOR, 1 + FACTOR))
    if image.mode != "RGB":
        return image
    hue, saturation, value = image.convert("HSV").split()
    turn = math.floor(rng.uniform(-HUE, HUE) * 255)
    hue = hue.point([(level + turn) % 256 for level in range(256)])
    return Image.merge("HSV", (hue, saturation, value)).convert("RGB")


def noisy(values: Tensor) -> Tensor:
    return values.add_(torch.randn_like(values), alpha=STD).clamp_(0, 1)
