"""Progressive resizing: Howard, Training Imagenet in 3 hours for 25 dollars, fast.ai, 2018."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from luthier.core.batch import Batch
from luthier.core.card import TrickCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.core.errors import BadInput
from luthier.training.trick import Setup, StepContext, Trick, TrickState


def compute_side(full: int, start: float, epoch: int, epochs: int) -> int:
    """Compute the side in pixels: start x full in the first epoch, full in the last, evenly between.

    >>> [compute_side(28, 0.5, epoch, 3) for epoch in range(3)]
    [14, 21, 28]
    """
    done = epoch / max(epochs - 1, 1)
    return max(round(full * (start + (1 - start) * done)), 1)


def scale_inputs(pictures: Tensor, length: int) -> Tensor:
    """Scale both sides of pictures (B, C, H, W) to a length."""
    if pictures.shape[2:] == (length, length):
        return pictures
    return F.interpolate(pictures, (length, length), mode="bilinear", align_corners=False, antialias=True)


class ProgressiveResizing(Trick):
    """Train on small pictures first, on full-size ones in the last epoch; evaluation always sees full-size ones."""

    name = "progressive-resizing"
    card = TrickCard(
        summary="Trains on small pictures first.",
        source="Howard, Training Imagenet in 3 hours for 25 dollars, fast.ai, 2018",
        after=("cutmix", "fixmatch", "label-smoothing", "mixup"),
        cost="saves time: a picture of half the side takes a quarter of it",
        claim="ResNet-50 on ImageNet to 93% top-5 accuracy in 3 hours on eight graphics cards of 2018",
        example={"back": True},
    )
    needs_pictures = True

    start: float = hyperparameter(
        0.5, bounds=Range(0, 1, low_open=True), search=Search(0.3, 0.9),
        description="share of the side in the first epoch; near 0 is one pixel, 1 is all of it",
    )  # fmt: skip
    back: bool = hyperparameter(
        False,
        description="whether to scale up again, for networks of one size: pictures then lose detail and no time is "
        "saved",
    )

    def setup(self, value: Setup, context: StepContext) -> Setup:
        inputs = value.sample.inputs
        assert isinstance(inputs, Tensor)
        full = inputs.shape[2]
        least = compute_side(full, self.start, 0, context.training.epochs)
        if least < full and not self.back and not _takes(value.network, scale_inputs(inputs[:2], least)):
            raise BadInput(
                f"tricks.{self.name} needs a network that takes pictures of any size, but this one fails at {least} "
                f"pixels a side; set tricks.{self.name}.back = true, raise start, or take another architecture"
            )
        return value

    def edit_batch(self, batch: Batch, trick_state: TrickState, context: StepContext) -> Batch:
        assert isinstance(batch.inputs, Tensor)
        full = batch.inputs.shape[2]
        small = scale_inputs(batch.inputs, compute_side(full, self.start, context.epoch, context.training.epochs))
        return batch.replace(inputs=scale_inputs(small, full) if self.back else small)


def _takes(network: nn.Module, pictures: Tensor) -> bool:
    """Return whether a network accepts pictures of a size."""
    was_training = network.training
    try:
        with torch.no_grad():
            network.eval()(pictures)
    except (RuntimeError, ValueError):
        return False
    finally:
        network.train(was_training)
    return True
