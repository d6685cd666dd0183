"""The parameters of a network as a table of tensors, for tricks that average or move them."""

import copy
from collections.abc import Mapping

import torch
from torch import Tensor, nn

Weights = dict[str, Tensor]


def copy_weights(network: nn.Module) -> Weights:
    """Copy the parameters, by name."""
    return {name: parameter.detach().clone() for name, parameter in network.named_parameters()}


def average_weights(start: Mapping[str, Tensor], network: nn.Module, share: float) -> Weights:
    """Average the start and the network's parameters, the latter with weight share; 1 gives them bit for bit."""
    return {name: start[name].lerp(parameter.detach(), share) for name, parameter in network.named_parameters()}


def copy_with_weights(network: nn.Module, weights: Mapping[str, Tensor]) -> nn.Module:
    """Copy the network with other parameters and its own buffers."""
    other = copy.deepcopy(network)
    with torch.no_grad():
        for name, parameter in other.named_parameters():
            parameter.copy_(weights[name])
    return other
