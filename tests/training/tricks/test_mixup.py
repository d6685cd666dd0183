"""Mixup against its formula, example by example; the labels stay."""

import pytest
import torch
from scipy import stats
from torch import nn

from luthier.core.errors import BadInput
from luthier.recipe.read import read_recipe
from luthier.testing.material import rows, values
from luthier.testing.training import prepared, start_training
from luthier.training.trick import StepContext
from luthier.training.tricks import Mixup
from luthier.training.tricks.mixup import draw_mix

from ...contracts.toys.spy import Spy


def seen(*tricks):
    spy = Spy()
    done = start_training(lambda: prepared({"tricks": [spy, *tricks]}).trainer).advance()
    return done, [one.batch for one in spy.passes]


def test_formula():
    plain_run, plain = seen()
    _, batches = seen(Mixup(alpha=0.8))
    assert len(plain) == len(batches) == 15
    for step, (before, after) in enumerate(zip(plain, batches, strict=True)):
        mix = draw_mix(len(before), 0.8, StepContext(plain_run.trainer.training, step, 0, stream="mixup"))
        for row, (kept, partner) in enumerate(zip(mix.kept.tolist(), mix.partner.tolist(), strict=True)):
            picture = kept * before.inputs[row] + (1 - kept) * before.inputs[partner]
            target = kept * before.target[row] + (1 - kept) * before.target[partner]
            torch.testing.assert_close(after.inputs[row], picture, rtol=0, atol=1e-6)
            torch.testing.assert_close(after.target[row], target, rtol=0, atol=1e-6)


@pytest.mark.parametrize("alpha", [0.4, 1.0, 4.0])
def test_shares_are_drawn_from_beta(alpha):
    done, _ = seen()
    mix = draw_mix(20000, alpha, StepContext(done.trainer.training, 0, 0, stream="mixup"))
    assert stats.kstest(mix.kept.numpy(), stats.beta(alpha, alpha).cdf).pvalue > 0.01
    assert mix.partner.sort().values.tolist() == list(range(20000))


@pytest.mark.parametrize("alpha", [1e-300, 1e-30, 1e-3])
def test_a_small_alpha_leaves_most_examples_alone(alpha):
    """The share of real mixtures is that of the distribution; gammas that underflow would make halves of all."""
    done, _ = seen()
    kept = draw_mix(20000, alpha, StepContext(done.trainer.training, 0, 0, stream="mixup")).kept
    assert ((kept > 0.1) & (kept < 0.9)).float().mean().item() == pytest.approx(2.2 * alpha, abs=0.0015)
    assert (kept > 0.5).float().mean().item() == pytest.approx(0.5, abs=0.02)


def test_values_are_mixed_as_classes_are():
    spy = Spy()
    sections = {"loss": "mse", "training": {"epochs": 1, "batch_size": 9, "monitor": "r2"}, "model": "mlp"}
    start_training(lambda: prepared({**sections, "tricks": [spy, Mixup()]}, dataset=values()).trainer).advance()
    assert all((one.batch.target != one.batch.label).any() for one in spy.passes)


def test_numbers_that_are_looked_up_are_not_mixed():
    network = nn.Sequential(Whole(), nn.Embedding(100, 3), nn.Flatten(), nn.Linear(21, 3))
    with pytest.raises(BadInput, match="looks its inputs up in a table; take the trick out"):
        prepared({"tricks": [Mixup()]}, network, rows())
    assert prepared({"tricks": [Mixup(alpha=0.0)]}, network, rows())


class Whole(nn.Module):
    """Numbers as indices."""

    def forward(self, x):
        return x.abs().long()


def test_labels_index_and_weight_stay():
    done, batches = seen(Mixup())
    _, plain = seen()
    for before, after in zip(plain, batches, strict=True):
        assert torch.equal(before.label, after.label)
        assert torch.equal(before.index, after.index)
        assert torch.equal(before.weight, after.weight)
        assert torch.equal(after.label, done.trainer.training.examples.labels[after.index])
    soft = torch.cat([one.target for one in batches])
    assert bool(((soft > 0).sum(1) > 1).any())
    torch.testing.assert_close(soft.sum(1), torch.ones(len(soft)))


def test_a_loss_that_takes_one_class_alone_refuses_mixtures():
    with pytest.raises(BadInput) as caught:
        read_recipe({"loss": "hinge", "tricks": [Mixup()]})
    assert str(caught.value) == (
        "loss hinge takes one class per example, but tricks.mixup spreads targets over several; "
        "take another loss, such as cross-entropy, or take the trick out"
    )
    assert read_recipe({"loss": "hinge", "tricks": ["early-stopping"]}).loss.name == "hinge"
