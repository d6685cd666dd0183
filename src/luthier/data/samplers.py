"""In which order, and how often, examples are trained on: the contract of a sampler, and all of them."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from luthier.core.card import Card
from luthier.core.declare import Part, Range, Registry, Search, hyperparameter


@dataclass(frozen=True)
class Seen:
    """What the loop knows of the M training examples, by position.

    label: true class (M,), or values (M, D). loss: last loss (M,), infinite where an example was not seen yet; kept up
    only for samplers that say uses_losses. weight: how much each counts (M,), above 0, all 1 where the data do not say.
    """

    label: Tensor
    loss: Tensor
    weight: Tensor


class Sampler(Part):
    """Orders the training examples of one epoch.

    uses_losses: it orders by the last losses. uses_weights: it draws by the weights, and the loss then leaves them out.
    needs_classes: it cannot order examples whose labels are values.
    """

    uses_losses: ClassVar[bool] = False
    uses_weights: ClassVar[bool] = False
    needs_classes: ClassVar[bool] = False

    def length(self, examples: int) -> int:
        """Return how many positions an epoch's order has, given M examples."""
        return examples

    def order(self, epoch: int, seen: Seen, rng: torch.Generator) -> Tensor:
        """Return the positions (length,) in the order of their use, on the CPU; every draw comes from rng."""
        raise NotImplementedError


class Balanced(Sampler):
    """Repeats examples of small classes and leaves out some of large ones, others in each epoch."""

    name = "balanced"
    needs_classes = True
    card = Card(
        summary="Every class equally often, an epoch being as long as without.",
        source="Shen, Lin and Huang, Relay backpropagation for effective learning of deep convolutional neural "
        "networks, 2016",
    )

    def order(self, epoch: int, seen: Seen, rng: torch.Generator) -> Tensor:
        return draw_by_class(seen.label, 0.0, rng)


class Curriculum(Sampler):
    """Trains on the examples with the smallest last loss, on a larger share of them in each epoch.

    The first epoch is shuffled, for every example to get a loss. Then come the easiest, repeated to fill an epoch; the
    share grows evenly until all are there. The network itself decides what is easy (Kumar, Packer and Koller,
    Self-paced learning for latent variable models, 2010).
    """

    name = "curriculum"
    uses_losses: ClassVar[bool] = True
    card = Card(
        summary="Easy examples first: those with the smallest last loss, more of them in each epoch.",
        source="Bengio, Louradour, Collobert and Weston, Curriculum learning, 2009",
    )

    start: float = hyperparameter(
        0.5,
        bounds=Range(0, 1, low_open=True),
        search=Search(0.2, 0.9),
        description="share of the examples in the second epoch; near 0 only the very easiest, 1 is shuffled",
    )
    epochs: int = hyperparameter(
        5,
        bounds=Range(1),
        search=Search(2, 20, log=True),
        description="after how many epochs all examples are there; 1 is shuffled, more is a slower start",
    )

    def order(self, epoch: int, seen: Seen, rng: torch.Generator) -> Tensor:
        count = len(seen.loss)
        easiest = seen.loss.argsort(stable=True)[: self.kept(epoch, count)]
        return take_in_turns(easiest, count, rng)

    def kept(self, epoch: int, count: int) -> int:
        """Return how many of count examples an epoch, from 0, is made of."""
        if epoch == 0 or epoch >= self.epochs:
            return count
        share = self.start + (1 - self.start) * (epoch - 1) / (self.epochs - 1)
        return max(1, round(share * count))


def draw_by_share(shares: Tensor, count: int, rng: torch.Generator) -> Tensor:
    """Draw positions in proportion to shares, each as often as expected, rounded up or down, in random order (count,).

    shares: at least 0, not all 0 (M,). count: how many.
    Source: Kitagawa, Monte Carlo filter and smoother for non-Gaussian nonlinear state space models, 1996.

    >>> draw_by_share(torch.tensor([1.0, 0.0, 3.0]), 8, torch.Generator().manual_seed(0)).bincount().tolist()
    [2, 0, 6]
    """
    mixed = torch.randperm(len(shares), generator=rng)  # else neighbours would share their luck
    ends = shares.double()[mixed].cumsum(0)
    places = (torch.arange(count) + torch.rand(1, generator=rng, dtype=torch.float64)) / count * ends[-1]
    chosen = torch.searchsorted(ends, places, right=True).clamp(max=len(shares) - 1)
    return mixed[chosen][torch.randperm(count, generator=rng)]


