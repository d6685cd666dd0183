"""Looks inside a network: layers, shapes, parameters, FLOPs, and the memory of a training step."""

import copy
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.overrides import TorchFunctionMode
from torch.utils.flop_counter import FlopCounterMode

from luthier.core.rng import fork_rng

Layer = dict[str, Any]


BATCH_SIZES = (1, 16, 64, 256)


PROBE = 2
"""Examples in the first of two passes; the second has twice as many, and the difference is what examples cost."""


OPTIMIZER_COPIES = 2
"""Tensors of a parameter's size that AdamW keeps, the default optimizer."""


def inspect(network: nn.Module, shape: tuple[int, ...], memory: int | None = None) -> dict[str, Any]:
    """Describe a network for examples of a shape; the network and the global random state stay as they are.

    memory: bytes that a training step may take; adds `largest_batch`, 0 where not even one example fits.
    Keys: parameters; flops of one example's forward pass (a multiply-add counts as 2; convolutions and matrix
    products only; None where they cannot be counted); layers, each with name, type, output shape, parameters, flops
    and saved_bytes, what it adds per example to what autograd keeps; memory: for some batch sizes the bytes of a
    training step (weights, gradients, AdamW's state, what autograd keeps).
    """
    counted, measured = _look(network, shape)
    flops, saved = counted.flops if counted else None, measured.saved
    layers = [
        {**layer, "flops": flops and flops.get(layer["name"], 0), "saved_bytes": saved.get(layer["name"], 0)}
        for layer in measured.layers
    ]
    fixed, each = measured.fixed + _weight_bytes(network) * (2 + OPTIMIZER_COPIES), sum(saved.values())
    description = {
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "flops": flops and flops[""],
        "layers": layers,
        "memory": [{"batch_size": size, "bytes": fixed + size * each} for size in BATCH_SIZES],
    }
    return description if memory is None else {**description, "largest_batch": max(0, memory - fixed) // max(1, each)}


def count_saved_bytes(network: nn.Module, shape: tuple[int, ...]) -> int:
    """Count the bytes that autograd keeps for the backward pass, per example, without parameters and shared storage."""
    return sum(_look(network, shape)[1].saved.values())


def _weight_bytes(network: nn.Module) -> int:
    return sum(parameter.numel() * parameter.element_size() for parameter in network.parameters())


@dataclass(frozen=True)
class Findings:
    """What a pass through a network showed.

    layers: name, type, output shape and parameters, in the order of the pass. flops: of one example, by the name of
    the module; the whole network is "". saved: bytes kept of one example, by name. fixed: kept whatever the batch.
    """

    layers: list[Layer]
    flops: dict[str, int]
    saved: dict[str, int]
    fixed: int


def _look(network: nn.Module, shape: tuple[int, ...]) -> tuple[Findings | None, Findings]:
    """Find where FLOPs are counted, None if they cannot be, and where kept bytes are measured.

    Both on the meta device, where nothing is computed. Two things need the real network: modules that look at values,
    and recurrent layers, whose kernels keep copies and workspaces of their own. The LSTM's also hides its products.
    """
    recurrent = any(isinstance(module, nn.RNNBase) for module in network.modules())
    try:
        counted = _findings(make_hollow(network), shape, "meta")
    except RuntimeError:  # NotImplementedError, PyTorch's word for it, is one
        counted = None
    if counted and not recurrent:
        return counted, counted
    measured = _findings(copy.deepcopy(network).cpu(), shape, "cpu")
    return (counted if recurrent else measured), measured


def _findings(network: nn.Module, shape: tuple[int, ...], device: str) -> Findings:
    network.train()
    with fork_rng(torch.device("cpu")):
        layers, flops, small = _pass(network, torch.zeros(PROBE, *shape, device=device))
        *_, large = _pass(network, torch.zeros(2 * PROBE, *shape, device=device))
    saved = {name: (large[name] - small[name]) // PROBE for name in large}
    return Findings(layers, flops, saved, sum(small.values()) - PROBE * sum(saved.values()))


def _pass(network: nn.Module, examples: Tensor) -> tuple[list[Layer], dict[str, int], dict[str, int]]:
    """Return layers, FLOPs of one example by module, and kept bytes of the batch by the module that kept them first."""
    layers: list[Layer] = []
    inside = [""]
    own = {one.untyped_storage()._cdata for one in (*network.parameters(), *network.buffers())}
    kept: dict[int, Any] = {}
    saved: dict[str, int] = defaultdict(int)

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in own and storage._cdata not in kept:
            kept[storage._cdata] = storage  # held, so that no other comes to lie at its place
            saved[inside[-1]] += storage.nbytes()
        return tensor

    handles = [handle for name, module in network.named_modules() for handle in _watch(name, module, inside, layers)]
    counter = FlopCounterMode(display=False)
    with counter, saved_tensors_hooks(keep, lambda tensor: tensor):
        network(examples)
    for handle in handles:
        handle.remove()
    root = type(network).__name__
    counts = {name.removeprefix(root).lstrip("."): sum(one.values()) for name, one in counter.get_flop_counts().items()}
    flops = {name: count // len(examples) for name, count in counts.items()}
    return layers, {**flops, "": counter.get_total_flops() // len(examples)}, saved


def _watch(name: str, module: nn.Module, inside: list[str], layers: list[Layer]) -> tuple[Any, Any]:
    """Note which module works at the moment, and each innermost one when it is done."""

    def enter(module: nn.Module, inputs: Any) -> None:
        inside.append(name)

    def leave(module: nn.Module, inputs: Any, output: Any) -> None:
        inside.pop()
        if not list(module.children()):
            layers.append(_describe(name, module, output))

    return module.register_forward_pre_hook(enter), module.register_forward_hook(leave)


def _describe(name: str, module: nn.Module, output: Any) -> Layer:
    """Describe the output of a module: a tensor, or a tuple that begins with one, as recurrent layers give it."""
    first = output[0] if isinstance(output, tuple) else output
    return {
        "name": name,
        "type": type(module).__name__,
        "output": list(first.shape[1:]) if isinstance(first, Tensor) else None,
        "parameters": sum(parameter.numel() for parameter in module.parameters()),
    }


class Unfilled(TorchFunctionMode):
    """While active, PyTorch's initialisers leave new parameters unwritten, and their memory is never used.

    >>> with Unfilled():
    ...     layer = nn.Linear(5000, 10_000)  # 200 MB once it is filled
    """

    def __torch_function__(
        self, func: Callable[..., Any], types: Iterable[type], args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if getattr(func, "__module__", None) == nn.init.__name__:
            return (kwargs or {}).get("tensor", args[0] if args else None)
        return func(*args, **(kwargs or {}))


def make_hollow(network: nn.Module) -> nn.Module:
    """Copy a network with every parameter and buffer on the meta device, where only shapes exist."""
    tensors = [*network.parameters(), *network.buffers()]
    return copy.deepcopy(network, {id(one): _shell(one) for one in tensors})


def _shell(tensor: torch.Tensor) -> torch.Tensor:
    shell = torch.empty_like(tensor, device="meta")
    return nn.Parameter(shell, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else shell
