"""Which parameters share a rate and a decay."""

from dataclasses import dataclass

from torch import nn


@dataclass(frozen=True)
class ParameterGroup:
    """Parameters that are updated alike.

    parameters: by name. rate: factor on the learning rate, 1 leaves it. decays: whether weight decay applies.
    """

    parameters: dict[str, nn.Parameter]
    rate: float = 1.0
    decays: bool = True


def parameter_groups(network: nn.Module) -> tuple[ParameterGroup, ...]:
    """Two groups: weights, which decay, and biases and normalisation parameters, which do not.

    Source: He, Zhang, Zhang, Zhang, Xie and Li, Bag of tricks for image classification with CNNs, 2019.

    >>> [sorted(group.parameters) for group in parameter_groups(nn.Linear(2, 3))]
    [['weight'], ['bias']]
    """
    named = {name: one for name, one in network.named_parameters() if one.requires_grad}
    decaying = {name: one for name, one in named.items() if one.ndim > 1}
    rest = {name: one for name, one in named.items() if one.ndim <= 1}
    groups = (ParameterGroup(decaying), ParameterGroup(rest, decays=False))
    return tuple(group for group in groups if group.parameters)
