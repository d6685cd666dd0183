"""The battery for optimizers."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from luthier.core.rng import generator
from luthier.optim import Optimizer, ParameterGroup, group_parameters
from luthier.testing.compare import require, require_same
from luthier.testing.part import check_part
from luthier.testing.training import check_repeats, check_resumes, prepared
from luthier.training import Trainer

STEPS = 40


def check_optimizer(optimizer: Optimizer, *, recipe: Mapping[str, Any] | None = None) -> None:
    """Check that an optimizer descends, honours rates and decay, skips what has no gradient, and resumes to the bit.

    optimizer: with a learning rate above 0 at which a small linear problem can be learned.
    recipe: sections laid over the battery's own small recipe.
    Raises AssertionError with what is wrong.

    >>> from luthier.optim.optimizers import SGD
    >>> check_optimizer(SGD(learning_rate=0.05))
    """
    check_part(optimizer)
    unused = optimizer.model_copy(deep=True)
    require(optimizer.learning_rate > 0, f"{optimizer.name} must be given with a learning rate above 0")
    _check_groups(optimizer)
    _check_descends(optimizer)
    _check_skips(optimizer)
    _check_stays(optimizer)
    _check_decay(optimizer)

    def make() -> Trainer:
        return prepared({**(recipe or {}), "optimizer": unused.model_copy(deep=True)}).trainer

    check_repeats(make, optimizer.name)
    check_resumes(make, optimizer.name)


def _problem() -> nn.Sequential:
    """Make two linear layers with a norm between, always the same."""
    network = nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4), nn.Linear(4, 3))
    rng = generator(0, "testing/optimizer")
    for parameter in network.parameters():
        parameter.data = torch.randn(parameter.shape, generator=rng) / 2
    return network


def _loss(network: nn.Module) -> torch.Tensor:
    inputs = torch.randn(11, 5, generator=generator(1, "testing/optimizer"))
    return nn.functional.cross_entropy(network(inputs), torch.arange(11) % 3)


def _step(network: nn.Module, built: torch.optim.Optimizer) -> float:
    built.zero_grad()
    loss = _loss(network)
    loss.backward()
    built.step()
    return loss.item()


def _with_rate(network: nn.Module, rate: float) -> tuple[ParameterGroup, ...]:
    return tuple(replace(one, rate=rate) for one in group_parameters(network))


def _parameters(network: nn.Module) -> dict[str, torch.Tensor]:
    return {name: parameter.detach().clone() for name, parameter in network.named_parameters()}


def _check_groups(optimizer: Optimizer) -> None:
    network = _problem()
    built = optimizer.build(_with_rate(network, 0.5))
    rates = [group["lr"] for group in built.param_groups]
    require(
        rates == [optimizer.learning_rate * 0.5] * 2,
        f"{optimizer.name} must give groups of rate 0.5 half the learning rate, but gave {rates}",
    )
    held = {id(parameter) for group in built.param_groups for parameter in group["params"]}
    given = {id(parameter) for parameter in network.parameters()}
    require(held == given, f"{optimizer.name} must hold every parameter it is given")


def _check_descends(optimizer: Optimizer) -> None:
    network = _problem()
    built = optimizer.build(group_parameters(network))
    losses = [_step(network, built) for _ in range(STEPS)]
    require(
        losses[-1] < losses[0],
        f"{optimizer.name} must lower a small problem's loss in {STEPS} steps, "
        f"but took it from {losses[0]:g} to {losses[-1]:g}",
    )


def _check_skips(optimizer: Optimizer) -> None:
    """Check that a parameter without a gradient does not move, decay included: that is how tricks freeze."""
    network = _problem()
    first = network[0]
    built = optimizer.build(group_parameters(network))
    before = _parameters(first)
    for _ in range(2):
        built.zero_grad()
        _loss(network).backward()
        for parameter in first.parameters():
            parameter.grad = None
        built.step()
    require_same(_parameters(first), before, f"{optimizer.name} must leave a parameter without gradient as it is")


def _check_stays(optimizer: Optimizer) -> None:
    """Check that rate 0 changes nothing, and neither does a step that was marked as not finite on the device."""
    network = _problem()
    before = _parameters(network)
    _step(network, optimizer.build(_with_rate(network, 0.0)))
    require_same(_parameters(network), before, f"{optimizer.name} must change nothing at rate 0")
    built = optimizer.build(group_parameters(network))
    if getattr(built, "_step_supports_amp_scaling", False):
        built.found_inf = torch.ones(())  # type: ignore[attr-defined]  # how the loop tells fused kernels to skip
        _step(network, built)
        require_same(_parameters(network), before, f"{optimizer.name} must skip a step that is marked as not finite")


def _check_decay(optimizer: Optimizer) -> None:
    """Check that with a gradient of zero only decay acts: on weights, not on biases and norms."""
    network = _problem()
    decaying = optimizer.model_copy(update={"weight_decay": 0.1})
    built = decaying.build(group_parameters(network))
    for parameter in network.parameters():
        parameter.grad = torch.zeros_like(parameter)
    before = _parameters(network)
    built.step()
    for name, parameter in network.named_parameters():
        if parameter.ndim > 1:
            shrunk = bool(parameter.norm() < before[name].norm())
            require(shrunk, f"{optimizer.name} must shrink {name} by weight decay, but did not")
        else:
            require_same(parameter.detach(), before[name], f"{optimizer.name} must spare {name} from weight decay")
