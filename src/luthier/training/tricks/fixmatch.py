"""FixMatch: Sohn and others, FixMatch: simplifying semi-supervised learning with consistency and confidence, 2020."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from luthier.core.batch import Batch
from luthier.core.card import TrickCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.data.augment import Composer, RandAugment, RandomErasing
from luthier.data.unlabelled import STREAM
from luthier.training.trick import Setup, StepContext, Trick, TrickState
from luthier.training.tricks.views import PICTURES, check_numbers, compute_spread, make_weak_view

WEAK, STRONG = "fixmatch/weak", "fixmatch/strong"


WEAK_NOISE = 0.1
"""Noise of the weak view of rows, as a share of that of the strong one."""


def consistency(strong: Tensor, weak: Tensor, threshold: float) -> Tensor:
    """Compute the cross-entropy of the strong view's logits with the weak view's prediction, 0 where it is unsure (M,).

    >>> sure, unsure = [9.0, 0.0], [0.5, 0.0]
    >>> consistency(torch.zeros(2, 2), torch.tensor([sure, unsure]), 0.95)
    tensor([0.6931, 0.0000])
    """
    share, answer = weak.softmax(1).max(1)
    return F.cross_entropy(strong, answer, reduction="none") * (share >= threshold)


class FixMatch(Trick):
    """Where the network is sure of an unlabelled example, train it to predict the same for a strong change of it.

    The weak view of a picture is what the recipe's augmentations make of it; the strong view sends another such through
    RandAugment and a hole of noise. Rows and sequences get noise, a tenth of it in the weak view. Each example of the
    batch brings `ratio` examples without a label; the mean of theirs is added to its loss. The network's outputs are
    taken for logits of a softmax.
    """

    name = "fixmatch"
    card = TrickCard(
        summary="Learns from examples without labels what the network is sure of when they are changed little.",
        source="Sohn and others, FixMatch: simplifying semi-supervised learning with consistency and confidence, 2020, "
        "arXiv 2001.07685",
        cost="for each example of the batch two passes of `ratio` examples forward and one back: 10 to 15 times a step",
        claim="94.9% on CIFAR-10 with 25 labels to a class, 88.6% with 4",
    )
    tasks = ("classification",)

    weight: float = hyperparameter(
        1.0, bounds=Range(0), search=Search(0.1, 10, log=True),
        description="weight of the examples without labels; 0 is none, large values drown those with labels",
    )  # fmt: skip
    threshold: float = hyperparameter(
        0.95, bounds=Range(0, 1), search=Search(0.7, 0.99),
        description="probability from which the weak view's answer counts; 0 takes all, 1 next to none",
    )  # fmt: skip
    ratio: int = hyperparameter(
        7,
        bounds=Range(1),
        search=Search(1, 7),
        description="unlabelled examples per example of the batch; 1 is the fastest",
    )
    operations: int = hyperparameter(
        2,
        bounds=Range(0, 14),
        search=Search(1, 3),
        description="RandAugment's operations in the strong view; 0 is none",
    )
    magnitude: float = hyperparameter(
        10.0, bounds=Range(0, 30), search=Search(3, 15), description="strength of these; 0 is the least, 30 the most"
    )
    erasing: float = hyperparameter(
        0.5, bounds=Range(0, 1), description="share of the strong views with a hole of noise; 0 is none, 1 all of them"
    )
    noise: float = hyperparameter(
        0.3, bounds=Range(0), search=Search(0.05, 1, log=True),
        description="noise of the strong view of rows and sequences, in standard deviations of each feature; 0 leaves "
        "them",
    )  # fmt: skip

    def streams(self) -> dict[str, int]:
        return {STREAM: self.ratio}

    def setup(self, value: Setup, context: StepContext) -> Setup:
        if self.weight:
            check_numbers(self.name, value.network)
        return value

    def begin(self, network: nn.Module, context: StepContext) -> TrickState:
        return {"spread": compute_spread(context.training.examples)} if self.weight else {}

    def edit_batch(self, batch: Batch, trick_state: TrickState, context: StepContext) -> Batch:
        if self.weight == 0:
            return batch
        raw, scale = batch.aux[STREAM], trick_state["spread"]
        views = {
            WEAK: make_weak_view(raw, WEAK_NOISE * self.noise, scale, context, "weak"),
            STRONG: self.strong(raw, scale, context),
        }
        return batch.replace(aux={**batch.aux, **views})

    def strong(self, raw: Tensor, scale: Tensor, context: StepContext) -> Tensor:
        """Make the strong view of examples without labels."""
        light = make_weak_view(raw, self.noise, scale, context, "strong")
        if raw.ndim != PICTURES:
            return light
        hard = RandAugment(operations=self.operations, magnitude=self.magnitude)
        composer = Composer((hard, RandomErasing(probability=self.erasing)))
        return composer(light, lambda name: context.rng(f"strong/{name}"))

    def edit_loss(
        self, losses: Tensor, batch: Batch, logits: Tensor, trick_state: TrickState, context: StepContext
    ) -> Tensor:
        if self.weight == 0:
            return losses
        with torch.no_grad():
            weak_logits = context.forward(batch.aux[WEAK], "weak")
        each = consistency(context.forward(batch.aux[STRONG], "strong"), weak_logits, self.threshold)
        return losses + self.weight * each.view(len(batch), self.ratio).mean(1)
