"""The usual way in plain PyTorch: a data set that transforms one picture at a time, behind a DataLoader.

Written as PyTorch's own MNIST example does it with torchvision: the data set answers with a Pillow picture, ToTensor
and Normalize make it a standardised tensor, and everything that has a default keeps it.
"""

from collections.abc import Generator, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from luthier.bench.plain_network import plain_model, plain_optimizer
from luthier.bench.work import Work

WORKERS = 0
"""DataLoader's default, and the fastest here: a worker is a process that hands over each batch through shared memory,
which takes longer than the transform of pictures of this size; and on two cores it takes one from the network."""


class Pictures(Dataset[tuple[Tensor, int]]):
    """Pictures of bytes, each made a standardised tensor (C, H, W) when it is asked for."""

    def __init__(self, work: Work) -> None:
        self.pictures = work.pictures.squeeze(-1)  # gray pictures have no axis for it, as in torchvision's MNIST
        self.labels = work.labels
        self.mean, self.std = work.mean.tolist(), work.std.tolist()

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, number: int) -> tuple[Tensor, int]:
        picture = Image.fromarray(self.pictures[number].numpy())
        return normalise(to_tensor(picture), self.mean, self.std), int(self.labels[number])


def to_tensor(picture: Image.Image) -> Tensor:
    """Make a picture a tensor (C, H, W) between 0 and 1, in the operations of torchvision's ToTensor."""
    values = torch.from_numpy(np.array(picture, np.uint8, copy=True))
    values = values.view(picture.height, picture.width, len(picture.getbands()))
    return values.permute(2, 0, 1).contiguous().to(torch.get_default_dtype()).div(255)


def normalise(image: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """Bring each channel (C, H, W) to mean 0 and variance 1, in the operations of torchvision's Normalize."""
    image, shape = image.clone(), (-1, 1, 1)
    centre, width = torch.as_tensor(mean, dtype=image.dtype), torch.as_tensor(std, dtype=image.dtype)
    if (width == 0).any():
        raise ValueError(f"std must not be zero, but got {std}")
    return image.sub_(centre.view(shape)).div_(width.view(shape))


def plain_loader(work: Work) -> Generator[Tensor]:
    """Train without end; after each step, yield its mean loss (a scalar)."""
    loader = DataLoader(Pictures(work), work.batch_size, shuffle=True, num_workers=WORKERS)
    model = plain_model(work)
    optimizer, schedule = plain_optimizer(model, work)
    while True:
        for inputs, labels in loader:
            loss = F.cross_entropy(model(inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            yield loss.detach()
