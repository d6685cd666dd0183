"""The battery for losses, over the catalogue and on broken ones."""

import pytest
import torch

from luthier.models.losses import LOSSES, CrossEntropy, Focal, Huber, Map1998
from luthier.testing import check_loss

SET = (Focal(gamma=0.0), Focal(gamma=0.5), Huber(delta=0.3), Map1998(rejection=0.0))


@pytest.mark.parametrize("loss", [*(member() for member in LOSSES), *SET], ids=repr)
def test_catalogue(loss):
    check_loss(loss)


class Mean(CrossEntropy):
    """Gives the mean."""

    def per_example(self, logits, target):
        return super().per_example(logits, target).mean()


class Narrow(CrossEntropy):
    """Always gives 32 bits."""

    def per_example(self, logits, target):
        return super().per_example(logits, target).float()


class Neighbours(CrossEntropy):
    """Subtracts the mean of the batch."""

    def per_example(self, logits, target):
        losses = super().per_example(logits, target)
        return losses - losses.mean() + 1


class Blind(CrossEntropy):
    """Hides a part from the gradient."""

    def per_example(self, logits, target):
        return super().per_example(logits, target) + logits.detach().square().sum(1)


class Overflowing(CrossEntropy):
    """Takes the exponential of a logit."""

    def per_example(self, logits, target):
        return -(target * (logits.exp() / logits.exp().sum(1, keepdim=True)).log()).sum(1)


class Upside(CrossEntropy):
    """Has the wrong sign."""

    def per_example(self, logits, target):
        return -super().per_example(logits, target)


class Careless(CrossEntropy):
    """Changes its input."""

    def per_example(self, logits, target):
        return super().per_example(logits.data.add_(1e-3) * 0 + logits, target)


class Unknown(CrossEntropy):
    """Is for something else."""

    tasks = ("ranking",)


class Loose(CrossEntropy):
    """Makes numbers that do not sum to 1."""

    def probabilities(self, logits):
        return logits.sigmoid()


class Signed(CrossEntropy):
    """Makes numbers below 0."""

    def probabilities(self, logits):
        return logits


class Turned(CrossEntropy):
    """Prefers the smallest logit."""

    def probabilities(self, logits):
        return (-logits).softmax(1)


class Everything(CrossEntropy):
    """Says it is for regression too."""

    tasks = ("classification", "regression")


RED = {
    Unknown: "cross-entropy must be for classification or regression, but is for ('ranking',)",
    Loose: "the probabilities of cross-entropy must sum to 1",
    Signed: "cross-entropy must make probabilities of at least 0, one per class",
    Turned: "cross-entropy must give the largest probability to the largest logit",
    Everything: "cross-entropy must be lowest where the answer is the target, for targets of any size",
    Mean: "cross-entropy must give one torch.float64 per example, but gave () torch.float64",
    Narrow: "cross-entropy must give one torch.float64 per example, but gave (5,) torch.float32",
    Neighbours: "cross-entropy must judge each example by itself, but a batch of one gave another loss",
    Blind: "cross-entropy must have the gradient of its own values (",
    Overflowing: "cross-entropy must stay finite, its gradient too, on logits of 300",
    Upside: "cross-entropy must be lower where the largest logit is the true class",
    Careless: "cross-entropy must leave its inputs as they were",
}


@pytest.mark.parametrize("broken", RED, ids=lambda broken: broken.__name__)
def test_red(broken, red):
    assert red(check_loss, broken()).startswith(RED[broken])


def test_a_loss_of_nan(red):
    class Undefined(CrossEntropy):
        def per_example(self, logits, target):
            return super().per_example(logits, target) * torch.nan

    assert red(check_loss, Undefined()) == "cross-entropy must be finite on ordinary logits"
