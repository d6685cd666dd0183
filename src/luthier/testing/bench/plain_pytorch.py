"""The same training in plain PyTorch: through a DataLoader, and from one tensor of bytes."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset

from luthier.core.errors import BadInput
from luthier.data import Dataset
from luthier.models import Network
from luthier.optim.optimizers import AdamW
from luthier.recipe.build import Prepared, prepare
from luthier.recipe.read import read_recipe
from luthier.recipe.recipe import Recipe
from luthier.recipe.resolve import resolve

MNIST = (60_000, 28, 28, 1)


CLASSES = tuple(map(str, range(10)))


@dataclass(frozen=True)
class Work:
    """What a plain loop needs to do the same as Luthier's default recipe.

    pictures: (N, H, W, C), uint8; N is a whole multiple of batch_size. labels: (N,). classes: K.
    mean, std: of each channel, for pictures between 0 and 1 (C,). weights: first values of the parameters, in order.
    rate, betas, epsilon, decay: of AdamW; biases do not decay. factor: of the rate, from the step's number.
    """

    pictures: Tensor
    labels: Tensor
    classes: int
    mean: Tensor
    std: Tensor
    weights: tuple[Tensor, ...]
    batch_size: int
    rate: float
    betas: tuple[float, float]
    epsilon: float
    decay: float
    factor: Callable[[int], float]


def make_pictures(shape: tuple[int, ...] = MNIST) -> Dataset:
    """Make random pictures (N, H, W, C) with labels: the time of a step does not depend on what they show."""
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, shape, dtype=np.uint8)
    return Dataset("random", pictures, rng.integers(0, len(CLASSES), len(pictures)), CLASSES)


def make_default_recipe(source: str, size: int | None = None) -> Recipe:
    """Make Luthier's default recipe for small pictures, without a validation part. size: of the pictures, in pixels."""
    sides = {} if size is None else {"size": size}
    return read_recipe({"data": {"source": source, **sides}, "split": {"validation": 0.0}})


