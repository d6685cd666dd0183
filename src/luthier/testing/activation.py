"""The battery for activations."""

import copy
import io

import torch
from torch import Tensor, nn

from luthier.core.rng import generator
from luthier.models.activations import Activation
from luthier.testing.compare import isolate_global_states, read_global_states, require, require_same
from luthier.testing.part import check_part
from luthier.testing.training import copy_weights

SHAPES = ((5, 3, 7, 11), (5, 13), (1, 13), (2, 7, 3))
"""Pictures, rows, one row, sequences."""


WIDE = torch.cat((torch.linspace(-1e4, 1e4, 41), torch.linspace(-20, 20, 41)))


def check_activation(activation: Activation) -> None:
    """Check that an activation works value by value, stays finite, has its own gradient, and is made anew each time.

    Raises AssertionError with what is wrong.

    >>> from luthier.models.activations import Tanh
    >>> check_activation(Tanh())
    """
    check_part(activation)
    _check_fresh(activation)
    _check_repeats(activation)
    for shape in SHAPES:
        _check_shape(activation, shape)
    _check_wide(activation)
    _check_gradient(activation)
    _check_saved(activation)


def _values(shape: tuple[int, ...]) -> Tensor:
    return torch.randn(shape, generator=generator(0, "testing/activation")) * 2


def _check_fresh(activation: Activation) -> None:
    with isolate_global_states(1):
        before = read_global_states()
        first, second = activation.build(), activation.build()
        require(read_global_states() == before, f"building {activation.name} must leave the global generators alone")
    shared = {id(parameter) for parameter in first.parameters()} & {id(parameter) for parameter in second.parameters()}
    require(first is not second and not shared, f"{activation.name} must build a new module each time")
    require_same(copy_weights(first), copy_weights(second), f"{activation.name} must be built the same each time")


def _check_repeats(activation: Activation) -> None:
    """Check for equal values in training and evaluation, whatever the state of the global generators."""
    values, answers = _values((5, 13)), []
    for seed, training in ((1, True), (2, False)):
        with isolate_global_states(seed):
            answers.append(activation.build().train(training)(values.clone()).detach())
    require(torch.equal(*answers), f"{activation.name} must give the same for the same values, but did not")


def _check_shape(activation: Activation, shape: tuple[int, ...]) -> None:
    for dtype in (torch.float32, torch.float64):
        values = _values(shape).to(dtype)
        before = values.clone()
        outputs = activation.build().to(dtype)(values)
        require(
            outputs.shape == shape and outputs.dtype == dtype,
            f"{activation.name} must keep shape {shape} and {dtype}, but gave {tuple(outputs.shape)} {outputs.dtype}",
        )
        require(torch.equal(values, before), f"{activation.name} must leave its input as it was")
    alone = activation.build()(_values(shape)[:1])
    together = activation.build()(_values(shape))[:1]
    require(torch.allclose(alone, together), f"{activation.name} must answer each example by itself")


def _check_wide(activation: Activation) -> None:
    values = WIDE.clone().requires_grad_()
    outputs = activation.build()(values)
    (gradient,) = torch.autograd.grad(outputs.sum(), values)
    finite = bool(outputs.isfinite().all()) and bool(gradient.isfinite().all())
    require(finite, f"{activation.name} must stay finite, its gradient too, from {WIDE.min():g} to {WIDE.max():g}")


def _check_gradient(activation: Activation) -> None:
    module, values = activation.build().double(), _values((5, 3)).double().requires_grad_()
    try:
        torch.autograd.gradcheck(lambda x, *_: module(x), (values, *module.parameters()))
    except (RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise AssertionError(f"{activation.name} must have the gradient of its own values ({reason})") from error


def _check_saved(activation: Activation) -> None:
    """Check that a state dict holds parameters and nothing else, and that a copy made from it gives equal values."""
    module = activation.build()
    names = {name for name, _ in module.named_parameters()}
    require(module.state_dict().keys() == names, f"{activation.name} must keep nothing but its parameters")
    for parameter in module.parameters():
        nn.init.constant_(parameter, 0.125)
    _loaded_answers(activation, module)
    values, other = _values((5, 13)), copy.deepcopy(module)
    require(torch.equal(module(values), other(values)), f"{activation.name} must answer alike when copied")


def _loaded_answers(activation: Activation, module: nn.Module) -> None:
    file = io.BytesIO()
    torch.save(module.state_dict(), file)
    file.seek(0)
    other = activation.build()
    other.load_state_dict(torch.load(file, weights_only=True))
    values = _values((5, 13))
    same = torch.equal(module(values), other(values))
    require(same, f"{activation.name} must answer alike from the tensors of its state dict")
