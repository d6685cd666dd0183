"""What residual networks are made of: the sum of a branch and its shortcut."""

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
