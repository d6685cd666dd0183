"""Where tensors live."""

import torch

from luthier.core.errors import BadInput

DEVICES = ("auto", "cpu", "cuda", "mps")


def choose(name: str) -> torch.device:
    """Turn a device's name into a device; auto takes cuda, then mps, then cpu.

    Raises BadInput for an unknown name or a device that this machine lacks: never another one in silence.

    >>> choose("cpu")
    device(type='cpu')
    """
    if name not in DEVICES:
        raise BadInput(f"device must be one of {', '.join(DEVICES)}, but got {name!r}; choose one with --device")
    present = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device(next(kind for kind in ("cuda", "mps", "cpu") if present[kind]))
    if not present[name]:
        raise BadInput(
            f"device {name} must be present on this machine, but PyTorch finds none; use --device cpu or auto"
        )
    return torch.device(name)
