"""Networks without numbers, for looking at shapes: large ones then cost no time and no memory."""

import copy
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode


class Unfilled(TorchFunctionMode):
    """While it is on, PyTorch's initialisers leave new parameters unwritten, and their memory is never taken.

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
