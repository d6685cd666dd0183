"""Small data and a small network on which a part is tested."""

import torch
from pydantic import PrivateAttr
from torch import Tensor, nn

from luthier.core.card import TipCard
from luthier.core.rng import fork_rng, generator
from luthier.data import Dataset
from luthier.data.augment import Augmentation, Draw, Pixel
from luthier.data.augment.augmentation import Size


def pictures(count: int = 67, side: int = 12, channels: int = 1, classes: int = 3) -> Dataset:
    """Make pictures that can be learned: a pattern per class under noise, drawn from a fixed stream.

    >>> pictures().inputs.shape
    (67, 12, 12, 1)
    """
    rng = generator(0, "testing/pictures")
    labels = torch.arange(count) % classes
    patterns = torch.rand(classes, side, side, channels, generator=rng)
    noise = torch.rand(count, side, side, channels, generator=rng)
    inputs = (patterns[labels] * 0.6 + noise * 0.4).mul(255).byte()
    return Dataset("pictures", inputs.numpy(), labels.numpy(), tuple(map(str, range(classes))))


def rows(count: int = 53, features: int = 7, classes: int = 3) -> Dataset:
    """Make rows that can be learned, like `pictures`.

    >>> rows().inputs.shape
    (53, 7)
    """
    rng = generator(0, "testing/rows")
    labels = torch.arange(count) % classes
    centres = torch.randn(classes, features, generator=rng)
    inputs = centres[labels] * 2 + torch.randn(count, features, generator=rng)
    return Dataset("rows", inputs.numpy(), labels.numpy(), tuple(map(str, range(classes))))


def values(count: int = 67, features: int = 7, outputs: int = 1) -> Dataset:
    """Make rows whose values can be learned, in units far from 1: a tanh of two features under noise.

    >>> values().labels.shape
    (67, 1)
    """
    rng = generator(0, "testing/values")
    inputs = torch.randn(count, features, generator=rng)
    curves = torch.stack([torch.tanh(inputs[:, k] - inputs[:, k + 1]) for k in range(outputs)], 1)
    noise = torch.randn(count, outputs, generator=rng)
    scales = 10.0 ** torch.arange(2, 2 + outputs)
    return Dataset("values", inputs.numpy(), ((curves + noise * 0.1) * scales + 5 * scales).numpy(), ())


class Mask(nn.Module):
    """Dropout that records the first number of each mask, which shows when the stream of the forward pass was moved."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn: list[float] = []

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        mask = torch.rand(x.shape, device=x.device)
        self.drawn.append(mask.flatten()[0].item())
        return x * (mask > 0.2)


class SmallNet(nn.Module):
    """A convolution, batch norm, dropout, pooling to one value per map, a linear layer: takes pictures of any size."""

    def __init__(self, channels: int = 1, classes: int = 3, maps: int = 5) -> None:
        super().__init__()
        with fork_rng(torch.device("cpu")):
            torch.manual_seed(0)
            self.conv = nn.Conv2d(channels, maps, 3)
            self.norm = nn.BatchNorm2d(maps)
            self.mask = Mask()
            self.pool = nn.AdaptiveAvgPool2d(1)
            self.full = nn.Linear(maps, classes)

    def forward(self, x: Tensor) -> Tensor:
        maps = self.mask(torch.relu(self.norm(self.conv(x))))
        logits: Tensor = self.full(self.pool(maps).flatten(1))
        return logits


class Shade(Augmentation):
    """Darkens each picture by a factor of its own and records what it drew."""

    name = "shade"
    card = TipCard(summary="Darkens each picture by a factor of its own.", source="the test batteries of Luthier")

    _drawn: list[float] = PrivateAttr(default_factory=list)

    @property
    def drawn(self) -> list[float]:
        """The first factor of each draw so far."""
        return self._drawn

    def draw(self, size: Size, rng: torch.Generator) -> Draw:
        factor = 0.5 + torch.rand(size[0], 1, 1, 1, generator=rng) / 2
        self._drawn.append(factor[0].item())
        return Pixel(lambda pictures: pictures * factor.to(pictures))
