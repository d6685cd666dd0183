"""The contract of an initialiser, and its use on a whole network, layer by layer."""

import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from luthier.core.declare import Part, Range, Search, hyperparameter
from luthier.core.rng import generator

Fan = float | Tensor


Fans = Mapping[str, tuple[Fan, Fan]]


WITH_FANS = (nn.Linear, nn.modules.conv._ConvNd)


@runtime_checkable
class HasFans(Protocol):
    """A layer of our own that declares which connections its parameters have."""

    def fans(self) -> Fans:
        """Return the connections into and out of the unit of each parameter, by its name."""
        ...


def output_share(default: float) -> Any:
    """Declare how large a network's first outputs are."""
    return hyperparameter(
        default, bounds=Range(0, 1), search=Search(0.01, 1, log=True),
        description="share of its drawn weights that the last layer starts with; 0 gives every example the same first "
        "answer, "
        "1 answers as far apart as the values in other layers",
    )  # fmt: skip


class Initialiser(Part):
    """Draws the first values of weights; biases start at zero unless `biases` says otherwise."""

    biases: ClassVar[bool] = False

    output: float = output_share(0.2)
    class_frequencies: bool = hyperparameter(
        False,
        description="whether the last layer's biases start at the log of the class frequencies, which its softmax "
        "then gives",
    )

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        """Draw a tensor of the given shape; every draw comes from rng.

        fan_in, fan_out: connections into and out of the unit of each weight, a number or a tensor that broadcasts.
        """
        raise NotImplementedError

    def adapt(self, network: nn.Module, inputs: Tensor, rng: torch.Generator) -> None:
        """Change the drawn weights of a whole network to suit some of its training inputs; does nothing by default.

        network: on its device, standardisation included; its mode and all its buffers must stay as they are.
        inputs: as the network takes them, (B, C, H, W) or (B, F). rng: on the CPU, for every draw.
        """


def initialise_(body: nn.Module, initialiser: Initialiser, seed: int) -> None:
    """Initialise the weights of linear, convolutional and other layers with fans; all else stays as built.

    Each parameter draws from the stream of its own name, so a further layer moves no other layer's weights.
    """
    for path, module in body.named_modules():
        fans = find_fans(module)
        if fans is None:
            continue
        for name, parameter in module.named_parameters(recurse=False):
            if name not in fans:
                continue
            if name == "bias" and not initialiser.biases:
                nn.init.zeros_(parameter)
                continue
            into, out = fans[name]
            drawn = initialiser.draw(parameter.shape, into, out, generator(seed, f"initialise/{path}.{name}"))
            parameter.data.copy_(drawn)


def find_fans(module: nn.Module) -> Fans | None:
    """Return the connections into and out of the unit of each parameter, by name; None for a layer without any."""
    if isinstance(module, HasFans):
        return module.fans()
    if not isinstance(module, WITH_FANS):
        return None
    rows, columns, *kernel = module.weight.shape
    area = math.prod(kernel)
    across, along = columns * area, rows * area / getattr(module, "groups", 1)
    both = (along, across) if getattr(module, "transposed", False) else (across, along)
    return {"weight": both, "bias": both}


Start = Callable[[nn.Module, Tensor], None]
"""Sets the weights of a layer from its inputs."""


ROUNDING = 1e-5
"""Share of their mean by which values may differ and still be alike: what the arithmetic of float32 leaves over."""


def initialise_by_layer(network: nn.Module, inputs: Tensor, start: Start) -> None:
    """Initialise each layer with fans when inputs reach it, so that it sees what the earlier, finished layers give.

    The network is in evaluation mode for this: nothing is dropped out, and batch norms do nothing yet and learn
    nothing. Layers whose output is more than a tensor, such as recurrent ones, stay as drawn.
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
    """Send inputs through in evaluation mode, with a forward hook on each layer that has weights."""
    layers = [module for module in network.modules() if "weight" in (find_fans(module) or {})]
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
    layer.get_parameter("weight").data.div_(safe_deviation(spread, mean))


def safe_deviation(spread: Tensor, mean: Tensor) -> Tensor:
    """Return the standard deviation to divide by: 1 where values differ by rounding alone.

    >>> safe_deviation(torch.tensor([0.5, 0.0, 1e-9]), torch.tensor([0.0, 0.0, 3.0]))
    tensor([0.5000, 1.0000, 1.0000])
    """
    return torch.where(spread > ROUNDING * mean.abs(), spread, 1)
