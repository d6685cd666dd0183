"""Decoding pictures into the cache, beside a plain Pillow loop in one process; both end with an array on the disk.

    python benchmarks/decoding.py [PICTURES [ROUNDS]]

Photographs of 640 x 480 pixels, JPEG, made here, brought upright, in colour, to 64 x 64 with Pillow's bilinear filter;
all write the same pixels (compared here). The plain loop is what is commonly written, which copies a picture twice even
where nothing is to be turned or converted; the lean loop does not. They take turns, and a ratio is the median of the
rounds, with the lowest and the highest. The time of the processor is that of all processes: it says what a picture
costs where others use the machine too.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

from luthier.data import DataConfig, load

SIDE = 64


class Cost(NamedTuple):
    """Of one picture, in milliseconds: on the clock, and of the processor in this and all other processes."""

    wall: float
    cpu: float


def main(pictures: int = 1500, rounds: int = 5) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, file = made(Path(folder) / "photographs", pictures), Path(folder) / "plain.npy"
        costs: dict[str, list[Cost]] = {"luthier": [], "plain loop": [], "lean loop": []}
        for number in range(rounds):
            os.environ["XDG_CACHE_HOME"] = f"{folder}/cache-{number}"
            costs["luthier"].append(cost(lambda: load(root, data_config=DataConfig(size=SIDE), quiet=True), pictures))
            costs["plain loop"].append(cost(lambda: loop(root, file, plain), pictures))
            costs["lean loop"].append(cost(lambda: loop(root, file, lean), pictures))
        assert (load(root, data_config=DataConfig(size=SIDE), quiet=True).inputs == np.load(file)).all()
    for name, found in costs.items():
        wall, cpu = (statistics.median(one) for one in zip(*found, strict=True))
        print(f"{name}: {1000 / wall:,.0f} pictures/s, {cpu:.2f} ms of the processor each")
    for name in ("plain loop", "lean loop"):
        ratios = [other.wall / own.wall for own, other in zip(costs["luthier"], costs[name], strict=True)]
        print(
            f"luthier beside the {name}: {statistics.median(ratios):.2f} "
            f"({min(ratios):.2f} to {max(ratios):.2f}, n = {rounds})"
        )


def made(root: Path, count: int) -> Path:
    """Two classes of smooth pictures with a little noise, as a camera's are."""
    rng = np.random.default_rng(0)
    for number in range(count):
        coarse = Image.fromarray(rng.integers(0, 256, (12, 16, 3), np.uint8)).resize(
            (640, 480), Image.Resampling.BICUBIC
        )
        pixels = np.asarray(coarse, np.int16) + rng.integers(-8, 9, (480, 640, 1), np.int16)
        path = root / "ab"[number % 2] / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(path, quality=90)
    return root


def loop(root: Path, file: Path, read: Callable[[Path], np.ndarray]) -> None:
    np.save(file, np.stack([read(path) for path in sorted(root.glob("*/*.jpg"))]))


def plain(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
        return np.asarray(upright.resize((SIDE, SIDE), Image.Resampling.BILINEAR))


def lean(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        ImageOps.exif_transpose(image, in_place=True)
        colour = image if image.mode == "RGB" else image.convert("RGB")
        return np.asarray(colour.resize((SIDE, SIDE), Image.Resampling.BILINEAR))


def cost(what: Callable[[], object], pictures: int) -> Cost:
    wall, cpu = time.perf_counter(), processor()
    what()
    return Cost(1000 * (time.perf_counter() - wall) / pictures, 1000 * (processor() - cpu) / pictures)


def processor() -> float:
    """Seconds of this process and of those that it has seen the end of."""
    return sum(os.times()[:4])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
