"""Views of examples without labels, for tricks that ask a network for one prediction for all of them."""

import torch
from torch import Tensor, nn

from luthier.core.errors import BadInput
from luthier.data.loader import DeviceDataset
from luthier.training.trick import StepContext

PICTURES = 4


def check_numbers(name: str, network: nn.Module) -> None:
    """Refuse a network that looks words up in a table: noise would turn them into other words."""
    if any(isinstance(module, nn.Embedding | nn.EmbeddingBag) for module in network.modules()):
        raise BadInput(
            f"tricks.{name} changes numbers a little, but the network looks its inputs up in a table; "
            "take the trick out, or label with --pseudo-labels"
        )


def compute_spread(examples: DeviceDataset) -> Tensor:
    """Compute the standard deviation of each feature of rows (N, F) or sequences (N, T, F), NaN left out (F,).

    For pictures it is 1.

    >>> from luthier.testing.material import rows
    >>> from luthier.data.loader import to_device
    >>> data = rows(53)
    >>> compute_spread(to_device(data.inputs, data.labels, 3, torch.device("cpu"))).shape
    torch.Size([7])
    """
    if examples.store.ndim == PICTURES:
        return torch.ones((), device=examples.device)
    values = examples.inputs(examples.indices).flatten(0, -2)
    known = ~values.isnan()
    count = known.sum(0).clamp(min=1)
    mean = values.nan_to_num().sum(0) / count
    return (((values - mean).nan_to_num().square()).sum(0) / count).sqrt()


def make_weak_view(inputs: Tensor, noise: float, scale: Tensor, context: StepContext, name: str) -> Tensor:
    """Make a light change: the recipe's own augmentations for pictures, noise for other inputs.

    noise: standard deviation in that of each feature, scale (F,).
    """
    if inputs.ndim == PICTURES:
        return context.augment(inputs, name)
    return inputs + torch.randn(inputs.shape, generator=context.rng(name)).to(inputs) * (noise * scale)
