"""Hard examples first: the order really follows the losses, and the losses are the network's own."""

import torch

from luthier.core.rng import generator
from luthier.data.samplers import Seen
from luthier.testing.training import prepared, start_training

from .toys.hard_examples import HardFirst

STILL = {"optimizer": {"name": "sgd", "learning_rate": 0.0}, "model": "lenet5", "data": {"size": 14}}


def test_the_losses_are_those_of_the_network():
    """At rate 0 every recorded loss can be computed after the fact."""
    done = start_training(lambda: prepared({**STILL, "sampling": HardFirst()}).trainer).advance()
    trainer = done.trainer
    batch = next(trainer.training.examples.in_order())
    with torch.no_grad():
        expected = trainer.loss.per_example(trainer.network(batch.inputs), batch.target)
    torch.testing.assert_close(done.state.losses[batch.index], expected, rtol=1e-5, atol=1e-6)


def test_examples_outside_the_training_part_have_no_loss():
    done = start_training(lambda: prepared({"sampling": HardFirst()}).trainer).advance()
    known = done.state.losses.isfinite().nonzero().flatten()
    assert known.tolist() == done.trainer.training.examples.indices.tolist()


def test_the_second_epoch_begins_with_the_largest_losses():
    one = start_training(lambda: prepared({"sampling": HardFirst(share=0.4)}).trainer).advance(5)
    members = one.trainer.training.examples.indices
    losses = one.state.losses[members].clone()
    one.advance(6)
    order, count = one.state.order, round(0.4 * len(members))
    assert sorted(order.tolist()) == list(range(len(members)))
    assert order[:count].tolist() == losses.argsort(descending=True)[:count].tolist()
    rest = losses[order[count:]]
    assert bool((rest.diff() > 0).any())
    assert bool((rest.diff() < 0).any())


def test_the_first_epoch_is_random():
    seen = Seen(torch.zeros(9, dtype=torch.int64), torch.full((9,), torch.inf), torch.ones(9))
    order = HardFirst(share=1.0).order(0, seen, generator(0, "order"))
    assert order.tolist() == torch.randperm(9, generator=generator(0, "order")).tolist()


def test_losses_are_not_kept_for_samplers_that_do_not_ask():
    done = start_training(lambda: prepared({"sampling": "shuffled"}).trainer).advance()
    assert bool(done.state.losses.isinf().all())
