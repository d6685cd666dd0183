"""A loss of regression in units that do not depend on the user's."""

from torch import Tensor

from luthier.models.losses.loss import Loss
from luthier.models.modules.rescale import Rescale


class Standardised(Loss):
    """Another loss, of answers and targets in standard deviations of the training part.

    A learning rate, or Huber's threshold, then means the same for prices and for shares, and each value counts alike.
    A mean squared error near 1 is that of a network that always answers the mean.
    """

    loss: Loss
    rescale: Rescale

    def per_example(self, logits: Tensor, target: Tensor) -> Tensor:
        answers = self.rescale.inverse(logits)
        return self.loss.per_example(answers, self.rescale.inverse(target).to(answers))
