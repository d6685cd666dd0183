"""Ways to say what is wrong: a condition, the first difference of two nested values, a draw that is not private."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from luthier.core.rng import forked, generator
from luthier.engine.checkpoint import separate

T = TypeVar("T")
CPU = torch.device("cpu")


def require(condition: bool, message: str) -> None:
    """Raise AssertionError with the message unless the condition holds; unlike `assert`, also under `python -O`."""
    if not condition:
        raise AssertionError(message)


def difference(first: Any, second: Any) -> str | None:
    """Name the first place where two nested values differ in a bit, a type or a shape; None where they are equal.

    >>> difference({"a": [torch.zeros(2), 1]}, {"a": [torch.zeros(2), 1]})
    >>> difference({"a": [torch.zeros(2), 1]}, {"a": [torch.ones(2), 1]})
    'a/0'
    """
    tensors: tuple[dict[str, Tensor], dict[str, Tensor]] = ({}, {})
    plain = tuple(separate(one, "", found) for one, found in zip((first, second), tensors, strict=True))
    for name in sorted(tensors[0].keys() | tensors[1].keys()):
        one, other = tensors[0].get(name), tensors[1].get(name)
        if one is None or other is None or one.dtype != other.dtype or not torch.equal(one, other):
            return name
    return None if plain[0] == plain[1] else _plain_difference(plain[0], plain[1], "")


def _plain_difference(first: Any, second: Any, path: str) -> str:
    if isinstance(first, dict) and isinstance(second, dict) and first.keys() == second.keys():
        pairs = [(key, first[key], second[key]) for key in first]
    elif isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        pairs = list(zip(map(str, range(len(first))), first, second, strict=True))
    else:
        return f"{path}: {first!r} and {second!r}"
    return next(_plain_difference(a, b, f"{path}/{key}".lstrip("/")) for key, a, b in pairs if a != b)


def require_same(first: Any, second: Any, message: str) -> None:
    """Raise AssertionError with the message and the first place where two nested values differ, if they do."""
    place = difference(first, second)
    require(place is None, f"{message}; the first difference is in {place}")


@contextmanager
def global_state(seed: int) -> Iterator[None]:
    """Put every global generator into a state of its own, and the caller's back at the end."""
    python, array = random.getstate(), np.random.get_state()
    try:
        with forked(CPU):
            random.seed(seed)
            np.random.seed(seed)
            torch.default_generator.manual_seed(seed)
            yield
    finally:
        random.setstate(python)
        np.random.set_state(array)


def globals_now() -> tuple[Any, ...]:
    """The states of the global generators, to be compared."""
    state = np.random.get_state(legacy=False)
    return random.getstate(), str(state), torch.get_rng_state().tolist()


def private(make: Callable[[torch.Generator], T], what: str) -> T:
    """Call twice with equal generators, and check that the result follows from them and from nothing else.

    make: takes a generator and returns a nested value of tensors and plain values.
    """
    results = []
    for seed in (1, 2):
        with global_state(seed):
            before = globals_now()
            results.append(make(generator(3, "testing")))
            require(globals_now() == before, f"{what} must draw from the generator it is given, but moved a global one")
    require_same(results[0], results[1], f"{what} must give the same for the same generator, but did not")
    return results[0]
