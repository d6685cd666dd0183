"""The contract of a loss."""

from torch import Tensor

from luthier.core.declare import Part


class Loss(Part):
    """Compares logits with soft targets, example by example; the loop takes the weighted mean."""

    def per_example(self, logits: Tensor, target: Tensor) -> Tensor:
        """Loss of each example (B,), from logits (B, K) and targets (B, K) whose rows sum to 1."""
        raise NotImplementedError
