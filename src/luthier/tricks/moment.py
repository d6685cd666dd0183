"""Where training stands, as a trick sees it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from luthier.augment import Composer
from luthier.core.batch import Batch, Inputs
from luthier.core.rng import fork_rng, generator, seed_global
from luthier.data.loader import DeviceDataset, batches

Forward = Callable[[Inputs], Tensor]
"""From inputs to logits."""


@dataclass(frozen=True)
class TrainingContext:
    """What stays the same throughout a training.

    examples: the training part. total: steps of the whole training.
    """

    seed: int
    network: nn.Module
    examples: DeviceDataset
    augment: Composer
    batch_size: int
    epochs: int
    total: int

    @property
    def device(self) -> torch.device:
        return self.examples.device


@dataclass(frozen=True)
class StepContext:
    """The context of every hook.

    step: from 0. epoch: from 0. final: whether the network is wanted for its last evaluation.
    stream: prefix of this part's random streams. wrapped: the network as tricks surround it; None is as it is.
    """

    training: TrainingContext
    step: int
    epoch: int
    final: bool = False
    stream: str = ""
    wrapped: Forward | None = None

    def of(self, stream: str) -> "StepContext":
        """The same context with another part's random streams."""
        return replace(self, stream=stream)

    def rng(self, name: str = "", device: torch.device | str = "cpu") -> torch.Generator:
        """This part's generator for this step; a name keeps several draws of one part apart."""
        return generator(self.training.seed, f"{self.stream}/{name}", self.step, device)

    def augment(self, inputs: Tensor, view: str = "") -> Tensor:
        """Send pictures through the recipe's augmentations; each view draws anew."""
        return self.training.augment(inputs, lambda name: self.rng(f"augment/{name}/{view}"))

    def forward(self, inputs: Tensor, name: str = "") -> Tensor:
        """Send inputs through the network in training without moving the draws of any other forward pass."""
        with self.seed_draws(name):
            return self.logits(inputs)

    def logits(self, inputs: Inputs) -> Tensor:
        """Send inputs through the network as tricks surround it, under the draws of the moment."""
        logits: Tensor = (self.wrapped or self.training.network)(inputs)
        return logits

    @contextmanager
    def seed_draws(self, name: str = "") -> Iterator[None]:
        """Run code that draws from the global generators under this part's own stream."""
        with fork_rng(self.training.device):
            seed_global(self.training.seed, f"{self.stream}/forward/{name}", self.step, self.training.device)
            yield

    def batches(self) -> Iterator[Batch]:
        """Walk once through the training examples, augmented, in an order of this part's own."""
        examples = self.training.examples
        order = torch.randperm(len(examples), generator=self.rng("batches")).to(self.training.device)
        for number, positions in enumerate(batches(order, self.training.batch_size)):
            batch = examples.batch(positions)
            yield batch.replace(inputs=self.augment(batch.inputs, f"batches/{number}"))  # type: ignore[arg-type]  # pictures, or no augmentation
