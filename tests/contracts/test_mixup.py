"""Mixup against its formula, example by example; the labels stay."""

import pytest
import torch

from luthier.core.errors import BadInput
from luthier.core.rng import generator
from luthier.recipe import read_recipe
from luthier.testing.training import begun, prepared

from .toys.mixup import Mix, Mixup, draw_mix, mix_batch
from .toys.spy import Spy


def seen(*tricks):
    spy = Spy()
    done = begun(lambda: prepared({"tricks": [spy, *tricks]}).assembly).advance()
    return done, [one.batch for one in spy.passes]


def test_formula():
    _, plain = seen()
    _, mixed = seen(Mixup(strength=0.8))
    assert len(plain) == len(mixed) == 15
    for step, (before, after) in enumerate(zip(plain, mixed, strict=True)):
        mix = draw_mix(len(before), 0.8, generator(0, "mixup/", step))
        for row, (kept, partner) in enumerate(zip(mix.kept.tolist(), mix.partner.tolist(), strict=True)):
            assert 0.6 <= kept <= 1
            picture = kept * before.inputs[row] + (1 - kept) * before.inputs[partner]
            target = kept * before.target[row] + (1 - kept) * before.target[partner]
            torch.testing.assert_close(after.inputs[row], picture, rtol=0, atol=1e-6)
            torch.testing.assert_close(after.target[row], target, rtol=0, atol=1e-6)


def test_labels_index_and_weight_stay():
    done, batches = seen(Mixup())
    _, plain = seen()
    for before, after in zip(plain, batches, strict=True):
        assert torch.equal(before.label, after.label)
        assert torch.equal(before.index, after.index)
        assert torch.equal(before.weight, after.weight)
        assert torch.equal(after.label, done.assembly.training.examples.labels[after.index])
    soft = torch.cat([one.target for one in batches])
    assert bool(((soft > 0).sum(1) > 1).any())
    torch.testing.assert_close(soft.sum(1), torch.ones(len(soft)))


def test_mixing_is_a_function_of_the_draw_alone():
    _, batches = seen()
    mix = Mix(torch.full((len(batches[0]),), 0.75), torch.arange(len(batches[0])).roll(1))
    first, second = mix_batch(batches[0], mix), mix_batch(batches[0], mix)
    assert torch.equal(first.inputs, second.inputs)
    assert not torch.equal(first.inputs, batches[0].inputs)


def test_a_loss_that_takes_one_class_alone_refuses_mixtures():
    with pytest.raises(BadInput) as caught:
        read_recipe({"loss": "hinge", "tricks": [Mixup()]})
    assert str(caught.value) == (
        "loss hinge takes one class per example, but tricks.mixup spreads targets over several; "
        "take another loss, such as cross-entropy, or take the trick out"
    )
    assert read_recipe({"loss": "hinge", "tricks": ["early-stopping"]}).loss.name == "hinge"
