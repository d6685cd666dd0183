"""What `bench` returns; how fast anything is, is not tested here."""

import json

import numpy as np
import pytest
import torch

from luthier.core.errors import BadInput
from luthier.data import load
from luthier.testing.bench import bench
from luthier.testing.bench.contest import count_training_flops, interleave, time_steps
from luthier.testing.bench.plain_pytorch import build_lenet5

BATCH = 64


def test_bench_needs_no_data_set() -> None:
    seen: list[int] = []
    torch.manual_seed(1)
    state = torch.get_rng_state()
    found = bench(rounds=2, examples=150, watch=seen.append)
    assert seen == [1, 2]
    assert torch.equal(state, torch.get_rng_state())
    assert [row["name"] for row in found["rows"]] == ["luthier", "plain-tensor", "plain-loader"]
    assert (found["data"], found["rounds"], found["examples_per_round"]) == ("random", 2, 2 * BATCH)
    assert json.loads(json.dumps(found)) == found
    for row in found["rows"]:
        low, high = row["spread"]
        assert 0 < low <= row["examples_per_second"] <= high
        assert 0 < row["fraction_of_product"] < 1
    assert found["rows"][0]["ratio"] is None
    for row in found["rows"][1:]:
        assert row["ratio"]["low"] <= row["ratio"]["estimate"] <= row["ratio"]["high"]


def test_bench_takes_data() -> None:
    assert bench(rounds=2, examples=BATCH, data="digits")["data"] == "digits"


@pytest.mark.parametrize(("rounds", "examples"), [(1, 640), (2, 63), (0, 0)])
def test_too_little_to_compare(rounds: int, examples: int) -> None:
    with pytest.raises(BadInput, match=f"at least 2 rounds of at least 64 examples, but got {rounds} of {examples}"):
        bench(rounds=rounds, examples=examples)


@pytest.mark.parametrize("shape", [(70, 5), (70, 28, 28, 1), (64, 28, 28, 1)])
def test_data_that_cannot_be_compared(shape: tuple[int, ...]) -> None:
    inputs = np.zeros(shape, np.float32 if shape[0] == 70 else np.uint8)
    data = load((inputs, np.arange(shape[0]) % 3))
    with pytest.raises(BadInput, match="bench needs more than 64 pictures of bytes, but arrays has"):
        bench(rounds=2, examples=BATCH, data=data)


def test_everyone_has_one_turn_per_round_in_changing_order() -> None:
    turns: list[str] = []
    names = ("a", "b", "c")
    interleave({name: lambda name=name: float(turns.append(name) or 1) for name in names}, 20, watch=lambda done: None)
    rounds = [tuple(turns[start : start + 3]) for start in range(0, 60, 3)]
    assert all(sorted(one) == list(names) for one in rounds)
    assert len(set(rounds)) > 1


def test_a_loop_that_ends_early_is_not_timed() -> None:
    with pytest.raises(AssertionError, match="ended after 2 of 3 steps"):
        time_steps(iter([1, 2]), 3, BATCH)


def test_flops_of_lenet5() -> None:
    """Products of the two convolutions and three matrices: forward, gradient of the weights, gradient of the inputs.

    The first convolution needs no gradient of its inputs.
    """
    first, rest = 28 * 28 * 6 * 25, 10 * 10 * 16 * 150 + 400 * 120 + 120 * 84 + 84 * 10
    assert count_training_flops(build_lenet5(), (28, 28, 1), 7) == 2 * (2 * first + 3 * rest)
