"""CutMix: Yun, Han, Oh, Chun, Choe and Yoo, 2019."""

from dataclasses import dataclass

import torch
from torch import Tensor

from luthier.core.batch import Batch
from luthier.core.card import TrickCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.training.trick import StepContext, Trick, TrickState
from luthier.training.tricks.mixup import Mix, draw_shares, mix_batch


@dataclass(frozen=True)
class Cut:
    """For each picture the rows [top, bottom) and columns [left, right) that its partner gives, each (B,)."""

    top: Tensor
    bottom: Tensor
    left: Tensor
    right: Tensor
    partner: Tensor

    def mask(self, height: int, width: int) -> Tensor:
        """Mark where the partner shows (B, 1, H, W)."""
        rows, columns = torch.arange(height), torch.arange(width)
        down = (rows >= self.top[:, None]) & (rows < self.bottom[:, None])
        across = (columns >= self.left[:, None]) & (columns < self.right[:, None])
        return (down[:, :, None] & across[:, None, :]).unsqueeze(1)


def draw_cut(size: tuple[int, int, int], alpha: float, share: float, context: StepContext) -> Cut:
    """Draw boxes for B pictures of size (B, H, W): area from Beta(alpha, alpha), centre anywhere, cut at the border."""
    count, height, width = size
    with context.seed_draws("cut"):
        side = (1 - draw_shares(count, alpha)).sqrt()
        middle = torch.rand(2, count)
        chosen = torch.rand(count) < share
        partner = torch.randperm(count)
    side = side * chosen
    return Cut(*_ends(side, middle[0], height), *_ends(side, middle[1], width), partner)


def _ends(share: Tensor, middle: Tensor, length: int) -> tuple[Tensor, Tensor]:
    """Return the first pixel and one past the last of parts of a side: a share of it, around a middle in [0, 1)."""
    half, place = (share * length).long() // 2, (middle * length).long()
    return (place - half).clamp(min=0), (place + half).clamp(max=length)


def cut_batch(batch: Batch, cut: Cut) -> Batch:
    """Paste the boxes and mix the targets by area; labels stay."""
    inputs = batch.inputs
    assert isinstance(inputs, Tensor)
    mask = cut.mask(*inputs.shape[2:])
    kept = 1 - mask.flatten(1).float().mean(1)
    pasted = torch.where(mask.to(inputs.device), inputs[cut.partner.to(inputs.device)], inputs)
    return batch.replace(inputs=pasted, target=mix_batch(batch.target, Mix(kept, cut.partner)))


class CutMix(Trick):
    """Paste a box of another picture into each, and mix the targets by area."""

    name = "cutmix"
    card = TrickCard(
        summary="Pastes a box of another picture into each and mixes the targets by area.",
        source="Yun, Han, Oh, Chun, Choe and Yoo, CutMix: regularization strategy to train strong classifiers with "
        "localizable features, 2019, arXiv 1905.04899",
        after=("mixup",),
        cost="one pass over the batch; more epochs pay",
        claim="ResNet-50 on ImageNet from 23.68% to 21.40% error, in 300 epochs",
    )
    spreads_targets = True
    needs_pictures = True
    tasks = ("classification",)

    alpha: float = hyperparameter(
        1.0, bounds=Range(0, low_open=True), search=Search(0.2, 2),
        description="evenness of the areas; near 0 next to nothing or all, 1 draws all areas alike, large ones halve",
    )  # fmt: skip
    share: float = hyperparameter(
        0.5,
        bounds=Range(0, 1),
        search=Search(0.1, 1),
        description="share of the pictures that are pasted into; 0 is none",
    )

    def edit_batch(self, batch: Batch, trick_state: TrickState, context: StepContext) -> Batch:
        if self.share == 0:
            return batch
        assert isinstance(batch.inputs, Tensor)
        count, _, height, width = batch.inputs.shape
        return cut_batch(batch, draw_cut((count, height, width), self.alpha, self.share, context))
