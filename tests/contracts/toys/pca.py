"""Initialisation from the data, as a toy: the first kernels become principal components of the patches they see."""

import torch
from torch import Tensor, nn

from luthier.core.card import TrickCard
from luthier.core.declare import hyperparameter
from luthier.training.trick import Setup, StepContext, Trick


def components(inputs: Tensor, side: int, count: int) -> Tensor:
    """The first principal components of all side x side patches of pictures (B, C, H, W): (count, C, side, side)."""
    patches = nn.functional.unfold(inputs.double(), side).transpose(1, 2).flatten(0, 1)
    _, _, directions = torch.linalg.svd(patches - patches.mean(0), full_matrices=False)
    return directions[:count].view(count, inputs.shape[1], side, side).float()


class PcaInitialisation(Trick):
    """Sets the kernels of the first convolution; where there are more kernels than components, the rest stay."""

    name = "pca-initialisation"
    card = TrickCard(
        summary="Starts the first convolution from principal components of the data.",
        source="Krähenbühl, Doersch, Donahue and Darrell, Data-dependent initializations, 2016, arXiv 1511.06856",
    )

    active: bool = hyperparameter(True, description="whether it acts")

    def setup(self, value: Setup, context: StepContext) -> Setup:
        if not self.active:
            return value
        conv = next(one for one in value.network.modules() if isinstance(one, nn.Conv2d))
        count = min(conv.weight.shape[0], conv.weight[0].numel())
        inputs = value.network.standardise(value.sample.inputs)
        with torch.no_grad():
            conv.weight[:count] = components(inputs, conv.kernel_size[0], count)
        return value
