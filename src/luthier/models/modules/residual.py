"""What residual networks are made of: the sum of a branch and its shortcut, branches side by side, stochastic depth."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Residual(nn.Module):
    """Add what a branch makes of x to what a shortcut makes of it: (B, C, H, W) to (B, D, I, J).

    branch, shortcut: give the same shape. after: follows the sum; nothing does by default.
    Source: He, Zhang, Ren and Sun, Deep residual learning for image recognition, 2015.

    >>> import torch
    >>> Residual(nn.Flatten(), nn.Identity())(torch.tensor([[1.0, 2.0]]))
    tensor([[2., 4.]])
    """

    def __init__(self, branch: nn.Module, shortcut: nn.Module, after: nn.Module | None = None) -> None:
        super().__init__()
        self.branch = branch
        self.shortcut = shortcut
        self.after = after or nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.after(self.shortcut(x) + self.branch(x))
        return found


class PaddedShortcut(nn.Module):
    """Take every stride-th pixel and add maps of zeros: a shortcut without parameters where the shape changes.

    more: number of maps that are added behind the others, 0 or above.
    Source: He, Zhang, Ren and Sun, Deep residual learning for image recognition, 2015 (option A).

    >>> import torch
    >>> PaddedShortcut(stride=2, more=5)(torch.ones(2, 3, 7, 9)).shape
    torch.Size([2, 8, 4, 5])
    """

    def __init__(self, stride: int, more: int) -> None:
        super().__init__()
        self.stride = stride
        self.more = more

    def forward(self, x: Tensor) -> Tensor:
        return F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.more))


class StochasticDepth(nn.Module):
    """Set the whole branch of an example to zero with a probability, and divide what stays by the share that stays.

    rate: probability, at least 0 and below 1; 0 changes nothing, and near 1 nearly every example goes by the shortcut.
    Each example draws for itself, from the global generator, which the engine seeds for each step. In evaluation, and
    at rate 0, the values pass untouched and nothing is drawn.
    Source: Huang, Sun, Liu, Sedra and Weinberger, Deep networks with stochastic depth, 2016; there a block is left out
    for the whole batch, and the division is done in evaluation: the same expectation.

    >>> layer = StochasticDepth(0.5)
    >>> sorted(set(layer(torch.ones(99, 3, 2, 2)).flatten().tolist()))
    [0.0, 2.0]
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.rate == 0:
            return x
        stays = 1 - self.rate
        mask = torch.empty(len(x), *[1] * (x.ndim - 1), dtype=x.dtype, device=x.device).bernoulli_(stays)
        return x * (mask / stays)

    def extra_repr(self) -> str:
        return f"rate={self.rate}"


class Parallel(nn.Sequential):
    """Give x to every branch and lay the maps that they make behind one another: (B, C, H, W) to (B, sum, H, W).

    Source: Szegedy and others, Going deeper with convolutions, 2014 (the inception module).

    >>> Parallel(nn.Identity(), nn.Identity())(torch.ones(2, 3, 5, 7)).shape
    torch.Size([2, 6, 5, 7])
    """

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self], 1)
