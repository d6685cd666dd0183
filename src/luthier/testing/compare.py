"""Checks that tell what is wrong: a condition, the first difference of nested values, a draw that is not private."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from luthier.core.rng import fork_rng, generator

T = TypeVar("T")


CPU = torch.device("cpu")


def require(condition: bool, message: str) -> None:
    """Raise AssertionError with the message unless the condition holds; unlike `assert`, also under `python -O`."""
    if not condition:
        raise AssertionError(message)


def difference(first: Any, second: Any, path: str = "") -> str | None:
    """Name the first place where two nested values differ in a bit, a type or a shape; None where they are equal.

    Keys count as texts and tuples as lists, as a checkpoint keeps them.

    >>> difference({"a": [torch.zeros(2), 1]}, {"a": [torch.zeros(2), 1]})
    >>> difference({"a": [torch.zeros(2), 1]}, {"a": [torch.ones(2), 1]})
    'a/0'
    >>> difference(torch.tensor([torch.nan, 1.0]), torch.tensor([torch.nan, 1.0]))
    """
    if isinstance(first, Tensor) and isinstance(second, Tensor):
        return None if first.dtype == second.dtype and _equal(first, second) else path or "the value"
    one, other = _children(first), _children(second)
    if one is not None and other is not None and one.keys() == other.keys():
        found = (difference(one[key], other[key], f"{path}/{key}".lstrip("/")) for key in one)
        return next((place for place in found if place is not None), None)
    same = not isinstance(first, Tensor) and not isinstance(second, Tensor) and first == second
    return None if same else f"{path or 'the value'}: {first!r} and {second!r}"


def _equal(first: Tensor, second: Tensor) -> bool:
    """Return whether all values are equal; NaN equals NaN."""
    if first.shape != second.shape:
        return False
    return bool(((first == second) | (first.isnan() & second.isnan())).all())


def _children(value: Any) -> dict[str, Any] | None:
    if isinstance(value, dict):
        return {str(key): one for key, one in value.items()}
    if isinstance(value, list | tuple):
        return {str(number): one for number, one in enumerate(value)}
    return None


def require_same(first: Any, second: Any, message: str) -> None:
    """Raise AssertionError with the message and the first place where two nested values differ, if they do."""
    place = difference(first, second)
    require(place is None, f"{message}; the first difference is in {place}")


@contextmanager
def isolate_global_states(seed: int) -> Iterator[None]:
    """Put every global generator into a state of its own, and restore the caller's at the end."""
    python, array = random.getstate(), np.random.get_state()
    try:
        with fork_rng(CPU):
            random.seed(seed)
            np.random.seed(seed)
            torch.default_generator.manual_seed(seed)
            yield
    finally:
        random.setstate(python)
        np.random.set_state(array)


def read_global_states() -> tuple[Any, ...]:
    """Return the states of the global generators, to be compared."""
    state = np.random.get_state(legacy=False)
    return random.getstate(), str(state), torch.get_rng_state().tolist()


def check_private(make: Callable[[torch.Generator], T], what: str) -> T:
    """Call twice with equal generators, and check that the result depends on them and on nothing else.

    make: takes a generator and returns a nested value of tensors and plain values.
    """
    results = []
    for seed in (1, 2):
        with isolate_global_states(seed):
            before = read_global_states()
            results.append(make(generator(3, "testing")))
            require(
                read_global_states() == before,
                f"{what} must draw from the generator it is given, but moved a global one",
            )
    require_same(results[0], results[1], f"{what} must give the same for the same generator, but did not")
    return results[0]
