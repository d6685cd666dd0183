"""FixMatch: the stream, the two views, and the loss written out example by example."""

import numpy as np
import pytest
import torch

from luthier.core.errors import BadInput
from luthier.testing.material import Shade, pictures
from luthier.testing.training import prepared, start_training
from luthier.training.tricks import GradientAccumulation

from .toys.fixmatch import FixMatch, consistency
from .toys.spy import Spy

UNLABELLED = pictures(41).inputs


def seen(trick, *others, **sections):
    spy = Spy()
    own = {"tricks": [spy, trick, *others], "augment": [Shade()], **sections}
    done = start_training(lambda: prepared(own, extra={"unlabelled": UNLABELLED}).trainer).advance()
    return done, spy.passes


def test_a_block_of_the_stream_beside_each_example():
    """Raw, in [0, 1], each of the 41 as often as the others to within one pass."""
    _, passes = seen(FixMatch(ratio=3))
    assert all(one.batch.aux["unlabelled"].shape == (3 * len(one.batch), 1, 12, 12) for one in passes)
    flat = torch.cat([one.batch.aux["unlabelled"] for one in passes]).mul(255).round().byte().flatten(1).numpy()
    found, counts = np.unique(flat, axis=0, return_counts=True)
    assert len(found) == len(np.unique(UNLABELLED.reshape(41, -1), axis=0)) == 41
    assert counts.sum() == 3 * 42 * 3
    assert counts.max() - counts.min() <= 1


def test_the_views_differ_from_one_another_and_from_the_examples():
    _, passes = seen(FixMatch(noise=0.0))
    for one in passes:
        raw, weak, strong = (one.batch.aux[name] for name in ("unlabelled", "weak", "strong"))
        assert bool(((weak / strong).flatten(1).nanmean(1) - 1).abs().max() > 0.01)
        assert bool((weak <= raw).all())
        assert bool((strong <= raw).all())


@pytest.mark.parametrize("others", [(), (GradientAccumulation(micro_batch=3),)])
def test_loss(others):
    """With threshold 0 every answer counts; without dropout and batch norm the passes can be repeated."""
    trick = FixMatch(weight=0.5, threshold=0.0, ratio=2)
    still = {"optimizer": {"name": "sgd", "learning_rate": 0.0}, "model": "lenet5", "data": {"size": 14}}
    done, passes = seen(trick, *others, **still)
    network = done.trainer.network
    for one in passes:
        with torch.no_grad():
            weak, strong = network(one.batch.aux["weak"]), network(one.batch.aux["strong"])
        for row, found in enumerate(one.losses.tolist()):
            own = -one.logits[row].log_softmax(0)[one.batch.label[row]]
            block = range(2 * row, 2 * row + 2)
            extra = sum(-strong[place].log_softmax(0)[weak[place].argmax()] for place in block) / 2
            assert found == pytest.approx(float(own + 0.5 * extra), rel=1e-4)


def test_only_what_is_sure_counts():
    weak = torch.tensor([[0.0, 5.0, 0.0], [0.1, 0.0, 0.0]])
    strong = torch.zeros(2, 3)
    torch.testing.assert_close(consistency(strong, weak, 0.9), torch.tensor([1.0986123, 0.0]))


def test_the_stream_must_be_given():
    with pytest.raises(BadInput) as caught:
        prepared({"tricks": [FixMatch()]})
    assert caught.value.problems == (
        "tricks.fixmatch learns from examples without labels, but there are none; "
        "give them with --unlabelled, or unlabelled= in Python",
    )
