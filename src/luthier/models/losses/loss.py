"""The contract of a loss."""

from typing import ClassVar

from torch import Tensor

from luthier.core.declare import Part


class Loss(Part):
    """Compares the network's outputs with targets, example by example; the loop takes the weighted mean.

    tasks: what it is for, "classification", "regression" or both. soft: whether targets may be spread over classes.
    """

    tasks: ClassVar[tuple[str, ...]] = ("classification",)
    soft: ClassVar[bool] = True

    def per_example(self, logits: Tensor, target: Tensor) -> Tensor:
        """Loss of each example (B,).

        Classification: from logits (B, K) and targets (B, K) whose rows sum to 1; where `soft` is False, rows are one
        1 among 0s. Regression: from answers (B, D) and targets (B, D) of any size.
        """
        raise NotImplementedError

    def probabilities(self, logits: Tensor) -> Tensor:
        """Probability of each class (B, K) from logits (B, K): rows sum to 1, the largest logit has the largest."""
        return logits.softmax(1)
