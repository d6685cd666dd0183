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


def plain_model(work: Work, memory_format: torch.memory_format = torch.contiguous_format) -> nn.Sequential:
    """LeNet-5 with the first weights that Luthier starts from."""
    model = lenet5(work.pictures.shape[-1], work.classes)
    with torch.no_grad():
        for parameter, first in zip(model.parameters(), work.weights, strict=True):
            parameter.copy_(first)
    model.to(memory_format=memory_format)  # type: ignore[call-overload]  # missing in torch's stub
    return model


def plain_optimizer(model: nn.Module, work: Work, fused: bool | None = None) -> tuple[torch.optim.AdamW, LambdaLR]:
    """AdamW that spares the biases from decay, and the learning rate that Luthier has at each step.

    fused: as AdamW takes it; None is PyTorch's choice, which on the processor is a Python loop over the parameters.
    """
    weights = [one for one in model.parameters() if one.ndim > 1]
    biases = [one for one in model.parameters() if one.ndim == 1]
    groups = [{"params": weights, "weight_decay": work.decay}, {"params": biases, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=work.rate, betas=work.betas, eps=work.epsilon, fused=fused)
    return optimizer, LambdaLR(optimizer, work.factor)
