"""L2 regularisation: Krogh and Hertz, A simple weight decay can improve generalization, 1992."""

from torch import Tensor

from luthier.core.card import TrickCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.optim.groups import decays
from luthier.training.trick import StepContext, Trick, TrickState


class L2(Trick):
    """Pull every weight towards zero in proportion to its size, through the gradient; biases and norms are spared.

    It adds the gradient of strength / 2 x the sum of the squared weights, before any clipping: the coupled form, which
    an adaptive optimizer rescales with the rest of the gradient. adamw's own weight_decay is the decoupled one; sgd's
    and momentum's weight_decay is this one, added after clipping. The losses in the history are without it.
    """

    name = "l2"
    card = TrickCard(
        summary="Pulls every weight towards zero in proportion to its size, through the gradient.",
        source="Krogh and Hertz, A simple weight decay can improve generalization, 1992",
        cost="one pass over the weights per step",
        claim="smaller weights and better generalisation; with adam the decoupled form did better (Loshchilov and "
        "Hutter, Decoupled weight decay regularization, 2019)",
    )

    strength: float = hyperparameter(
        1e-4,
        bounds=Range(0),
        search=Search(1e-6, 1e-2, log=True),
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
        return {
            name: grad.add(weights[name], alpha=self.strength) if name in weights else grad
            for name, grad in grads.items()
        }
