"""Decoding pictures into the cache, beside a plain Pillow loop in one process; both end with an array on the disk.

    python benchmarks/decoding.py [PICTURES [ROUNDS]]

Photographs of 640 x 480 pixels, JPEG, made here, brought to 64 x 64; the two take turns, and the ratio is of medians,
with the lowest and the highest of the rounds.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from luthier.data import Data, load

SIDE = 64


def main(pictures: int = 1500, rounds: int = 5) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = made(Path(folder) / "photographs", pictures)
        ratios, ours, theirs = [], [], []
        for number in range(rounds):
            os.environ["XDG_CACHE_HOME"] = f"{folder}/cache-{number}"
            ours.append(pictures / seconds(lambda: load(root, reading=Data(size=SIDE), quiet=True)))
            theirs.append(pictures / seconds(lambda: plain(root, Path(folder) / "plain.npy")))
            ratios.append(ours[-1] / theirs[-1])
    print(f"luthier {statistics.median(ours):,.0f} pictures/s, plain loop {statistics.median(theirs):,.0f}")
    print(f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}, n = {rounds})")


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


def plain(root: Path, file: Path) -> None:
    pixels = []
    for path in sorted(root.glob("*/*.jpg")):
        with Image.open(path) as image:
            upright = ImageOps.exif_transpose(image).convert("RGB")
            pixels.append(np.asarray(upright.resize((SIDE, SIDE), Image.Resampling.BILINEAR)))
    np.save(file, np.stack(pixels))


def seconds(what) -> float:
    start = time.perf_counter()
    what()
    return time.perf_counter() - start


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
