"""What a training holds: its pieces, and what changes beside the tensors of the network and the optimizer."""

from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor, nn

from luthier.data.loader import DeviceDataset, count_batches
from luthier.data.samplers import Sampler
from luthier.models.losses import Loss
from luthier.optim import Schedule
from luthier.training.clock import Clock
from luthier.training.trick import TrainingContext, Trick, TrickState


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
        """Make a state on a device from what `tree` laid out."""
        pending = tree.pop("pending")
        rows = pending if isinstance(pending, Tensor) else torch.zeros(0, 3, device=device)
        rows = torch.nn.functional.pad(rows, (0, 3 - rows.shape[1]))  # older checkpoints know no skipped steps
        bad = find_faults(rows).any()
        return cls(bad=bad, pending=list(rows.unbind()), **tree)  # type: ignore[arg-type]  # a checked checkpoint


def find_faults(rows: Tensor) -> Tensor:
    """Mark where loss and gradient norm of each step (M, 3) are at fault (M, 2); a skipped step may have no norm."""
    bad = ~rows[:, :2].isfinite()
    bad[:, 1] &= rows[:, 2] == 0
    return bad


PLAIN = ("step", "epoch", "position", "scores", "stopped", "micro_batch")


@dataclass(frozen=True)
class Stream:
    """Extra examples that come beside each batch: some number per example of the batch."""

    examples: DeviceDataset
    ratio: int


@dataclass(frozen=True, kw_only=True)
class Trainer:
    """What the loop works with; nothing in it changes but the network's and the optimizer's own tensors, and the clock.

    rates: learning rate of each parameter group before the schedule. tricks: in the order in which they act.
    monitor: the deciding metric; validation: may be empty. class_weights: of each class in the training loss (K,), by
    which a soft target counts in proportion; None counts all alike.
    """

    training: TrainingContext
    loss: Loss
    optimizer: torch.optim.Optimizer
    rates: tuple[float, ...]
    schedule: Schedule
    sampler: Sampler
    tricks: tuple[Trick, ...]
    validation: DeviceDataset
    monitor: str
    streams: dict[str, Stream]
    class_weights: Tensor | None = None

    @property
    def network(self) -> nn.Module:
        return self.training.network

    @property
    def device(self) -> torch.device:
        return self.training.device

    @property
    def steps_per_epoch(self) -> int:
        return count_batches(self.sampler.length(len(self.training.examples)), self.training.batch_size)

    @cached_property
    def clock(self) -> Clock:
        """Tells where the time goes; no part of the state, because no two trainings take the same."""
        return Clock(self.device)

    @cached_property
    def hooks(self) -> dict[str, tuple[Trick, ...]]:
        """For each hook the tricks that override it, so that an absent trick costs nothing."""
        names = [name for name in vars(Trick) if callable(getattr(Trick, name)) and not name.startswith("_")]
        return {
            name: tuple(t for t in self.tricks if getattr(type(t), name) is not getattr(Trick, name)) for name in names
        }

    @cached_property
    def parameters(self) -> dict[str, nn.Parameter]:
        """The parameters that the optimizer updates, by name."""
        named = {id(one): name for name, one in self.network.named_parameters()}
        return {named[id(one)]: one for group in self.optimizer.param_groups for one in group["params"]}

    @cached_property
    def gates_on_device(self) -> bool:
        """Whether the optimizer can be told on the device to skip a step, without waiting for the answer."""
        return bool(getattr(self.optimizer, "_step_supports_amp_scaling", False))
