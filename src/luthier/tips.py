"""The tips that everybody repeats and that live in other rooms than the tricks, under their usual names."""

from dataclasses import dataclass

from luthier.core.card import Card
from luthier.core.declare import Declared
from luthier.data.sampling import Balanced, Weighted
from luthier.models import MLP
from luthier.models.residual import ResidualNetwork
from luthier.optim import Optimizer, Schedule
from luthier.recipe import TrainingConfig


@dataclass(frozen=True)
class Tip:
    """One setting of a recipe that is a tip in itself.

    name: usual name. where: place in a recipe. of: declaration whose setting of that name it is, one of several that
    have it; or the part itself, where the tip is its choice.
    """

    name: str
    where: str
    of: type[Declared]
    card: Card


TIPS = (
    Tip("balanced-sampling", "sampling.balanced", Balanced, Balanced.card),
    Tip(
        "batch-norm",
        "model.norm",
        MLP,
        Card(
            summary="Normalises what layers give over the batch, where model.norm is batch.",
            source="Ioffe and Szegedy, Batch normalization: accelerating deep network training by reducing internal "
            "covariate shift, 2015, arXiv 1502.03167",
        ),
    ),
    Tip(
        "class-weights",
        "training.class_weights",
        TrainingConfig,
        Card(
            summary="Lets rare classes count more in the loss.",
            source="King and Zeng, Logistic regression in rare events data, 2001",
        ),
    ),
    Tip(
        "dropout",
        "model.dropout",
        MLP,
        Card(
            summary="Leaves out random values in training; of whole maps as the layer spatial-dropout.",
            source="Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout: a simple way to prevent "
            "neural networks from overfitting, 2014; whole maps: Tompson and others, Efficient object localization "
            "using convolutional networks, 2015",
        ),
    ),
    Tip(
        "stochastic-depth",
        "model.stochastic_depth",
        ResidualNetwork,
        Card(
            summary="Leaves out whole residual blocks at random in training.",
            source="Huang, Sun, Liu, Sedra and Weinberger, Deep networks with stochastic depth, 2016, arXiv 1603.09382",
        ),
    ),
    Tip(
        "warm-up",
        "schedule.warmup",
        Schedule,
        Card(
            summary="Lets the learning rate rise from near 0 at first.",
            source="Goyal and others, Accurate, large minibatch SGD: training ImageNet in 1 hour, 2017, "
            "arXiv 1706.02677",
        ),
    ),
    Tip(
        "weight-decay",
        "optimizer.weight_decay",
        Optimizer,
        Card(
            summary="Shrinks weights at every step, beside the gradient where the optimizer decouples it.",
            source="Loshchilov and Hutter, Decoupled weight decay regularization, 2019, arXiv 1711.05101",
        ),
    ),
    Tip("weighted-sampling", "sampling.weighted", Weighted, Weighted.card),
)
"""Sorted by name; augmentations and tricks, which have families of their own, are tips as they are."""
