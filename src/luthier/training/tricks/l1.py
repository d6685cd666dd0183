"""L1 regularisation: Tibshirani, Regression shrinkage and selection via the lasso, 1996."""

from torch import Tensor

from luthier.core.card import TrickCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.optim.groups import decays
from luthier.training.trick import StepContext, Trick, TrickState


class L1(Trick):
    """Pull every weight towards zero by the same amount, whatever its size; biases and norms are spared.

    It adds the gradient of strength x the sum of the weights' absolute values, before any clipping; the losses in the
    history are without it.
    """

    name = "l1"
    card = TrickCard(
        summary="Pulls every weight towards zero by the same amount.",
        source="Tibshirani, Regression shrinkage and selection via the lasso, 1996",
        cost="one pass over the weights per step",
        claim="many weights end near zero; in linear models exactly there",
    )

    strength: float = hyperparameter(
        1e-5,
        bounds=Range(0),
        search=Search(1e-7, 1e-3, log=True),
        description="size of the pull; 0 is none, 1 drowns the loss",
    )

    def edit_grads(self, grads: dict[str, Tensor], trick_state: TrickState, context: StepContext) -> dict[str, Tensor]:
        if self.strength == 0:
            return grads
        weights = {
            name: parameter.detach()
            for name, parameter in context.training.network.named_parameters()
            if decays(parameter)
        }
        pulls = {name: self.strength * weights[name].sign() for name in grads if name in weights}
        return {name: grad + pulls[name] if name in pulls else grad for name, grad in grads.items()}
