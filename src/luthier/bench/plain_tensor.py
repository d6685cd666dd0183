"""The fast way in plain PyTorch: the whole set as one tensor of bytes, indexed by batch.

Written by somebody who knows what makes PyTorch fast: channels last in memory, and a fused optimizer.
"""

from collections.abc import Callable, Generator

import torch
import torch.nn.functional as F
from torch import Tensor

from luthier.bench.plain_network import plain_model, plain_optimizer
from luthier.bench.work import Work


def plain_tensor(work: Work, shuffle: Callable[[int], Tensor] = torch.randperm) -> Generator[Tensor]:
    """Train without end; after each step, yield its mean loss (a scalar).

    shuffle: gives the order of an epoch (N,) from the number of examples.
    """
    images = work.pictures.permute(0, 3, 1, 2)
    mean, std = work.mean.view(-1, 1, 1), work.std.view(-1, 1, 1)
    model = plain_model(work, torch.channels_last)
    optimizer, schedule = plain_optimizer(model, work, fused=True)
    while True:
        for batch in torch.split(shuffle(len(images)), work.batch_size):
            inputs = images[batch].float().div_(255).sub_(mean).div_(std)
            loss = F.cross_entropy(model(inputs), work.labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            yield loss.detach()
