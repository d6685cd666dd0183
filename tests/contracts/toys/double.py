"""Another precision for the forward and backward pass, as a toy: 64 bits, in the place of mixed precision."""

from torch import Tensor

from luthier.core.batch import Batch
from luthier.core.card import TrickCard
from luthier.core.declare import hyperparameter
from luthier.training.trick import Backward, Outcome, StepContext, Trick, TrickState


def widened(batch: Batch) -> Batch:
    """The same batch with all its real numbers in 64 bits."""

    def wide(tensor: Tensor) -> Tensor:
        return tensor.double() if tensor.is_floating_point() else tensor

    aux = {name: wide(one) for name, one in batch.aux.items()}
    return batch.replace(inputs=wide(batch.inputs), target=wide(batch.target), weight=wide(batch.weight), aux=aux)


class Double(Trick):
    """Widens network and batch around the pass; the optimizer sees weights and gradients of 32 bits."""

    name = "double"
    card = TrickCard(
        summary="Computes gradients in 64 bits.",
        source="Micikevicius and others, Mixed precision training, 2018, arXiv 1710.03740, the other way round",
        after=("gradient-accumulation", "sam"),
    )

    active: bool = hyperparameter(True, description="whether it acts")

    def wrap_backward(self, backward: Backward, trick_state: TrickState, context: StepContext) -> Backward:
        if not self.active:
            return backward

        def wide(batch: Batch, share: float | Tensor) -> Outcome:
            context.training.network.double()
            try:
                outcome = backward(widened(batch), share)
            finally:
                context.training.network.float()
            return Outcome(outcome.losses.float(), outcome.mean.float())

        return wide
