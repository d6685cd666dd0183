"""What ResNets and MobileNetV2 share: blocks with a shortcut, and what may be done to their branches."""

from torch import nn

from luthier.core.declare import Range, Search, hyperparameter
from luthier.core.errors import BadInput
from luthier.models.architecture import Shape
from luthier.models.modules import Residual, StochasticDepth
from luthier.models.picture import PictureNetwork
from luthier.models.settings import Norm, chain, make_norm, norm_field


class ResidualNetwork(PictureNetwork):
    """Declares a network of residual blocks."""

    norm: Norm = norm_field("batch")
    zero_gamma: bool = hyperparameter(
        False,
        description="start the last norm of each branch at 0, so that a block begins as its shortcut (Goyal and "
        "others, "
        "Accurate, large minibatch SGD, 2017; He and others, Bag of tricks, 2019), or at 1 as usual",
    )
    stochastic_depth: float = hyperparameter(
        0.0,
        bounds=Range(0, 1, high_open=True),
        search=Search(0, 0.5),
        description="share of examples whose last branch is left out in training, less in earlier blocks; 0 leaves "
        "none out, "
        "near 1 nearly all (Huang and others, Deep networks with stochastic depth, 2016)",
    )

    def build(self, shape: Shape, outputs: int) -> nn.Module:
        if self.zero_gamma and self.norm == "none":
            raise BadInput(
                "zero_gamma needs a norm whose factor can start at 0, but norm is 'none'; "
                "set model.norm = 'batch' or model.zero_gamma = false"
            )
        return super().build(shape, outputs)

    def rates(self, blocks: int) -> list[float]:
        """Rate of stochastic depth of each block: it grows linearly to that of the last, as the paper has it."""
        return [self.stochastic_depth * number / blocks for number in range(1, blocks + 1)]

    def basic(self, before: int, after: int, stride: int) -> nn.Sequential:
        """Make a branch of two 3x3 convolutions, the first with the stride."""
        return chain(
            unit=self.unit(before, after, 3, stride), conv=self.conv(after, after, 3), norm=make_norm(self.norm, after)
        )

    def projection(self, before: int, after: int, stride: int) -> nn.Sequential:
        """Make a shortcut with parameters, for where the shape changes."""
        return chain(conv=self.conv(before, after, 1, stride), norm=make_norm(self.norm, after))

    def residual(
        self, branch: nn.Sequential, shortcut: nn.Module, rate: float, after: nn.Module | None = None
    ) -> Residual:
        """Join a branch that ends in a norm and its shortcut; rate: of stochastic depth in this block."""
        if self.zero_gamma and self.norm != "none":
            norm: nn.BatchNorm2d | nn.GroupNorm = branch[-1]  # type: ignore[assignment]  # it ends in one
            nn.init.zeros_(norm.weight)
        if rate:
            branch.append(StochasticDepth(rate))
        return Residual(branch, shortcut, after)
