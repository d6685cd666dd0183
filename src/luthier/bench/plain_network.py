"""LeNet-5, its optimizer and its schedule as one writes them in plain PyTorch, without Luthier."""

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from luthier.bench.work import Work


def lenet5(channels: int = 1, classes: int = 10) -> nn.Sequential:
    """Build LeNet-5 for pictures of 28 x 28 pixels (B, C, 28, 28): 61,706 parameters for one channel and ten classes.

    >>> sum(one.numel() for one in lenet5().parameters())
    61706
    """
    return nn.Sequential(
        nn.Conv2d(channels, 6, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, classes),
    )


def plain_model(work: Work) -> nn.Sequential:
    """LeNet-5 with the first weights that Luthier starts from, channels last in memory."""
    model = lenet5(work.pictures.shape[-1], work.classes)
    with torch.no_grad():
        for parameter, first in zip(model.parameters(), work.weights, strict=True):
            parameter.copy_(first)
    return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]  # missing in torch's stub


def plain_optimizer(model: nn.Module, work: Work) -> tuple[torch.optim.Optimizer, LambdaLR]:
    """AdamW in PyTorch's fastest form, decay on weights alone, and the same learning rate at each step as Luthier's."""
    weights = [one for one in model.parameters() if one.ndim > 1]
    biases = [one for one in model.parameters() if one.ndim == 1]
    groups = [{"params": weights, "weight_decay": work.decay}, {"params": biases, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=work.rate, betas=work.betas, eps=work.epsilon, fused=True)
    return optimizer, LambdaLR(optimizer, work.factor)
