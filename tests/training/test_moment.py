"""Streams of a moment, forward passes of its own, and a walk through the training examples."""

import pytest
import torch

from luthier.core.rng import generator
from luthier.testing.material import Shade
from luthier.testing.training import prepared
from luthier.training.trick import StepContext


@pytest.fixture
def training():
    return prepared({"augment": [Shade()]}).trainer.training


def first(rng):
    return torch.rand((), generator=rng).item()


def test_streams_depend_on_seed_part_name_and_step_alone(training):
    now = StepContext(training, 3, 1, stream="part")
    assert (
        first(now.rng("x"))
        == first(generator(0, "part/x", 3))
        == first(StepContext(training, 3, 2, True, "part").rng("x"))
    )
    others = [now.rng("y"), now.rng(), now.of("other").rng("x"), StepContext(training, 4, 1, stream="part").rng("x")]
    assert len({first(one) for one in [*others, now.rng("x")]}) == 5


def test_a_forward_pass_moves_no_other_draws(training):
    now = StepContext(training, 3, 1, stream="part")
    training.network.train()
    inputs = training.examples.inputs(training.examples.indices[:5])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(8)
        before = torch.get_rng_state()
        answers = [now.forward(inputs, name) for name in ("a", "a", "b")]
        assert torch.equal(before, torch.get_rng_state())
    masks = training.network.body.mask.drawn
    assert masks[0] == masks[1] != masks[2]
    assert answers[0].requires_grad
    assert not torch.equal(answers[0], answers[2])


def test_the_walk_covers_every_example_once(training):
    batches = list(StepContext(training, 3, 1, stream="part").batches())
    index = torch.cat([batch.index for batch in batches])
    assert sorted(index.tolist()) == training.examples.indices.tolist()
    assert index.tolist() != training.examples.indices.tolist()
    assert [len(batch) for batch in batches] == [9, 9, 8, 8, 8]


def test_the_walk_is_augmented_anew_in_each_batch_and_repeatable(training):
    now = StepContext(training, 3, 1, stream="part")
    first, again = list(now.batches()), list(now.batches())
    factors = []
    for one, other in zip(first, again, strict=True):
        assert torch.equal(one.inputs, other.inputs)
        raw = training.examples.inputs(one.index)
        factors.append(float((one.inputs / raw)[0].nanmedian()))
    assert len(set(factors)) == 5
    assert all(0.5 <= factor <= 1 for factor in factors)
    later = next(StepContext(training, 4, 1, stream="part").batches())
    assert not torch.equal(later.index, first[0].index)
