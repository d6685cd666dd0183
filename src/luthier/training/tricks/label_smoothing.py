"""Label smoothing: Szegedy, Vanhoucke, Ioffe, Shlens and Wojna, Rethinking the Inception architecture, 2016."""

from torch import Tensor

from luthier.core.batch import Batch
from luthier.core.card import TrickCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.training.trick import StepContext, Trick, TrickState


def smooth_targets(target: Tensor, share: float) -> Tensor:
    """Spread a share of each target (B, K) evenly over all K classes.

    >>> import torch
    >>> smooth_targets(torch.eye(4)[:1], 0.4)
    tensor([[0.7000, 0.1000, 0.1000, 0.1000]])
    """
    return target * (1 - share) + share / target.shape[1]


class LabelSmoothing(Trick):
    """Spread a share of each target evenly over all classes, so that no prediction needs to be certain."""

    name = "label-smoothing"
    card = TrickCard(
        summary="Spreads a share of each target evenly over all classes.",
        source="Szegedy, Vanhoucke, Ioffe, Shlens and Wojna, Rethinking the Inception architecture for computer "
        "vision, 2016",
        cost="next to nothing",
        claim="about 0.2% less error on ImageNet with a share of 0.1",
    )
    spreads_targets = True
    tasks = ("classification",)

    share: float = hyperparameter(
        0.1,
        bounds=Range(0, 1),
        search=Search(0, 0.2),
        description="share that is spread; 0 is none, 1 leaves nothing to learn",
    )

    def edit_batch(self, batch: Batch, trick_state: TrickState, context: StepContext) -> Batch:
        if self.share == 0:
            return batch
        return batch.replace(target=smooth_targets(batch.target, self.share))
