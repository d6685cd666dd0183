"""What training minimises: the contract of a loss, and all of them."""

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from luthier.core.card import Card
from luthier.core.declare import Part, Range, Registry, Search, hyperparameter
from luthier.models.modules.standardise import Rescale


class Loss(Part):
    """Compares the network's outputs with targets, example by example; the loop takes the weighted mean.

    tasks: what it is for, "classification", "regression" or both. soft: whether targets may be spread over classes.
    """

    tasks: ClassVar[tuple[str, ...]] = ("classification",)
    soft: ClassVar[bool] = True

    def per_example(self, logits: Tensor, target: Tensor) -> Tensor:
        """Compute the loss of each example (B,).

        Classification: from logits (B, K) and targets (B, K) whose rows sum to 1; where `soft` is False, rows are one
        1 among 0s. Regression: from answers (B, D) and targets (B, D) of any size.
        """
        raise NotImplementedError

    def probabilities(self, logits: Tensor) -> Tensor:
        """Compute probabilities (B, K) from logits (B, K): rows sum to 1, and the largest logit has the largest."""
        return logits.softmax(1)


class BCE(Loss):
    """Each class is a yes-or-no question answered by a sigmoid; the cross-entropies of all K are added up.

    A prediction's probabilities are the sigmoids divided by their sum, so that they add up to 1.

    >>> import torch
    >>> BCE().per_example(torch.zeros(1, 4), torch.eye(4)[:1])
    tensor([2.7726])
    """

    name = "bce"
    card = Card(
        summary="Binary cross-entropy of sigmoid outputs, one for each class, added up.",
        source="Bridle, Probabilistic interpretation of feedforward classification network outputs, 1990",
    )

    def per_example(self, logits: Tensor, target: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(logits, target, reduction="none").sum(1)

    def probabilities(self, logits: Tensor) -> Tensor:
        return F.logsigmoid(logits).softmax(1)


class Brier(Loss):
    """Squared difference of the softmax from the target, added up over the classes: from 0 to 2.

    >>> import torch
    >>> Brier().per_example(torch.zeros(1, 4), torch.eye(4)[:1])
    tensor([0.7500])
    """

    name = "brier"
    card = Card(
        summary="Squared error of the softmax probabilities; mse is that of the outputs themselves.",
        source="Brier, Verification of forecasts expressed in terms of probability, 1950",
    )

    def per_example(self, logits: Tensor, target: Tensor) -> Tensor:
        return F.mse_loss(logits.softmax(1), target, reduction="none").sum(1)


class CrossEntropy(Loss):
    """Minus the target-weighted log of the softmax.

    >>> import torch
    >>> CrossEntropy().per_example(torch.zeros(1, 4), torch.eye(4)[:1])
    tensor([1.3863])
    """

    name = "cross-entropy"
    card = Card(
        summary="Cross-entropy between the target and the softmax of the logits.",
        source="Bridle, Probabilistic interpretation of feedforward classification network outputs, 1990",
    )

    def per_example(self, logits: Tensor, target: Tensor) -> Tensor:
        return F.cross_entropy(logits, target, reduction="none")


class Focal(Loss):
    """Cross-entropy of the softmax, each class's share times (1 - p)^gamma: what is already right counts little.

    The paper asks one yes-or-no question with a sigmoid; here p is the softmax over the classes.

    >>> import torch
    >>> Focal(gamma=1.0).per_example(torch.zeros(1, 2), torch.eye(2)[:1])
    tensor([0.3466])
    """

    name = "focal"
    card = Card(
        summary="Cross-entropy that gives less weight to examples that are answered well already.",
        source="Lin, Goyal, Girshick, He and Dollar, Focal loss for dense object detection, 2017, arXiv 1708.02002",
    )

    gamma: float = hyperparameter(
        2.0, bounds=Range(0), search=Search(0.5, 5),
        description="how fast easy examples fade; 0 is cross-entropy, large values leave only the hardest",
    )  # fmt: skip

    def per_example(self, logits: Tensor, target: Tensor) -> Tensor:
        log = logits.log_softmax(1)
        wrong = (1 - log.exp()).clamp(min=torch.finfo(log.dtype).eps)  # at 0 the gradient of a root would be infinite
        return -(target * wrong**self.gamma * log).sum(1)


class GeneralisedCrossEntropy(Loss):
    """(1 - p^q) / q of the softmax probability p of each class, by its share in the target: wrong labels count little.

    Between cross-entropy, which a few wrong labels can lead far astray, and the absolute error, which learns slowly.

    >>> import torch
    >>> GeneralisedCrossEntropy(q=1.0).per_example(torch.zeros(1, 4), torch.eye(4)[:1])
    tensor([0.7500])
    """

    name = "generalised-cross-entropy"
    card = Card(
        summary="Cross-entropy that wrong labels lead less astray: (1 - p^q) / q.",
        source="Zhang and Sabuncu, Generalized cross entropy loss for training deep neural networks with noisy labels, "
        "2018, arXiv 1805.07836",
    )

    q: float = hyperparameter(
        0.7, bounds=Range(0, 1, low_open=True), search=Search(0.3, 1.0),
        description="how little an answer far from its label counts; near 0 is cross-entropy, 1 is the absolute error",
    )  # fmt: skip

    def per_example(self, logits: Tensor, target: Tensor) -> Tensor:
        return -(target * torch.expm1(self.q * logits.log_softmax(1))).sum(1) / self.q


class Hinge(Loss):
    """How far the true class is from leading the best of the others by 1; 0 once it does (Crammer and Singer's form).

    Margins say nothing about probabilities: the softmax that a prediction gives keeps their order, no more.

    >>> import torch
    >>> Hinge().per_example(torch.tensor([[2.0, 1.5, 0.0], [2.0, 0.5, 0.0]]), torch.eye(3)[[0, 0]])
    tensor([0.5000, 0.0000])
    """

    name = "hinge"
    card = Card(
        summary="Hinge loss: the true class must lead every other by 1.",
        source="Crammer and Singer, On the algorithmic implementation of multiclass kernel-based vector machines, 2001",
    )
    soft = False

    def per_example(self, logits: Tensor, target: Tensor) -> Tensor:
        return (logits + 1 - target).amax(1) - (target * logits).sum(1)


class Huber(Loss):
    """Mean over the outputs of half the squared difference, which beyond delta grows in a straight line.

    For classes it compares the outputs themselves with the target, and from small first weights, like mse.

    >>> import torch
    >>> Huber(delta=1.0).per_example(torch.tensor([[0.5, 3.0]]), torch.zeros(1, 2))
    tensor([1.3125])
    """

    name = "huber"
    card = Card(
        summary="Squared error near the target, absolute error far from it, on the outputs.",
        source="Huber, Robust estimation of a location parameter, 1964",
    )
    tasks = ("classification", "regression")

    delta: float = hyperparameter(
        1.0, bounds=Range(0, low_open=True), search=Search(0.01, 10, log=True),
        description="difference beyond which it is straight; near 0 it is the absolute error times delta, large half "
        "the mse",
    )  # fmt: skip

    def per_example(self, logits: Tensor, target: Tensor) -> Tensor:
        return F.huber_loss(logits, target, reduction="none", delta=self.delta).mean(1)

    def probabilities(self, logits: Tensor) -> Tensor:
        return project_to_probabilities(logits)


class Map1998(Loss):
    """Penalty of the true class plus log(exp(-j) + sum of exp(-penalty)), a penalty being minus a logit.

    It pulls the true penalty down and pushes the others up, those of classes beyond j no further.

    >>> Map1998(rejection=0.0).per_example(torch.zeros(1, 4), torch.eye(4)[:1])
    tensor([1.6094])
    """

    name = "map-1998"
    card = Card(
        summary="Maximum a posteriori criterion with a class for rubbish, for outputs that are distances.",
        source="LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998, "
        "equation 9",
    )

    rejection: float = hyperparameter(
        20.0, bounds=Range(0), search=Search(1, 100, log=True),
        description="j, the penalty of the rubbish class; the larger, the less already large penalties are pushed up",
    )  # fmt: skip

    def per_example(self, logits: Tensor, target: Tensor) -> Tensor:
        rubbish = torch.full_like(logits[:, :1], -self.rejection)
        return torch.cat((logits, rubbish), 1).logsumexp(1) - (target * logits).sum(1)


class MSE(Loss):
    """Mean over the outputs of the squared difference from the target.

    For classes too it compares the outputs themselves, with no softmax between: they then estimate the probabilities,
    and a prediction gives the probabilities nearest to them. Small first weights (initialiser normal) save it from
    unlearning what large ones answer. On the softmax it is called brier.

    >>> import torch
    >>> MSE().per_example(torch.tensor([[1.0, 3.0]]), torch.tensor([[0.0, 1.0]]))
    tensor([2.5000])
    """

    name = "mse"
    card = Card(
        summary="Mean squared error of the outputs themselves; brier is that of their softmax.",
        source="Hui and Belkin, Evaluation of neural architectures trained with square loss vs cross-entropy in "
        "classification tasks, 2020, arXiv 2006.07322",
    )
    tasks = ("classification", "regression")

    def per_example(self, logits: Tensor, target: Tensor) -> Tensor:
        return F.mse_loss(logits, target, reduction="none").mean(1)

    def probabilities(self, logits: Tensor) -> Tensor:
        return project_to_probabilities(logits)


LOSSES = Registry("loss", Loss, (BCE, Brier, CrossEntropy, Focal, GeneralisedCrossEntropy, Hinge, Huber, Map1998, MSE))


def project_to_probabilities(outputs: Tensor) -> Tensor:
    """Find the probabilities nearest to outputs (B, K) in squared distance; rows that are probabilities stay unchanged.

    A constant is taken from the whole row and what falls below 0 is cut off, so that the rest sums to 1. A row that is
    not finite has none: it becomes NaN.
    Source: Duchi, Shalev-Shwartz, Singer and Chandra, Efficient projections onto the l1-ball for learning in high
    dimensions, 2008.

    >>> project_to_probabilities(torch.tensor([[0.25, 0.75, 0.0], [2.0, 1.5, -9.0]]))
    tensor([[0.2500, 0.7500, 0.0000],
            [0.7500, 0.2500, 0.0000]])
    """
    falling = outputs - outputs.amax(1, keepdim=True)
    ordered = falling.sort(1, descending=True).values
    counts = torch.arange(1, outputs.shape[1] + 1, device=outputs.device)
    surplus = (ordered.cumsum(1) - 1) / counts
    kept = (ordered > surplus).sum(1, keepdim=True)
    return (falling - surplus.gather(1, (kept - 1).clamp(min=0))).clamp(min=0)


class Standardised(Loss):
    """Another loss, of answers and targets in standard deviations of the training part.

    A learning rate, or Huber's threshold, then means the same for prices and for shares, and each value counts alike.
    A mean squared error near 1 is that of a network that always answers the mean.
    """

    loss: Loss
    rescale: Rescale

    def per_example(self, logits: Tensor, target: Tensor) -> Tensor:
        answers = self.rescale.inverse(logits)
        return self.loss.per_example(answers, self.rescale.inverse(target).to(answers))


__all__ = [
    "BCE",
    "LOSSES",
    "MSE",
    "Brier",
    "CrossEntropy",
    "Focal",
    "GeneralisedCrossEntropy",
    "Hinge",
    "Huber",
    "Loss",
    "Map1998",
    "Standardised",
]
