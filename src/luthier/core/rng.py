"""Random streams without state: the same seed, name and step give the same draws, whatever else is drawn.

A part asks for its own stream by name, so adding or removing another part never changes its draws, and a resumed run
has nothing to restore.
"""

import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def stream_seed(seed: int, name: str, step: int = 0) -> int:
    """Hash a seed, a stream name and a step into a whole number in [0, 2**63).

    >>> stream_seed(0, "order", 1) == stream_seed(0, "order", 1)
    True
    >>> stream_seed(0, "order", 1) == stream_seed(0, "order", 2)
    False
    """
    digest = hashlib.blake2b(f"{seed}/{name}/{step}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def generator(seed: int, name: str, step: int = 0, device: torch.device | str = "cpu") -> torch.Generator:
    """Make the generator of one stream at one step.

    >>> torch.rand(2, generator=generator(0, "noise", 5)).shape
    torch.Size([2])
    """
    return torch.Generator(device).manual_seed(stream_seed(seed, name, step))


def hash_order(count: int, key: str) -> np.ndarray:
    """Put the numbers 0 to count - 1 in an order by hash, the same in every version of every library.

    Splits that must never change (the test part) rest on this. Mixing function: Steele, Lea and Flood,
    Fast splittable pseudorandom number generators, 2014.

    >>> hash_order(5, "a").tolist() == hash_order(5, "a").tolist()
    True
    """
    offset = np.uint64(stream_seed(0, key))
    with np.errstate(over="ignore"):
        z = (np.arange(count, dtype=np.uint64) + offset) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.argsort(z ^ (z >> np.uint64(31)), kind="stable")


def seed_global(seed: int, name: str, step: int, device: torch.device) -> None:
    """Seed the global generators from one stream, for code that takes no generator (dropout, foreign modules)."""
    value = stream_seed(seed, name, step)
    torch.default_generator.manual_seed(value)
    if device.type == "cuda":
        torch.cuda.manual_seed(value)
    elif device.type == "mps":
        torch.mps.manual_seed(value)


class _Turn:
    """Whose turn it is to draw from the global generators: a process has one of each, whatever its threads train."""

    def __init__(self) -> None:
        self.lock = threading.RLock()

    def renew(self) -> None:
        """Begin anew in a forked process, which lacks the thread that may have had the turn."""
        self.lock = threading.RLock()


_TURN = _Turn()
os.register_at_fork(after_in_child=_TURN.renew)


@contextmanager
def fork_rng(device: torch.device) -> Iterator[None]:
    """Restore the caller's global random state at the end, whatever happens in between.

    Other threads that ask for the same wait until then, so that each draws what it would draw alone. A thread that has
    the turn may ask again.
    """
    with _TURN.lock:
        state = torch.get_rng_state()
        extra = _device_state(device)
        try:
            yield
        finally:
            torch.set_rng_state(state)
            if device.type == "cuda":
                torch.cuda.set_rng_state(extra, device)
            elif device.type == "mps":
                torch.mps.set_rng_state(extra)


def _device_state(device: torch.device) -> torch.Tensor:
    if device.type == "cuda":
        return torch.cuda.get_rng_state(device)
    if device.type == "mps":
        return torch.mps.get_rng_state()
    return torch.empty(0)
