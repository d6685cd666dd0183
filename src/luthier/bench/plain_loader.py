"""The second usual way in plain PyTorch: a data set that transforms one example at a time, behind a DataLoader."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from luthier.bench.plain_network import plain_model, plain_optimizer
from luthier.bench.work import Work

WORKERS = 0
"""DataLoader's own default. Each worker is a process that trades tensors with this one: for pictures this small the trade
costs as much as the transform, and on few cores the workers take them from the network. `benchmarks/README.md` has both."""


class Pictures(Dataset[tuple[Tensor, int]]):
    """Pictures as an array of bytes and their labels; each picture becomes a standardised tensor (C, H, W) when asked for."""

    def __init__(self, work: Work) -> None:
        self.pictures = work.pictures.numpy()
        self.labels = work.labels.tolist()
        self.mean = work.mean.view(-1, 1, 1)
        self.std = work.std.view(-1, 1, 1)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, number: int) -> tuple[Tensor, int]:
        """Do what torchvision's ToTensor and Normalize do."""
        image = torch.from_numpy(self.pictures[number]).permute(2, 0, 1).contiguous().float().div(255)
        return image.sub_(self.mean).div_(self.std), self.labels[number]


def plain_loader(work: Work, workers: int = WORKERS) -> Iterator[Tensor]:
    """Train without end; after each step, yield its mean loss (a scalar), left on the device."""
    loader = DataLoader(Pictures(work), work.batch_size, shuffle=True, num_workers=workers)
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
