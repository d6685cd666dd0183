"""Everything that a training is made of, concrete and ready."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from luthier.data.loader import DeviceDataset, batch_count
from luthier.data.sampling import Sampler
from luthier.engine.clock import Clock
from luthier.models.losses import Loss
from luthier.optim import Schedule
from luthier.tricks import Trick
from luthier.tricks.moment import TrainingContext


@dataclass(frozen=True)
class Stream:
    """Extra examples that come beside each batch: some number per example of the batch."""

    examples: DeviceDataset
    ratio: int


@dataclass(frozen=True)
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
        return batch_count(self.sampler.length(len(self.training.examples)), self.training.batch_size)

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
