"""Moving average of the weights: Polyak and Juditsky, Acceleration of stochastic approximation by averaging, 1992."""

from torch import nn

from luthier.core.batch import Batch
from luthier.core.card import TrickCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.training.trick import Outcome, StepContext, Trick, TrickState
from luthier.training.tricks.weights import average_weights, copy_weights, copy_with_weights


class EMA(Trick):
    """Evaluate and keep an exponential moving average of the weights; training itself is unchanged.

    The share of the old average that a step keeps rises to `decay`, as (1 + step) / (10 + step), so that the first
    random weights are soon forgotten. Buffers, such as batch norm's statistics, are those of the last step.
    """

    name = "ema"
    card = TrickCard(
        summary="Evaluates and keeps an exponential moving average of the weights.",
        source="Polyak and Juditsky, Acceleration of stochastic approximation by averaging, 1992",
        after=("lookahead", "max-norm"),
        conflicts=dict.fromkeys(("mean-teacher", "swa"), "both choose the weights that are kept"),
        cost="one more copy of the weights, one pass over them per step",
        claim="better answers than the last weights unless the rate ends near zero (Morales-Brotons, Vogels and "
        "Hendrikx, Exponential moving average of weights in deep learning, 2024)",
    )

    decay: float = hyperparameter(
        0.99, bounds=Range(0, 1), search=Search(0.9, 0.999),
        description="largest share of the old average that a step keeps; 0 is the last weights alone, near 1 nearly "
        "all steps",
    )  # fmt: skip

    def begin(self, network: nn.Module, context: StepContext) -> TrickState:
        return {"weights": copy_weights(network)}

    def kept(self, step: int) -> float:
        """Return the share of the old average that a step, from 0, keeps.

        >>> EMA(decay=0.9).kept(0), EMA(decay=0.9).kept(1000)
        (0.1, 0.9)
        """
        return min(self.decay, (1 + step) / (10 + step))

    def after_step(self, trick_state: TrickState, batch: Batch, outcome: Outcome, context: StepContext) -> TrickState:
        return {
            "weights": average_weights(trick_state["weights"], context.training.network, 1 - self.kept(context.step))
        }

    def eval_model(self, network: nn.Module, trick_state: TrickState, context: StepContext) -> nn.Module:
        return copy_with_weights(network, trick_state["weights"])
