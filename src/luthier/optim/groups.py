"""Which parameters share a rate and a decay."""

from dataclasses import dataclass
from itertools import groupby

from torch import Tensor, nn


@dataclass(frozen=True)
class ParameterGroup:
    """Parameters that are updated alike.

    parameters: by name. rate: factor on the learning rate, 1 leaves it. decays: whether weight decay applies.
    embedding: whether these are tables of which a batch looks up some rows.
    """

    parameters: dict[str, nn.Parameter]
    rate: float = 1.0
    decays: bool = True
    embedding: bool = False


def group_parameters(network: nn.Module, layer_decay: float = 1.0) -> tuple[ParameterGroup, ...]:
    """Group the trained parameters: weights decay, biases and normalisation parameters do not; embeddings stand apart.

    layer_decay: factor on the rate per layer below the last one, above 0; 1 is one rate for all. A layer is a module
    with parameters of its own, a norm as well, in the order in which the network lists them. The last layer's groups
    come first.

    Sources: He, Zhang, Zhang, Zhang, Xie and Li, Bag of tricks for image classification with CNNs, 2019, for what is
    spared from decay; Howard and Ruder, Universal language model fine-tuning for text classification, 2018, and Clark,
    Luong, Le and Manning, ELECTRA, 2020, for the rates.

    >>> [sorted(group.parameters) for group in group_parameters(nn.Linear(2, 3))]
    [['weight'], ['bias']]
    >>> network = nn.Sequential(nn.Linear(2, 3, bias=False), nn.ReLU(), nn.Linear(3, 5, bias=False))
    >>> [(group.rate, sorted(group.parameters)) for group in group_parameters(network, layer_decay=0.5)]
    [(1.0, ['2.weight']), (0.5, ['0.weight'])]
    """
    rates = _rates(network, layer_decay)
    tables = {id(module.weight) for module in network.modules() if isinstance(module, nn.Embedding | nn.EmbeddingBag)}

    def alike(item: tuple[str, nn.Parameter]) -> tuple[float, bool, bool]:
        """Return the key of the group; sorted keys give the order of the groups."""
        name, parameter = item
        return -rates[name_layer(name)], not decays(parameter), id(parameter) in tables

    trained = sorted(
        ((name, parameter) for name, parameter in network.named_parameters() if parameter.requires_grad), key=alike
    )
    return tuple(
        ParameterGroup(dict(members), rate=-rate, decays=not spared, embedding=embedding)
        for (rate, spared, embedding), members in groupby(trained, alike)
    )


def name_layer(parameter: str) -> str:
    """Return the name of the layer that a parameter belongs to: the module that holds it.

    >>> name_layer("body.conv1.weight")
    'body.conv1'
    """
    return parameter.rpartition(".")[0]


def decays(parameter: Tensor) -> bool:
    """Return whether a parameter decays: weights do, biases and those of norms do not."""
    return parameter.ndim > 1


def _rates(network: nn.Module, layer_decay: float) -> dict[str, float]:
    """Compute the factor on the rate of each layer, by its name."""
    layers = list(dict.fromkeys(name_layer(name) for name, _ in network.named_parameters()))
    return {name: layer_decay**below for below, name in enumerate(reversed(layers))}
