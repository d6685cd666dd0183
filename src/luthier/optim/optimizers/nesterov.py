"""Stochastic gradient descent with Nesterov momentum."""

from typing import ClassVar

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.optim.optimizers.momentum import Momentum


class Nesterov(Momentum):
    """Momentum whose step looks one velocity ahead; weight decay is added to the gradient (coupled)."""

    name = "nesterov"
    card = Card(
        summary="Stochastic gradient descent with Nesterov momentum; weight decay is coupled.",
        source="Sutskever, Martens, Dahl and Hinton, On the importance of initialization and momentum in deep "
        "learning, 2013",
    )
    looks_ahead: ClassVar[bool] = True

    learning_rate: float = hyperparameter(
        0.02,
        bounds=Range(0),
        search=Search(1e-3, 0.5, log=True),
        description="size of a step before the schedule; 0 learns nothing",
    )
    momentum: float = hyperparameter(
        0.9,
        bounds=Range(0, 1, low_open=True, high_open=True),
        search=Search(0.5, 0.99),
        description="share of the velocity kept; near 0 is plain descent, for which there is sgd",
    )
