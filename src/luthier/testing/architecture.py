"""The battery for architectures."""

import copy

import torch
from torch import nn

from luthier.core.errors import BadInput
from luthier.core.rng import generator
from luthier.models import Architecture, Network, assemble
from luthier.models.architecture import Shape
from luthier.models.initialisers import HeNormal, scale_output_
from luthier.models.modules import Standardise
from luthier.testing.compare import isolate_global_states, read_global_states, require, require_same
from luthier.testing.material import pictures, rows
from luthier.testing.part import check_part
from luthier.testing.training import check_resumes, copy_weights, prepared
from luthier.training import Trainer

OUTPUTS = 5


ROW = (7,)


POOR = ((3,), (1, 1, 1), (2, 4, 4), (1, 9, 70))
"""Shapes that a network may refuse, but not with anything other than BadInput."""


def check_architecture(architecture: Architecture, shape: Shape | None = None) -> None:
    """Check that an architecture builds, takes any batch size, follows its seed, learns, resumes and can be copied.

    shape: of one example, (C, H, W) or (F,); by default three channels of the card's native size, or a row. Training
        takes it too; there pictures are square.
    Raises AssertionError with what is wrong.

    >>> from luthier.models import MLP
    >>> check_architecture(MLP(depth=1, width=3))
    """
    check_part(architecture)
    size = architecture.card.native_size
    own = shape or ((3, size, size) if size else ROW)
    network = _check_seeded(architecture, own)
    _check_answers(architecture, network, own)
    _check_learns(architecture, network, own)
    check_resumes(lambda: _training(architecture, own), architecture.name)
    _check_copies(architecture, network, own)
    _check_output_layer(architecture, own)
    for poor in POOR:
        _check_refuses(architecture, poor)


def _make_trainer(architecture: Architecture, shape: Shape) -> Network:
    channels = torch.zeros(shape[0])
    return assemble(architecture, HeNormal(), Standardise(channels, channels + 1), shape, OUTPUTS, seed=3)


def _inputs(count: int, shape: Shape) -> torch.Tensor:
    return torch.rand(count, *shape, generator=generator(0, "testing/inputs"))


def _answer(network: nn.Module, inputs: torch.Tensor) -> torch.Tensor:
    """Compute logits in evaluation mode."""
    with torch.inference_mode(), isolate_global_states(1):
        logits: torch.Tensor = network.eval()(inputs)
    return logits


def _check_seeded(architecture: Architecture, shape: Shape) -> Network:
    made = []
    for seed in (1, 2):
        with isolate_global_states(seed):
            before = read_global_states()
            made.append(_make_trainer(architecture, shape))
            require(
                read_global_states() == before, f"building {architecture.name} must leave the global generators alone"
            )
    require_same(
        copy_weights(made[0]), copy_weights(made[1]), f"{architecture.name} must be built the same for the same seed"
    )
    bad = [
        name
        for name, tensor in made[0].state_dict().items()
        if tensor.is_floating_point() and not tensor.isfinite().all()
    ]
    require(not bad, f"{architecture.name} must start finite, but {bad[:1]} is not")
    return made[0]


def _check_answers(architecture: Architecture, network: nn.Module, shape: Shape) -> None:
    """Check shape, type, and that the logits of an example do not depend on the others of its batch."""
    inputs = _inputs(4, shape)
    together = _answer(network, inputs)
    alone = torch.cat([_answer(network, one.unsqueeze(0)) for one in inputs])
    require(
        together.shape == (4, OUTPUTS) and together.dtype == torch.float32,
        f"{architecture.name} must give (4, {OUTPUTS}) float32 logits for four examples of shape {shape}, "
        f"but gave {tuple(together.shape)} {together.dtype}",
    )
    require(bool(together.isfinite().all()), f"{architecture.name} must give finite logits before training")
    require(
        torch.allclose(together, alone, rtol=1e-4, atol=1e-4),
        f"{architecture.name} must answer each example by itself in evaluation, but a batch of one gave other logits",
    )


def _check_learns(architecture: Architecture, network: nn.Module, shape: Shape) -> None:
    """Check that every parameter gets a finite gradient; without one it would never move."""
    target = torch.arange(6) % OUTPUTS
    with isolate_global_states(1):
        loss = nn.functional.cross_entropy(network.train()(_inputs(6, shape)), target)
    loss.backward()
    for name, parameter in network.named_parameters():
        ok = parameter.grad is not None and bool(parameter.grad.isfinite().all())
        require(ok, f"{architecture.name} must give every parameter a finite gradient, but {name} gets none")
    network.zero_grad()


def _training(architecture: Architecture, shape: Shape) -> Trainer:
    """Make a training of two epochs of two steps; pictures become square."""
    few = {"training": {"epochs": 2, "batch_size": 9}, "optimizer": {"name": "momentum", "learning_rate": 0.001}}
    data = rows(24, shape[0]) if len(shape) == 1 else pictures(24, max(shape[1:]), shape[0])
    return prepared({"model": architecture, **few}, dataset=data).trainer


def _check_copies(architecture: Architecture, network: nn.Module, shape: Shape) -> None:
    """Check that a copy gives equal logits from its own weights, as averages and teachers need.

    No two tensors may share memory: what is kept must fit in a file.
    """
    inputs, other = _inputs(2, shape), copy.deepcopy(network)
    first, second = _answer(network, inputs), _answer(other, inputs)
    require(torch.equal(first, second), f"{architecture.name} must answer alike when copied")
    for parameter in other.parameters():
        parameter.data.fill_(0.1)
    own = torch.equal(_answer(network, inputs), first) and not torch.equal(_answer(other, inputs), first)
    require(own, f"a copy of {architecture.name} must answer from weights of its own")
    places = [tensor.data_ptr() for tensor in network.state_dict().values() if tensor.numel()]
    alone = len(set(places)) == len(places)
    require(alone, f"{architecture.name} must keep each tensor under one name, but shares some")


def _check_output_layer(architecture: Architecture, shape: Shape) -> None:
    """Check that all examples get equal outputs where the last layer's weights are 0."""
    network, inputs = _make_trainer(architecture, shape), _inputs(3, shape)
    scale_output_(network, inputs, 0.0)
    outputs = _answer(network, inputs)
    same = torch.allclose(outputs, outputs[:1].expand_as(outputs), atol=1e-6)
    require(same, f"{architecture.name} must answer alike where its last layer weighs nothing")


def _check_refuses(architecture: Architecture, shape: Shape) -> None:
    try:
        network = architecture.build(shape, OUTPUTS)
    except BadInput:
        return
    except Exception as error:
        raise AssertionError(
            f"{architecture.name} must build for shape {shape} or raise BadInput, but raised {error!r}"
        ) from error
    answer = _answer(network, torch.zeros(2, *shape))
    require(answer.shape == (2, OUTPUTS), f"{architecture.name} must answer for shape {shape} or refuse to be built")
