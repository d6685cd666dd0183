"""Looks inside a network: layers, shapes, parameters, FLOPs, and the memory of a training step."""

import copy
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode

Layer = dict[str, Any]
BATCH_SIZES = (1, 16, 64, 256)
PROBE = 2
OPTIMIZER_COPIES = 2
"""Tensors of a parameter's size that AdamW keeps, the default optimizer."""


def inspect(network: nn.Module, shape: tuple[int, ...]) -> dict[str, Any]:
    """Describe a network for examples of a shape; the network and the global random state stay as they are.

    Keys: parameters; flops of one example's forward pass (a multiply-add counts as 2; convolutions and matrix
    products only); layers, each with name, type, output shape, parameters and flops; memory: for some batch sizes
    the bytes of a training step (weights, gradients, AdamW's state, what autograd saves).
    """
    network, example = copy.deepcopy(network).cpu(), torch.zeros(PROBE, *shape)
    counter = FlopCounterMode(display=False)
    layers: list[Layer] = []
    handles = [
        module.register_forward_hook(_recorder(name, layers))
        for name, module in network.named_modules()
        if not list(module.children())
    ]
    network.train()
    with torch.random.fork_rng(devices=[]):
        with counter, torch.no_grad():
            network(example)
        for handle in handles:
            handle.remove()
        memory = _memory(network, shape)
    _count_flops(counter, layers, type(network).__name__)
    return {
        "parameters": sum(one.numel() for one in network.parameters()),
        "flops": counter.get_total_flops() // PROBE,
        "layers": layers,
        "memory": memory,
    }


def _recorder(name: str, layers: list[Layer]) -> Any:
    def record(module: nn.Module, inputs: Any, output: Any) -> None:
        layers.append(
            {
                "name": name,
                "type": type(module).__name__,
                "output": list(output.shape[1:]) if isinstance(output, Tensor) else None,
                "parameters": sum(one.numel() for one in module.parameters()),
            }
        )

    return record


def _count_flops(counter: FlopCounterMode, layers: list[Layer], root: str) -> None:
    counts = counter.get_flop_counts()
    for layer in layers:
        layer["flops"] = sum(counts.get(f"{root}.{layer['name']}", {}).values()) // PROBE


def _memory(network: nn.Module, shape: tuple[int, ...]) -> list[dict[str, int]]:
    fixed = sum(one.numel() * one.element_size() for one in network.parameters()) * (2 + OPTIMIZER_COPIES)
    each = saved_bytes(network, shape)
    return [{"batch_size": size, "bytes": fixed + size * each} for size in BATCH_SIZES]


def saved_bytes(network: nn.Module, shape: tuple[int, ...]) -> int:
    """Bytes that autograd keeps for the backward pass, per example, parameters and shared storage counted out."""
    own = {one.untyped_storage().data_ptr() for one in (*network.parameters(), *network.buffers())}
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with saved_tensors_hooks(keep, lambda tensor: tensor):
        held = network(torch.zeros(PROBE, *shape))
    del held
    return sum(kept.values()) // PROBE
