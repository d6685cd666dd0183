"""A network's first outputs: how far its last layer's weights let them differ.

Source: Zhang, Dauphin and Ma, Fixup initialization: residual learning without normalization, 2019, arXiv 1901.09321,
whose last layer starts at 0.
"""

from typing import Any

import torch
from torch import Tensor, nn

from luthier.core.errors import BadInput
from luthier.models.initialisers.initialiser import visit_layers


def find_output_layer(network: nn.Module, inputs: Any) -> nn.Module | None:
    """Return the last layer with weights on the way from inputs to output; None where there is none.

    The network is in evaluation mode for this: in training it may have further outputs before the last.

    >>> network = nn.Sequential(nn.Linear(7, 5), nn.ReLU(), nn.Linear(5, 3), nn.Flatten())
    >>> find_output_layer(network, torch.zeros(2, 7))
    Linear(in_features=5, out_features=3, bias=True)
    """
    seen: list[nn.Module] = []
    visit_layers(network, inputs, lambda layer, *_: seen.append(layer))
    return seen[-1] if seen else None


def scale_output_(network: nn.Module, inputs: Any, share: float) -> None:
    """Multiply the parameters of the last layer by a share, so that differences in the network's outputs shrink to it.

    inputs: as the network takes them.

    >>> layer = nn.Linear(2, 2)
    >>> scale_output_(layer, torch.ones(1, 2), 0.0)
    >>> layer(torch.ones(1, 2))
    tensor([[0., 0.]], grad_fn=<AddmmBackward0>)
    """
    layer = None if share == 1 else find_output_layer(network, inputs)
    if layer is not None:
        with torch.no_grad():
            for parameter in layer.parameters(recurse=False):
                parameter.mul_(share)


# Output biases at the log of the class frequencies.
#
# Source: Karpathy, A recipe for training neural networks, 2019.


def start_at_frequencies_(body: nn.Module, labels: Tensor, classes: int) -> None:
    """Set the biases of the last layer to the log class frequencies; its softmax gives these where weights are 0.

    labels: true classes of the training part (N,); a class that has no example there counts as one.
    Raises BadInput where the last layer is not linear with one bias per class.

    >>> import torch
    >>> layer = nn.Linear(5, 2)
    >>> start_at_frequencies_(layer, torch.tensor([0, 1, 1, 1]), 2)
    >>> layer.bias.softmax(0)
    tensor([0.2500, 0.7500], grad_fn=<SoftmaxBackward0>)
    """
    last = [module for module in body.modules() if not list(module.children())][-1]
    if not isinstance(last, nn.Linear) or last.bias is None or last.out_features != classes:
        raise BadInput(
            f"initialiser.class_frequencies needs a network that ends in a linear layer with {classes} biases, "
            f"but this one ends in {last}; take it out of the recipe"
        )
    frequencies = labels.bincount(minlength=classes).clamp(min=1) / max(len(labels), 1)
    last.bias.data.copy_(frequencies.log())