def take_in_turns(positions: Tensor, count: int, rng: torch.Generator) -> Tensor:
    """Repeat positions in one random order after another until there are count of them (count,).

    >>> take_in_turns(torch.tensor([3, 5]), 4, torch.Generator()).bincount().tolist()
    [0, 0, 0, 2, 0, 2]
    """
    rounds = -(-count // len(positions))
    return torch.cat([positions[torch.randperm(len(positions), generator=rng)] for _ in range(rounds)])[:count]


def draw_by_class(label: Tensor, power: float, rng: torch.Generator) -> Tensor:
    """Draw as many positions as there are labels, each class in proportion to a power of its size, in random order.

    power: 1 draws classes as they come, 0 all alike. The examples of a class come in turns.
    """
    kinds, sizes = label.unique(return_counts=True)
    drawn = draw_by_share(sizes.double() ** power, len(label), rng).bincount(minlength=len(kinds))
    members = [torch.nonzero(label == kind).flatten() for kind in kinds]
    parts = [
        take_in_turns(positions, count, rng) for positions, count in zip(members, drawn.tolist(), strict=True) if count
    ]
    return torch.cat(parts)[torch.randperm(len(label), generator=rng)]


class HardExamples(Sampler):
    """Draws in proportion to the last loss; an example that was not seen yet counts as the hardest seen.

    The first epoch is shuffled. Wrong labels have large losses too: with many of them this does harm.
    """

    name = "hard-examples"
    uses_losses: ClassVar[bool] = True
    card = Card(
        summary="Examples as often as their last loss is large, mixed with all alike.",
        source="Katharopoulos and Fleuret, Not all samples are created equal: deep learning with importance sampling, "
        "2018",
    )

    alike: float = hyperparameter(
        0.25,
        bounds=Range(0, 1),
        search=Search(0.1, 0.9),
        description="share of the draws that fall on all examples alike; 0 follows the losses alone, 1 is shuffled",
    )

    def order(self, epoch: int, seen: Seen, rng: torch.Generator) -> Tensor:
        count = len(seen.loss)
        known = seen.loss[seen.loss.isfinite()].double()
        hardest = known.max() if len(known) else torch.ones((), dtype=torch.float64)
        loss = torch.where(seen.loss.isfinite(), seen.loss.double(), hardest).clamp(min=0)
        even = torch.full_like(loss, 1 / count)
        shares = loss / loss.sum() if loss.sum() > 0 else even
        return draw_by_share(self.alike * even + (1 - self.alike) * shares, count, rng)


class Sequential(Sampler):
    """The order of the data, for comparisons and for data whose order means something."""

    name = "sequential"
    card = Card(
        summary="Every example once per epoch, in the order of the data.",
        source="Bottou, Curiously fast convergence of some stochastic gradient descent algorithms, 2009",
    )

    def order(self, epoch: int, seen: Seen, rng: torch.Generator) -> Tensor:
        return torch.arange(len(seen.label))


class Shuffled(Sampler):
    """Random reshuffling, the usual order for stochastic gradient descent."""

    name = "shuffled"
    card = Card(
        summary="Every example once per epoch, in a new random order each time.",
        source="Bottou, Curiously fast convergence of some stochastic gradient descent algorithms, 2009",
    )

    def order(self, epoch: int, seen: Seen, rng: torch.Generator) -> Tensor:
        return torch.randperm(len(seen.label), generator=rng)


class SquareRootBalanced(Sampler):
    """Half-way between shuffled and balanced, for classes so small that repeating them in full would overfit them."""

    name = "square-root-balanced"
    needs_classes = True
    card = Card(
        summary="Every class as often as the square root of its size, an epoch being as long as without.",
        source="Mahajan et al., Exploring the limits of weakly supervised pretraining, 2018",
    )

    def order(self, epoch: int, seen: Seen, rng: torch.Generator) -> Tensor:
        return draw_by_class(seen.label, 0.5, rng)


class Weighted(Sampler):
    """Draws examples in proportion to their weights, which then do not count in the loss a second time."""

    name = "weighted"
    uses_weights: ClassVar[bool] = True
    card = Card(
        summary="Every example as often as its weight says, instead of weighing its loss.",
        source="Shimodaira, Improving predictive inference under covariate shift by weighting the log-likelihood "
        "function, 2000",
    )

    def order(self, epoch: int, seen: Seen, rng: torch.Generator) -> Tensor:
        return draw_by_share(seen.weight, len(seen.weight), rng)


SAMPLERS = Registry(
    "sampler", Sampler, (Balanced, Curriculum, HardExamples, Sequential, Shuffled, SquareRootBalanced, Weighted)
)


__all__ = [
    "SAMPLERS",
    "Balanced",
    "Curriculum",
    "HardExamples",
    "Sampler",
    "Seen",
    "Sequential",
    "Shuffled",
    "SquareRootBalanced",
    "Weighted",
]
