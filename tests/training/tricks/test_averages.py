"""EMA and SWA against hand arithmetic, and batch norm for an average against one pass by hand."""

import pytest
import torch

from luthier.core.errors import BadInput
from luthier.testing.compare import difference
from luthier.testing.training import copy_weights, prepared, start_training
from luthier.training import choose_final_network
from luthier.training.evaluate import choose_network
from luthier.training.trick import StepContext
from luthier.training.tricks import EMA, SWA

from ...contracts.toys.line import START, line, path
from ...contracts.toys.spy import Spy


def test_ema_of_two_parameters_by_hand():
    done = start_training(lambda: line(EMA(decay=0.3)).trainer).advance()
    average = torch.tensor(START, dtype=torch.float64)
    for step, weight in enumerate(path(line(), 5)):
        kept = min(0.3, (1 + step) / (10 + step))
        average = kept * average + (1 - kept) * weight
    kept = done.final()["body.weight"].double()
    torch.testing.assert_close(kept, average, rtol=1e-6, atol=1e-7)
    assert (kept - done.trainer.network.body.weight.double()).abs().max() > 1e-3


@pytest.mark.parametrize(("start", "first"), [(0.0, 0), (0.3, 1), (0.4, 2), (0.8, 4)])
def test_swa_of_two_parameters_by_hand(start, first):
    """Of five epochs, those that begin after the share `start` of the training are averaged."""
    done = start_training(lambda: line(SWA(start=start)).trainer).advance()
    steps = path(line(), 5)[first:]
    torch.testing.assert_close(done.final()["body.weight"].double(), torch.stack(steps).mean(0), rtol=1e-6, atol=1e-7)


def test_ema_is_what_is_evaluated():
    """The validation row belongs to the average, not to the trained network."""
    average = start_training(lambda: prepared({"tricks": [EMA(decay=0.99)]}).trainer).advance()
    plain = start_training(lambda: prepared().trainer).advance()
    assert difference(average.tree()["network"], plain.tree()["network"]) is None
    train = [[row for row in one.rows if row["kind"] == "train"] for one in (average, plain)]
    valid = [[row["loss"] for row in one.rows if row["kind"] == "validation"] for one in (average, plain)]
    assert train[0] == train[1]
    assert valid[0] != valid[1]


def test_ema_after_an_epoch_is_the_average_so_far():
    spy = Spy()
    done = start_training(lambda: prepared({"tricks": [EMA(decay=0.32), spy]}).trainer)
    average = {name: one.detach().clone() for name, one in done.trainer.network.named_parameters()}
    done.advance(7)
    for kept, step in zip((1 / 10, 2 / 11, 3 / 12, 4 / 13, 0.32, 0.32, 0.32), spy.weights, strict=True):
        average = {name: kept * average[name] + (1 - kept) * step[name] for name in average}
    found = choose_network(done.trainer, done.state)
    torch.testing.assert_close(dict(found.named_parameters()), average, rtol=1e-5, atol=1e-6)


def test_swa_estimates_batch_norm_anew():
    """Mean and variance of what reaches the norm, batch by batch, the plain mean over one pass."""
    done = start_training(lambda: prepared({"tricks": [SWA()]}).trainer).advance()
    trainer = done.trainer
    kept = choose_final_network(trainer, done.state)
    context = StepContext(trainer.training, done.state.step, done.state.epoch, final=True, stream="swa/eval")
    with torch.no_grad():
        maps = [kept.body.conv(kept.standardise(batch.inputs)).double() for batch in context.batches()]
    means = torch.stack([one.mean((0, 2, 3)) for one in maps]).mean(0)
    variances = torch.stack([one.var((0, 2, 3)) for one in maps]).mean(0)
    torch.testing.assert_close(kept.body.norm.running_mean.double(), means, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(kept.body.norm.running_var.double(), variances, rtol=1e-4, atol=1e-5)
    assert (kept.body.norm.running_mean - trainer.network.body.norm.running_mean).abs().max() > 1e-3
    assert sum(len(one) for one in maps) == len(trainer.training.examples)


def test_what_is_kept_does_not_depend_on_the_callers_random_state():
    """Dropout acts while batch norm is estimated: it must follow the seed, not what the caller drew before."""
    done = start_training(lambda: prepared({"tricks": [SWA()]}).trainer).advance()
    kept = []
    with torch.random.fork_rng(devices=[]):
        for seed in (1, 2):
            torch.manual_seed(seed)
            kept.append(copy_weights(choose_final_network(done.trainer, done.state)))
            assert torch.initial_seed() == seed
    assert difference(kept[0], kept[1]) is None


def test_the_two_averages_refuse_each_other():
    both = "both choose the weights that are kept"
    with pytest.raises(BadInput) as caught:
        prepared({"tricks": [EMA(), SWA()]})
    assert caught.value.problems == (
        f"tricks.ema cannot be used beside tricks.swa: {both}; take one of them out",
        f"tricks.swa cannot be used beside tricks.ema: {both}; take one of them out",
    )
