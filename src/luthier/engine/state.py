"""What changes while a network trains, beside the tensors of the network and the optimizer."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from luthier.tricks.trick import TrickState


@dataclass
class TrainState:
    """Where training stands; with the network and the optimizer it is all that a checkpoint holds.

    step: updates done. epoch: epochs finished. position: updates done in the current epoch.
    order: positions of the current epoch's examples, None between epochs. memory: of each trick, by name.
    scores: deciding metric after each epoch.
    losses: last loss of each example by its number (N,), infinite where none is known.
    pending: loss, gradient norm and 1 or 0 for skipped or not, of each step since the last read, on the device.
    bad: whether a step was not finite, on the device; once true, no step changes the weights.
    stopped: whether a trick ended training. micro_batch: largest part in which batches are sent through since memory
    ran out; None where it never did.
    """

    losses: Tensor
    bad: Tensor
    step: int = 0
    epoch: int = 0
    position: int = 0
    order: Tensor | None = None
    memory: dict[str, TrickState] = field(default_factory=dict)
    scores: list[float] = field(default_factory=list)
    pending: list[Tensor] = field(default_factory=list)
    stopped: bool = False
    micro_batch: int | None = None

    def tree(self) -> dict[str, object]:
        """Lay everything out for a checkpoint."""
        pending = torch.stack(self.pending) if self.pending else None
        plain = {name: getattr(self, name) for name in PLAIN}
        return {**plain, "order": self.order, "losses": self.losses, "memory": self.memory, "pending": pending}

    @classmethod
    def from_tree(cls, tree: dict[str, object], device: torch.device) -> "TrainState":
        """The inverse of `tree`, on a device."""
        pending = tree.pop("pending")
        rows = pending if isinstance(pending, Tensor) else torch.zeros(0, 3, device=device)
        rows = torch.nn.functional.pad(rows, (0, 3 - rows.shape[1]))  # older checkpoints know no skipped steps
        bad = faults(rows).any()
        return cls(bad=bad, pending=list(rows.unbind()), **tree)  # type: ignore[arg-type]  # a checked checkpoint


def faults(rows: Tensor) -> Tensor:
    """Whether loss and gradient norm of each step (M, 3) are at fault (M, 2); a skipped step may have no norm."""
    bad = ~rows[:, :2].isfinite()
    bad[:, 1] &= rows[:, 2] == 0
    return bad


PLAIN = ("step", "epoch", "position", "scores", "stopped", "micro_batch")
