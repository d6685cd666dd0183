"""Setting the weights of a network layer after layer, from what reaches each layer."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from luthier.models.initialisers.initialiser import fans_of

Start = Callable[[nn.Module, Tensor], None]
"""Sets the weights of a layer from its inputs."""

ROUNDING = 1e-5
"""Share of their mean by which values may differ and still be alike: what the arithmetic of float32 leaves over."""


def layer_by_layer(network: nn.Module, inputs: Tensor, start: Start) -> None:
    """Send inputs through once; each layer with fans is started when they reach it, the layers before it being so.

    The network is in evaluation mode meanwhile: nothing is dropped out, and batch norms do nothing yet and learn
    nothing. Layers that answer with more than a tensor, such as recurrent ones, stay as drawn.
    """
    done: set[nn.Module] = set()

    def visit(layer: nn.Module, arguments: tuple[Any, ...], output: Any) -> Any:
        if layer in done or not isinstance(output, Tensor):
            return None
        done.add(layer)
        start(layer, arguments[0])
        return layer.forward(*arguments)

    visit_layers(network, inputs, visit)


def visit_layers(network: nn.Module, inputs: Any, visit: Callable[..., Any]) -> None:
    """Send inputs through in evaluation mode, with a forward hook on each layer that weighs what it is given."""
    layers = [module for module in network.modules() if "weight" in (fans_of(module) or {})]
    hooks = [layer.register_forward_hook(visit) for layer in layers]
    was_training = network.training
    try:
        with torch.no_grad():
            network.eval()(inputs)
    finally:
        network.train(was_training)
        for hook in hooks:
            hook.remove()


def scale_(layer: nn.Module, inputs: Tensor) -> None:
    """Divide a layer's weight by the standard deviation of all its outputs, so that their variance is 1.

    With biases of 0 the outputs follow the weight in proportion, so once is enough. Outputs that are all alike stay.
    """
    spread, mean = torch.std_mean(layer.forward(inputs), correction=0)
    layer.get_parameter("weight").data.div_(divisor(spread, mean))


def divisor(spread: Tensor, mean: Tensor) -> Tensor:
    """The standard deviation to divide by: 1 where values differ by rounding alone.

    >>> divisor(torch.tensor([0.5, 0.0, 1e-9]), torch.tensor([0.0, 0.0, 3.0]))
    tensor([0.5000, 1.0000, 1.0000])
    """
    return torch.where(spread > ROUNDING * mean.abs(), spread, 1)
