"""Exponential moving average of the weights, as a toy."""

import copy

from torch import nn

from luthier.core.batch import Batch
from luthier.core.card import TrickCard
from luthier.core.declare import Range, hyper
from luthier.tricks import Memory, Moment, Outcome, Trick

from .swa import parameters


class Ema(Trick):
    """Evaluates and keeps a moving average of the weights, with the buffers of the last step."""

    name = "ema"
    card = TrickCard(
        summary="Keeps a moving average of the weights.",
        source="Polyak and Juditsky, Acceleration of stochastic approximation by averaging, 1992",
        conflicts={"swa": "both choose the weights that are kept"},
    )

    decay: float = hyper(0.9, legal=Range(0, 1), says="share of the old average kept; 0 is the last step, 1 the first")

    def begin(self, network: nn.Module, at: Moment) -> Memory:
        return {"weights": parameters(network)}

    def after_step(self, memory: Memory, batch: Batch, outcome: Outcome, at: Moment) -> Memory:
        now = parameters(at.training.network)
        return {"weights": {name: one.lerp(now[name], 1 - self.decay) for name, one in memory["weights"].items()}}

    def eval_model(self, network: nn.Module, memory: Memory, at: Moment) -> nn.Module:
        average = copy.deepcopy(network)
        average.load_state_dict(memory["weights"], strict=False)
        return average
