"""Max-norm: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout, 2014."""

import torch

from luthier.core.batch import Batch
from luthier.core.card import TrickCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.optim.groups import decays
from luthier.training.trick import Outcome, StepContext, Trick, TrickState


class MaxNorm(Trick):
    """Shorten the incoming weights of each unit to a largest length after every step; biases and norms are spared.

    A unit is a row of a linear layer, an output map of a convolution, a row of an embedding.
    """

    name = "max-norm"
    card = TrickCard(
        summary="Shortens the incoming weights of each unit to a largest length after every step.",
        source="Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout: a simple way to prevent neural "
        "networks from overfitting, 2014",
        after=("lookahead",),
        cost="one pass over the weights per step",
        claim="with dropout on MNIST, test error 1.25% to 1.06% for three layers of 1024 units",
    )

    limit: float = hyperparameter(
        3.0,
        bounds=Range(0, low_open=True),
        search=Search(1, 5),
        description="largest Euclidean length; near 0 leaves no weights, a large one changes nothing",
    )

    def after_step(self, trick_state: TrickState, batch: Batch, outcome: Outcome, context: StepContext) -> TrickState:
        with torch.no_grad():
            for parameter in context.training.network.parameters():
                if decays(parameter) and parameter.requires_grad:
                    parameter.renorm_(2, 0, self.limit)
        return trick_state
