"""A network that the recipe lists layer by layer."""

from bisect import bisect_left
from collections import OrderedDict

import torch
from torch import nn

from luthier.core.card import ArchitectureCard
from luthier.core.declare import hyperparameter
from luthier.core.errors import BadInput
from luthier.models.architecture import Architecture, Shape
from luthier.models.layers import ActivationLayer, Flatten, Layer, LayerField, Linear

LARGEST_SIDE = 1024


class Sequential(Architecture):
    """Layers in the order of a list, each built for the shape that reaches it.

    In a recipe file each layer is a table `[[model.layers]]` with a name and settings. The output is added: what the
    last layer gives, flattened, and one linear unit per class.

    >>> from luthier.models.layers import Convolution, MaxPool
    >>> network = Sequential(layers=(Convolution(maps=6, kernel=5), MaxPool())).build((1, 28, 28), 10)
    >>> list(dict(network.named_children()))
    ['convolution1', 'max_pool2', 'flatten', 'output']
    """

    name = "sequential"
    card = ArchitectureCard(
        summary="The layers of a list, one after another, and a linear output.",
        source="the usual form, as in Torch7: Collobert, Kavukcuoglu and Farabet, 2011",
    )

    layers: tuple[LayerField, ...] = hyperparameter(
        (Flatten(), Linear(), ActivationLayer()),
        description="the layers from the input on, each a name or a table with its name and settings; none is softmax "
        "regression",
    )

    @property
    def vocabulary(self) -> int | None:
        """Size of the vocabulary of an embedding, where one comes first."""
        return self.layers[0].vocabulary if self.layers else None

    def build(self, shape: Shape, outputs: int) -> nn.Module:
        try:
            modules, shape = _stack(self.layers, shape)
        except BadInput as error:
            side = _smallest_side(self.layers, shape)
            hint = f"; every layer fits from data.size = {side} on" if side else ""
            raise BadInput(*(problem + hint for problem in error.problems)) from None
        if len(shape) > 1:
            modules["flatten"] = nn.Flatten()
            shape = (torch.Size(shape).numel(),)
        modules["output"] = nn.Linear(shape[0], outputs)
        return nn.Sequential(modules)


def _stack(layers: tuple[Layer, ...], shape: Shape) -> tuple[OrderedDict[str, nn.Module], Shape]:
    """Build each layer for the output of the one before it; return them with the last shape."""
    modules: OrderedDict[str, nn.Module] = OrderedDict()
    for number, layer in enumerate(layers, 1):
        module = _built(layer, number, shape)
        shape = _shape_behind(module, shape)
        modules[f"{layer.name.replace('-', '_')}{number}"] = module
    return modules, shape


def _smallest_side(layers: tuple[Layer, ...], shape: Shape) -> int | None:
    """Return the side of the smallest square pictures that every layer can be built for; None where no size helps."""
    if len(shape) != 3:
        return None

    def works(side: int) -> bool:
        try:
            with torch.device("meta"):  # shapes alone, so that large ones cost nothing
                _stack(layers, (shape[0], side, side))
        except BadInput:
            return False
        return True

    sides = range(1, LARGEST_SIDE + 1)
    place = bisect_left(sides, True, key=works)
    return sides[place] if place < len(sides) else None


def _built(layer: Layer, number: int, shape: Shape) -> nn.Module:
    try:
        return layer.build(shape)
    except BadInput as error:
        raise BadInput(
            *(f"layer {number} ({layer.name}) cannot be built: {problem}" for problem in error.problems)
        ) from None


def _shape_behind(module: nn.Module, shape: Shape) -> Shape:
    """Send one empty example through in evaluation mode, so that no average moves."""
    with torch.no_grad():
        answer = module.eval()(torch.zeros(1, *shape))
    module.train()
    return tuple(answer.shape[1:])
