"""The second usual way in plain PyTorch: a data set that transforms one example at a time, behind a DataLoader."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from luthier.bench.plain_network import plain_model, plain_optimizer
from luthier.bench.work import Work

WORKERS = 0
"""DataLoader's default, and its fastest here. A worker is a process that hands each batch over through shared memory,
which takes longer than to transform pictures of this size, and on few cores it takes these from the network."""


class Pictures(Dataset[tuple[Tensor, int]]):
    """Bytes that become a standardised tensor (C, H, W), one picture at a time."""

    def __init__(self, work: Work) -> None:
        self.pictures = work.pictures.numpy()
        self.labels = work.labels.tolist()
        self.mean, self.std = work.mean.tolist(), work.std.tolist()

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, number: int) -> tuple[Tensor, int]:
        return normalised(to_tensor(self.pictures[number]), self.mean, self.std), self.labels[number]
