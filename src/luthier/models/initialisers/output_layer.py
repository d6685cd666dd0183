"""A network's first answers: how far its last layer's weights let them differ.

Source: Zhang, Dauphin and Ma, Fixup initialization: residual learning without normalization, 2019, arXiv 1901.09321,
whose last layer starts at 0.
"""

from typing import Any

import torch
from torch import nn

from luthier.models.initialisers.layerwise import visit_layers


def output_layer(network: nn.Module, inputs: Any) -> nn.Module | None:
    """The last layer that weighs what it is given, on the way of inputs to an answer; None where there is none.

    The network is in evaluation mode meanwhile: training may have further answers, on the way.

    >>> network = nn.Sequential(nn.Linear(7, 5), nn.ReLU(), nn.Linear(5, 3), nn.Flatten())
    >>> output_layer(network, torch.zeros(2, 7))
    Linear(in_features=5, out_features=3, bias=True)
    """
    seen: list[nn.Module] = []
    visit_layers(network, inputs, lambda layer, *_: seen.append(layer))
    return seen[-1] if seen else None


def scale_output_(network: nn.Module, inputs: Any, share: float) -> None:
    """Multiply the parameters of the last layer by a share: what differs in the network's answers shrinks to it.

    inputs: as the network takes them.

    >>> layer = nn.Linear(2, 2)
    >>> scale_output_(layer, torch.ones(1, 2), 0.0)
    >>> layer(torch.ones(1, 2))
    tensor([[0., 0.]], grad_fn=<AddmmBackward0>)
    """
    layer = None if share == 1 else output_layer(network, inputs)
    if layer is not None:
        with torch.no_grad():
            for parameter in layer.parameters(recurse=False):
                parameter.mul_(share)
