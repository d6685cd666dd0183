"""Confidence penalty: Pereyra, Tucker, Chorowski, Kaiser and Hinton, 2017."""

from torch import Tensor

from luthier.core.batch import Batch
from luthier.core.card import TrickCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.training.trick import StepContext, Trick, TrickState


def entropy(logits: Tensor) -> Tensor:
    """Compute the entropy of the softmax of logits (B, K) in nats (B,).

    >>> import torch
    >>> entropy(torch.zeros(1, 4))
    tensor([1.3863])
    """
    log = logits.log_softmax(1)
    return -(log.exp() * log).sum(1)


class ConfidencePenalty(Trick):
    """Subtract strength x the entropy of the softmax from each example's loss, which penalises confidence.

    The losses in the history are with it, and may be below 0.
    """

    name = "confidence-penalty"
    card = TrickCard(
        summary="Makes certain answers dear: the entropy of the answer is taken off the loss.",
        source="Pereyra, Tucker, Chorowski, Kaiser and Hinton, Regularizing neural networks by penalizing confident "
        "output distributions, 2017, arXiv 1701.06548",
        cost="next to nothing",
        claim="better than dropout alone on six sets of pictures, text and speech, about as good as label smoothing",
    )
    tasks = ("classification",)

    strength: float = hyperparameter(
        0.1,
        bounds=Range(0),
        search=Search(0, 0.5),
        description="price of certainty; 0 is none, above 1 all answers even out",
    )

    def edit_loss(
        self, losses: Tensor, batch: Batch, logits: Tensor, trick_state: TrickState, context: StepContext
    ) -> Tensor:
        return losses - self.strength * entropy(logits) if self.strength else losses
