"""Batches: where they are cut, and the streams beside them."""

import numpy as np
import pytest
import torch

from luthier.core.card import TrickCard
from luthier.core.declare import hyperparameter
from luthier.testing.material import pictures
from luthier.testing.training import prepared
from luthier.training.loop import draw_order, start
from luthier.training.step import batch_bounds, next_batch
from luthier.training.trick import Trick


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 10, 64])
def test_bounds_are_those_of_tensor_split(size):
    for length in range(1, 40):
        parts = torch.arange(length).tensor_split(-(-length // size))
        expected = [(int(part[0]), int(part[-1]) + 1) for part in parts]
        assert [batch_bounds(length, size, number) for number in range(len(parts))] == expected


def test_no_batch_is_tiny():
    """With 65 examples in batches of 64, batch norm would meet a batch of one if they were cut off at 64."""
    assert [batch_bounds(65, 64, number) for number in range(2)] == [(0, 33), (33, 65)]


class Wants(Trick):
    """Asks for a stream."""

    name = "wants"
    card = TrickCard(summary="Wants.", source="tests")

    ratio: int = hyperparameter(1, description="examples per example")

    def streams(self):
        return {"more": self.ratio}


MORE = pictures(23).inputs


def walked(ratio, epochs, seed=0):
    """Numbers of the stream's examples, batch by batch."""
    trainer = prepared({"tricks": [Wants(ratio=ratio)], "seed": seed}, extra={"more": MORE}).trainer
    state = start(trainer)
    known = {picture.tobytes(): number for number, picture in enumerate(MORE)}
    assert len(known) == 23
    found = []
    for epoch in range(epochs):
        state.epoch, state.order = epoch, draw_order(trainer, state)
        for position in range(trainer.steps_per_epoch):
            state.position = position
            batch = next_batch(trainer, state)
            taken = batch.aux["more"].mul(255).round().byte().permute(0, 2, 3, 1).numpy()
            assert len(taken) == ratio * len(batch)
            found.append([known[np.ascontiguousarray(one).tobytes()] for one in taken])
    return found


@pytest.mark.parametrize("ratio", [1, 2, 7])
def test_each_pass_of_a_stream_covers_all_its_examples(ratio):
    """However the passes lie to the batches and the epochs."""
    numbers = [one for batch in walked(ratio, 3) for one in batch]
    assert len(numbers) == 3 * 42 * ratio
    passes = [numbers[begin : begin + 23] for begin in range(0, len(numbers), 23)]
    assert all(sorted(one) == list(range(23)) for one in passes[:-1])
    assert len(set(passes[-1])) == len(passes[-1])
    assert len({tuple(one) for one in passes[:-1]}) == len(passes) - 1


def test_streams_follow_the_seed():
    assert walked(2, 1) == walked(2, 1)
    assert walked(2, 1) != walked(2, 1, seed=1)


def test_a_batch_larger_than_the_stream_takes_several_passes():
    """Nine examples with seven each are 63 of 23."""
    first = walked(7, 1)[0]
    assert len(first) == 63
    assert {first.count(number) for number in range(23)} == {2, 3}


def test_without_streams_there_is_no_aux():
    trainer = prepared().trainer
    state = start(trainer)
    state.order = draw_order(trainer, state)
    batch = next_batch(trainer, state)
    assert batch.aux == {}
    assert batch.index.tolist() == trainer.training.examples.indices[state.order[:9]].tolist()
    assert torch.equal(batch.target.argmax(1), batch.label)
    assert batch.weight.tolist() == [1.0] * 9
