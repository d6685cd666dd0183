"""Output biases at the log of the class frequencies.

Source: Karpathy, A recipe for training neural networks, 2019.
"""

from torch import Tensor, nn

from luthier.core.errors import BadInput


def start_at_frequencies_(body: nn.Module, labels: Tensor, classes: int) -> None:
    """Set the biases of the last layer to the log of the class frequencies: weights aside, its softmax gives them.

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