def prepare_default(dataset: Dataset, steps: int, size: int | None = None) -> Prepared:
    """Prepare the default recipe for at least the given number of steps; size: of the pictures, in pixels.

    All examples are trained on, but for the last few, one at least, that do not fill a batch: they are the test part,
    which a benchmark never reads. So every batch of every contender is full.
    Raises BadInput where the data are not pictures of bytes, or too few.
    """
    recipe = make_default_recipe(dataset.name, size)
    batch_size = recipe.training.batch_size
    if not dataset.is_picture or dataset.inputs.dtype != np.uint8 or len(dataset) <= batch_size:
        got = f"{dataset.name} has {dataset.inputs.dtype} inputs of shape {dataset.inputs.shape}"
        raise BadInput(
            f"bench needs more than {batch_size} pictures of bytes, but {got}; leave the data out for random pictures"
        )
    batches = (len(dataset) - 1) // batch_size
    training = recipe.training.model_copy(update={"epochs": -(-steps // batches)})
    rest = np.arange(len(dataset)) >= batches * batch_size
    parts = Dataset(dataset.name, dataset.inputs, dataset.labels, dataset.classes, rest)
    resolved = resolve(recipe.model_copy(update={"training": training}), parts)
    return prepare(resolved, parts, torch.device("cpu"))


def describe_work(prepared: Prepared) -> Work:
    """Describe for a plain loop what a prepared recipe does."""
    trainer, adamw, network = prepared.trainer, prepared.recipe.optimizer, prepared.trainer.network
    assert isinstance(network, Network) and isinstance(adamw, AdamW), "the plain loops follow the default recipe"
    examples = trainer.training.examples
    return Work(
        pictures=examples.store[examples.indices],
        labels=examples.own_labels(),
        classes=examples.classes,
        mean=network.standardise.mean,
        std=1 / network.standardise.scale,
        weights=tuple(parameter.detach().clone() for parameter in network.parameters()),
        batch_size=trainer.training.batch_size,
        rate=adamw.learning_rate,
        betas=(adamw.beta1, adamw.beta2),
        epsilon=adamw.epsilon,
        decay=adamw.weight_decay,
        factor=lambda step: trainer.schedule.factor(step, trainer.training.total, ()),
    )


WORKERS = 0
"""DataLoader's default, and the fastest here: a worker is a process that hands over each batch through shared memory,
which takes longer than the transform of pictures of this size; and on two cores it takes one from the network."""


class Pictures(TorchDataset[tuple[Tensor, int]]):
    """Pictures of bytes, each made a standardised tensor (C, H, W) when it is asked for."""

    def __init__(self, work: Work) -> None:
        self.pictures = work.pictures.squeeze(-1)  # gray pictures have no axis for it, as in torchvision's MNIST
        self.labels = work.labels
        self.mean, self.std = work.mean.tolist(), work.std.tolist()

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, number: int) -> tuple[Tensor, int]:
        picture = Image.fromarray(self.pictures[number].numpy())
        return normalise(to_tensor(picture), self.mean, self.std), int(self.labels[number])


def to_tensor(picture: Image.Image) -> Tensor:
    """Convert a picture to a tensor (C, H, W) between 0 and 1, in the operations of torchvision's ToTensor."""
    values = torch.from_numpy(np.array(picture, np.uint8, copy=True))
    values = values.view(picture.height, picture.width, len(picture.getbands()))
    return values.permute(2, 0, 1).contiguous().to(torch.get_default_dtype()).div(255)


def normalise(image: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """Standardise each channel (C, H, W) to mean 0 and variance 1, in the operations of torchvision's Normalize."""
    image, shape = image.clone(), (-1, 1, 1)
    centre, width = torch.as_tensor(mean, dtype=image.dtype), torch.as_tensor(std, dtype=image.dtype)
    if (width == 0).any():
        raise ValueError(f"std must not be zero, but got {std}")
    return image.sub_(centre.view(shape)).div_(width.view(shape))


def train_with_loader(work: Work) -> Generator[Tensor]:
    """Train without end; after each step, yield its mean loss (a scalar)."""
    loader = DataLoader(Pictures(work), work.batch_size, shuffle=True, num_workers=WORKERS)
    model = build_plain_model(work)
    optimizer, schedule = make_plain_optimizer(model, work)
    while True:
        for inputs, labels in loader:
            loss = F.cross_entropy(model(inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            yield loss.detach()


def build_lenet5(channels: int = 1, classes: int = 10) -> nn.Sequential:
    """Build LeNet-5 for pictures of 28 x 28 pixels (B, C, 28, 28): 61,706 parameters for one channel and ten classes.

    >>> sum(one.numel() for one in build_lenet5().parameters())
    61706
    """
    return nn.Sequential(
        nn.Conv2d(channels, 6, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, classes),
    )


def build_plain_model(work: Work, memory_format: torch.memory_format = torch.contiguous_format) -> nn.Sequential:
    """Build LeNet-5 with the first weights that Luthier starts from."""
    model = build_lenet5(work.pictures.shape[-1], work.classes)
    with torch.no_grad():
        for parameter, first in zip(model.parameters(), work.weights, strict=True):
            parameter.copy_(first)
    model.to(memory_format=memory_format)  # type: ignore[call-overload]  # missing in torch's stub
    return model


def make_plain_optimizer(model: nn.Module, work: Work, fused: bool | None = None) -> tuple[torch.optim.AdamW, LambdaLR]:
    """Make AdamW without decay of the biases, and the learning rate that Luthier has at each step.

    fused: as AdamW takes it; None is PyTorch's choice, which on the processor is a Python loop over the parameters.
    """
    weights = [parameter for parameter in model.parameters() if parameter.ndim > 1]
    biases = [parameter for parameter in model.parameters() if parameter.ndim == 1]
    groups = [{"params": weights, "weight_decay": work.decay}, {"params": biases, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=work.rate, betas=work.betas, eps=work.epsilon, fused=fused)
    return optimizer, LambdaLR(optimizer, work.factor)


# The fast way in plain PyTorch: the whole set as one tensor of bytes, indexed by batch.
#
# Written by somebody who knows what makes PyTorch fast: channels last in memory, and a fused optimizer.


def train_from_tensor(work: Work, shuffle: Callable[[int], Tensor] = torch.randperm) -> Generator[Tensor]:
    """Train without end; after each step, yield its mean loss (a scalar).

    shuffle: gives the order of an epoch (N,) from the number of examples.
    """
    images = work.pictures.permute(0, 3, 1, 2)
    mean, std = work.mean.view(-1, 1, 1), work.std.view(-1, 1, 1)
    model = build_plain_model(work, torch.channels_last)
    optimizer, schedule = make_plain_optimizer(model, work, fused=True)
    while True:
        for batch in torch.split(shuffle(len(images)), work.batch_size):
            inputs = images[batch].float().div_(255).sub_(mean).div_(std)
            loss = F.cross_entropy(model(inputs), work.labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            yield loss.detach()
