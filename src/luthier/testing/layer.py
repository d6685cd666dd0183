"""The battery for declared layers."""

import torch
from torch import Tensor, nn

from luthier.core.errors import BadInput
from luthier.core.rng import generator
from luthier.models.layers import Layer
from luthier.models.layers.layer import Shape
from luthier.testing.compare import isolate_global_states, require, require_same
from luthier.testing.part import check_part
from luthier.testing.training import copy_weights

SHAPES = ((6, 13, 11), (7, 5), (9,))
"""A picture, a sequence, a row."""


POOR = ((1, 1, 1), (2, 3, 70), (5, 1, 9), (1, 1), (1,))
"""Shapes that a layer may refuse, but not with anything other than BadInput."""


def check_layer(layer: Layer, shape: Shape | None = None) -> None:
    """Check that a layer builds for some shape, treats each example by itself, follows its seed and learns.

    shape: of one example, (C, H, W), (T, F) or (F,); by default one of each is tried.
    Raises AssertionError with what is wrong.

    >>> from luthier.models.layers import Linear
    >>> check_layer(Linear(units=3))
    """
    check_part(layer)
    tried = (shape,) if shape else SHAPES
    taken = [one for one in tried if _built(layer, one) is not None]
    require(bool(taken), f"{layer.name} must build for one of the shapes {tried}; give it one that it takes")
    for one in taken:
        _check_seeded(layer, one)
        _check_answers(layer, one)
        _check_learns(layer, one)
    for poor in POOR:
        module = _built(layer, poor)
        if module is not None:
            count = len(_answer(module, torch.zeros(2, *poor)))
            require(count == 2, f"{layer.name} must answer for shape {poor} or refuse to be built")


def _built(layer: Layer, shape: Shape, seed: int = 1) -> nn.Module | None:
    """Build from a global state of its own; None where the shape is refused."""
    with isolate_global_states(seed):
        try:
            return layer.build(shape)
        except BadInput:
            return None
        except Exception as error:
            raise AssertionError(
                f"{layer.name} must build for shape {shape} or raise BadInput, but raised {error!r}"
            ) from error


def _make(layer: Layer, shape: Shape) -> nn.Module:
    module = _built(layer, shape)
    assert module is not None
    return module


def _inputs(layer: Layer, count: int, shape: Shape) -> Tensor:
    drawn = torch.rand(count, *shape, generator=generator(0, "testing/inputs"))
    return drawn if layer.vocabulary is None else (drawn * layer.vocabulary).floor()


def _answer(module: nn.Module, inputs: Tensor) -> Tensor:
    with torch.inference_mode(), isolate_global_states(1):
        answer: Tensor = module.eval()(inputs)
    return answer


def _check_seeded(layer: Layer, shape: Shape) -> None:
    first, again = _make(layer, shape), _make(layer, shape)
    require_same(
        copy_weights(first), copy_weights(again), f"{layer.name} must be built the same from the same global state"
    )
    shared = {id(module) for module in first.modules()} & {id(module) for module in again.modules()}
    require(not shared, f"{layer.name} must make a new module each time, but gave one out twice")
    bad = [
        name
        for name, tensor in first.state_dict().items()
        if tensor.is_floating_point() and not tensor.isfinite().all()
    ]
    require(not bad, f"{layer.name} must start finite, but {bad[:1]} is not")


def _check_answers(layer: Layer, shape: Shape) -> None:
    module, inputs = _make(layer, shape), _inputs(layer, 4, shape)
    together = _answer(module, inputs)
    what = f"{layer.name} for shape {shape}"
    require(
        isinstance(together, Tensor) and together.ndim > 1 and len(together) == 4 and together.dtype == torch.float32,
        f"{what} must give one float32 tensor with a row for each of four examples",
    )
    require(bool(together.isfinite().all()), f"{what} must give finite numbers before training")
    alone = torch.cat([_answer(module, one.unsqueeze(0)) for one in inputs])
    require(
        together.shape == alone.shape and torch.allclose(together, alone, rtol=1e-4, atol=1e-5),
        f"{what} must answer each example by itself in evaluation, but a batch of one gave something else",
    )


def _check_learns(layer: Layer, shape: Shape) -> None:
    """Check that every parameter gets a finite gradient, and the layer's input too, where it can have one."""
    module, inputs = _make(layer, shape), _inputs(layer, 6, shape).requires_grad_()
    with isolate_global_states(1):
        answer = module.train()(inputs)
    require(answer.requires_grad, f"{layer.name} must let the gradient through, but stops it")
    answer.square().sum().backward()
    for name, parameter in module.named_parameters():
        ok = parameter.grad is not None and bool(parameter.grad.isfinite().all())
        require(ok, f"{layer.name} must give every parameter a finite gradient, but {name} gets none")
    ok = inputs.grad is None or bool(inputs.grad.isfinite().all())
    require(ok, f"{layer.name} must hand back a finite gradient, but does not")
