"""Speed on this machine: Luthier's training loop beside plain PyTorch ones, interleaved in one run."""

from luthier.testing.bench.augment import bench_augment
from luthier.testing.bench.contest import bench

__all__ = ["bench", "bench_augment"]
