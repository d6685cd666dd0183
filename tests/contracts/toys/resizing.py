"""Progressive resizing, as a toy."""

import torch.nn.functional as F
from torch import Tensor

from luthier.core.batch import Batch
from luthier.core.card import TrickCard
from luthier.core.declare import Range, hyper
from luthier.tricks import Memory, Moment, Trick


def side(full: int, start: float, epoch: int, epochs: int) -> int:
    """Side in pixels: start x full in the first epoch, full in the last, evenly between."""
    done = epoch / max(epochs - 1, 1)
    return round(full * (start + (1 - start) * done))


def scaled(pictures: Tensor, length: int) -> Tensor:
    """Pictures (B, C, H, W) with both sides brought to a length."""
    if pictures.shape[2:] == (length, length):
        return pictures
    return F.interpolate(pictures, (length, length), mode="bilinear", align_corners=False, antialias=True)


class Resizing(Trick):
    """Trains on small pictures first."""

    name = "resizing"
    card = TrickCard(
        summary="Trains on small pictures first.",
        source="Howard, Training Imagenet in 3 hours for 25 dollars, fast.ai, 2018",
        after=("fixmatch", "mixup"),
    )

    start: float = hyper(0.5, legal=Range(0, 1, low_open=True), says="share of the side in the first epoch; 1 is all")
    back: bool = hyper(False, says="whether to scale up again, for networks that take one size only")

    def edit_batch(self, batch: Batch, memory: Memory, at: Moment) -> Batch:
        full = batch.inputs.shape[2]
        length = side(full, self.start, at.epoch, at.training.epochs)
        small = scaled(batch.inputs, length)
        return batch.replace(inputs=scaled(small, full) if self.back else small)
