"""The cost of augmentation, compared with a training step and with the same chain in Pillow."""

import math
import random
import statistics
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial
from itertools import count, cycle
from typing import Any

import torch
from PIL import Image, ImageEnhance, ImageOps
from PIL.Image import Resampling, Transform, Transpose
from torch import Tensor

from luthier.core.errors import BadInput
from luthier.core.rng import fork_rng, generator
from luthier.data.augment import Augmentation, Color, Composer, HorizontalFlip, Noise, RandomCrop, RandomScale, Rotation
from luthier.recipe.build import Prepared
from luthier.run.provenance import environment
from luthier.testing.bench.contest import compare_speeds, interleave, time_steps, train_ours
from luthier.testing.bench.plain_pytorch import make_pictures, prepare_default, to_tensor

CHAIN: tuple[Augmentation, ...] = (RandomCrop(), HorizontalFlip(), Rotation(), RandomScale(), Color(), Noise())


SHAPES = ((28, 28, 1), (32, 32, 3))


PICTURES = 6400


WARM_UP = 5


OURS, STEP, PILLOW = "luthier", "training-step", "pillow"


Watch = Callable[[int], object]


def bench_augment(rounds: int, examples: int, watch: Watch) -> dict[str, Any]:
    """Time crop, flip, rotation, scale, colour and noise together, a LeNet-5 training step, and the chain in Pillow.

    rounds: turns of each contender, at least 2. examples: pictures in a turn, cut to whole batches of 64.
    watch: called after each round of each shape with the number of rounds that are done.
    Returns a dict with `rows`, one per shape and contender: median `examples_per_second`, `spread` (lowest and
    highest), and `ratio` of Luthier's speed to the contender's with its 95% interval; and `costs`, one per shape:
    `share_of_step`, the time of augmentation over that of a training step without it, and `times_pillow`, Pillow's
    time over Luthier's, each with its interval.
    Raises BadInput where there is too little to compare.
    """
    steps = examples // 64
    if rounds < 2 or steps < 1:
        raise BadInput(
            f"bench needs at least 2 rounds of at least 64 examples, but got {rounds} of {examples}; ask for more"
        )
    rows, costs = [], []
    for number, shape in enumerate(SHAPES):
        with fork_rng(torch.device("cpu")):
            speeds = _measure(shape, rounds, steps, lambda done, before=number * rounds: watch(before + done))  # type: ignore[misc]  # a default keeps a loop's value
        name = "x".join(map(str, shape))
        rows += [_row(f"{name} {who}", own, None if who == OURS else speeds[OURS]) for who, own in speeds.items()]
        share, less = compare_speeds(speeds[STEP], speeds[OURS]), compare_speeds(speeds[OURS], speeds[PILLOW])
        costs.append({"shape": list(shape), "share_of_step": share, "times_pillow": less})
    return {
        "rows": rows,
        "costs": costs,
        "chain": [one.dump() for one in CHAIN],
        "rounds": rounds,
        "examples_per_round": steps * 64,
        "environment": environment(),
    }


def _measure(shape: tuple[int, ...], rounds: int, steps: int, watch: Watch) -> Mapping[str, Sequence[float]]:
    """Measure the examples per second of each contender, by round."""
    prepared = prepare_default(make_pictures((PICTURES, *shape)), WARM_UP + rounds * steps, shape[0])
    size = prepared.trainer.training.batch_size
    loops: dict[str, Generator[object]] = {
        OURS: augment_batches(prepared),
        STEP: train_ours(prepared),
        PILLOW: augment_in_pillow(prepared),
    }
    for loop in loops.values():
        time_steps(loop, WARM_UP, size)
    return interleave({name: partial(time_steps, loop, steps, size) for name, loop in loops.items()}, rounds, watch)


def augment_batches(prepared: Prepared) -> Generator[torch.Tensor]:
    """Augment batch after batch from the loader, with the streams that training makes at each step."""
    composer, examples = Composer(CHAIN), prepared.trainer.training.examples
    batches = [examples.batch(positions).inputs for positions in _batches(prepared)]
    for step, inputs in zip(count(), cycle(batches), strict=False):
        assert isinstance(inputs, torch.Tensor)
        yield composer(inputs, lambda name, step=step: generator(0, f"/augment/{name}/", step))  # type: ignore[misc]  # a default keeps a loop's value


def augment_in_pillow(prepared: Prepared) -> Generator[torch.Tensor]:
    """Augment the same batches picture by picture and put each batch together, as a DataLoader does."""
    examples, rng = prepared.trainer.training.examples, random.Random(0)
    for positions in cycle(_batches(prepared)):
        pictures = examples.store.index_select(0, examples.indices[positions])
        yield torch.stack([augment_picture(one, rng) for one in pictures])


def _batches(prepared: Prepared) -> list[torch.Tensor]:
    training = prepared.trainer.training
    return list(torch.arange(len(training.examples)).split(training.batch_size))


def _row(name: str, speeds: Sequence[float], reference: Sequence[float] | None) -> dict[str, Any]:
    return {
        "name": name,
        "examples_per_second": statistics.median(speeds),
        "spread": [min(speeds), max(speeds)],
        "ratio": compare_speeds(reference, speeds) if reference else None,
    }


PADDING, DEGREES, SCALE, FACTOR, HUE, STD = 4, 10.0, 0.1, 0.2, 0.02, 0.05
"""What the catalogue's defaults are for the same augmentations."""


def augment_picture(picture: Tensor, rng: random.Random) -> Tensor:
    """Crop, flip, turn, scale and colour a picture of bytes (H, W, C), and add noise; returns floats (C, H, W)."""
    image = Image.fromarray((picture.squeeze(-1) if picture.shape[-1] == 1 else picture).numpy())
    return noisy(to_tensor(change_colours(moved(image, rng), rng)))


def moved(image: Image.Image, rng: random.Random) -> Image.Image:
    width, height = image.size
    padded = ImageOps.expand(image, PADDING)
    left, top = rng.randint(0, 2 * PADDING), rng.randint(0, 2 * PADDING)
    image = padded.crop((left, top, left + width, top + height))
    if rng.random() < 0.5:
        image = image.transpose(Transpose.FLIP_LEFT_RIGHT)
    image = image.rotate(rng.uniform(-DEGREES, DEGREES), Resampling.BILINEAR)
    back = 1 / rng.uniform(1 - SCALE, 1 + SCALE)
    data = (back, 0, width / 2 * (1 - back), 0, back, height / 2 * (1 - back))
    return image.transform(image.size, Transform.AFFINE, data, Resampling.BILINEAR)


def change_colours(image: Image.Image, rng: random.Random) -> Image.Image:
    """Change the colours of a picture; a grey one has no saturation and no hue."""
    enhancers = (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color)
    for enhancer in enhancers if image.mode == "RGB" else enhancers[:2]:
        image = enhancer(image).enhance(rng.uniform(1 - FACTOR, 1 + FACTOR))
    if image.mode != "RGB":
        return image
    hue, saturation, value = image.convert("HSV").split()
    turn = math.floor(rng.uniform(-HUE, HUE) * 255)
    hue = hue.point([(level + turn) % 256 for level in range(256)])
    return Image.merge("HSV", (hue, saturation, value)).convert("RGB")


def noisy(values: Tensor) -> Tensor:
    return values.add_(torch.randn_like(values), alpha=STD).clamp_(0, 1)
