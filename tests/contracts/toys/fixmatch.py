"""FixMatch, as a toy: a stream without labels, a weak and a strong view of it."""

import torch
from torch import Tensor

from luthier.core.batch import Batch
from luthier.core.card import TrickCard
from luthier.core.declare import Range, hyperparameter
from luthier.training.trick import StepContext, Trick, TrickState


def consistency(strong: Tensor, weak: Tensor, threshold: float) -> Tensor:
    """Cross-entropy of the strong view's logits against the weak view's answer, 0 where that is not sure: (M,)."""
    sure, answer = weak.softmax(1).max(1)
    return torch.nn.functional.cross_entropy(strong, answer, reduction="none") * (sure >= threshold)


class FixMatch(Trick):
    """Adds to each example's loss the mean over its own block of unlabelled examples."""

    name = "fixmatch"
    card = TrickCard(
        summary="Learns from examples without labels what a weak view of them is sure of.",
        source="Sohn and others, FixMatch, 2020, arXiv 2001.07685",
    )

    weight: float = hyperparameter(1.0, bounds=Range(0), description="weight of the unlabelled part; 0 is none")
    threshold: float = hyperparameter(
        0.4, bounds=Range(0, 1), description="probability from which an answer counts; 0 takes all"
    )
    ratio: int = hyperparameter(2, bounds=Range(1), description="unlabelled examples per labelled one")
    noise: float = hyperparameter(
        0.1, bounds=Range(0), description="what makes the strong view strong; 0 leaves it weak"
    )

    def streams(self) -> dict[str, int]:
        return {"unlabelled": self.ratio}

    def edit_batch(self, batch: Batch, trick_state: TrickState, context: StepContext) -> Batch:
        if self.weight == 0:
            return batch
        raw = batch.aux["unlabelled"]
        noise = torch.randn(raw.shape, generator=context.rng("noise")).to(raw) * self.noise
        views = {"weak": context.augment(raw, "weak"), "strong": context.augment(raw, "strong") + noise}
        return batch.replace(aux={**batch.aux, **views})

    def edit_loss(
        self, losses: Tensor, batch: Batch, logits: Tensor, trick_state: TrickState, context: StepContext
    ) -> Tensor:
        if self.weight == 0:
            return losses
        with torch.no_grad():
            weak = context.forward(batch.aux["weak"], "weak")
        each = consistency(context.forward(batch.aux["strong"], "strong"), weak, self.threshold)
        return losses + self.weight * each.view(len(batch), self.ratio).mean(1)
