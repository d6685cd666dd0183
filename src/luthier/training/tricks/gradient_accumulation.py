"""Gradient accumulation: Ott, Edunov, Grangier and Auli, Scaling neural machine translation, 2018."""

from torch import Tensor

from luthier.core.card import TrickCard
from luthier.core.declare import Range, hyperparameter
from luthier.core.errors import BadInput
from luthier.models.architecture import find_lone_norm
from luthier.training.trick import LEAST, Backward, Setup, StepContext, Trick, TrickState, in_parts


class GradientAccumulation(Trick):
    """Send each batch through in parts and add their gradients, so that a large batch fits into a small memory.

    training.batch_size stays the size of a step; the gradient is that of the whole batch, up to rounding. Batch norm
    sees the parts alone, and each part has its own masks of dropout. `micro_batch` must divide training.batch_size, or
    be as large at least.
    """

    name = "gradient-accumulation"
    card = TrickCard(
        summary="Sends each batch through in parts and adds their gradients.",
        source="Ott, Edunov, Grangier and Auli, Scaling neural machine translation, 2018, arXiv 1806.00187",
        after=("mixed-precision",),
        cost="less speed where small parts do not fill the machine; memory for a part in place of a batch",
        claim="the same result as the large batch",
    )

    micro_batch: int = hyperparameter(
        32,
        bounds=Range(1),
        description="largest number of examples in a pass; 1 is each alone, batch_size or more all at once",
    )

    def setup(self, value: Setup, context: StepContext) -> Setup:
        size = context.training.batch_size
        if self.micro_batch >= size:
            return value
        if size % self.micro_batch:
            below = max(n for n in range(1, self.micro_batch) if size % n == 0)
            raise BadInput(
                f"tricks.{self.name}.micro_batch must divide training.batch_size = {size}, "
                f"but got {self.micro_batch}; set it to {below}, or change the batch size"
            )
        self._check_norms(value)
        return value

    def _check_norms(self, value: Setup) -> None:
        inputs = value.sample.inputs
        assert isinstance(inputs, Tensor)
        name = find_lone_norm(value.network, tuple(inputs.shape[1:])) if self.micro_batch < LEAST else None
        if name is not None:
            raise BadInput(
                f"a batch norm needs two values of each channel, but {name} may get one where tricks.{self.name}."
                f"micro_batch = {self.micro_batch}; set it to {LEAST} or more, or take another norm"
            )

    def wrap_backward(self, backward: Backward, trick_state: TrickState, context: StepContext) -> Backward:
        return in_parts(backward, self.micro_batch)
