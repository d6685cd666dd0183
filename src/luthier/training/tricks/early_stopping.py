"""Early stopping: Prechelt, Early stopping - but when?, 1998."""

import copy

from torch import nn

from luthier.core.card import TrickCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.training.trick import Report, StepContext, Trick, TrickState


class EarlyStopping(Trick):
    """End training when the validation score has not risen for a while, and keep the weights of the best epoch.

    The score is the recipe's deciding metric with the sign that makes larger better, so that scores of either
    sign work; a rise counts from `least` on, measured in the score's own unit.
    """

    name = "early-stopping"
    card = TrickCard(
        summary="Ends training when the validation score stops rising and keeps the best weights.",
        source="Prechelt, Early stopping - but when?, 1998",
        after=("ema", "lookahead", "mean-teacher", "swa"),
        cost="a copy of the best weights; saves the epochs that are not trained",
        claim="waiting longer gave about 4% better generalisation for 4 times the training",
    )
    needs_validation = True

    patience: int = hyperparameter(
        5,
        bounds=Range(1),
        search=Search(2, 20),
        description="epochs without a rise that are waited for; 1 stops at the first",
    )
    least: float = hyperparameter(0.0, bounds=Range(0), description="smallest rise that counts; 0 counts every rise")

    def begin(self, network: nn.Module, context: StepContext) -> TrickState:
        return {"best": None, "waited": 0, "weights": {}}

    def after_epoch(self, trick_state: TrickState, report: Report, context: StepContext) -> tuple[TrickState, bool]:
        assert report.score is not None  # needs_validation
        rise = None if trick_state["best"] is None else report.score - trick_state["best"]
        if rise is None or (rise > 0 and rise >= self.least):
            weights = {name: tensor.detach().clone() for name, tensor in report.network.state_dict().items()}
            return {"best": report.score, "waited": 0, "weights": weights}, False
        waited = trick_state["waited"] + 1
        return {**trick_state, "waited": waited}, waited >= self.patience

    def eval_model(self, network: nn.Module, trick_state: TrickState, context: StepContext) -> nn.Module:
        if not context.final or trick_state["best"] is None:
            return network
        best = copy.deepcopy(network)
        best.load_state_dict(trick_state["weights"])
        return best
