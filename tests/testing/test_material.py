"""The data and the network of the batteries."""

import torch

from luthier.core.rng import generator
from luthier.testing.material import Mask, Shade, SmallNet, pictures, rows
from luthier.testing.training import prepared, start_training


def test_the_data_are_always_the_same_and_hold_every_class():
    assert pictures().fingerprint == pictures().fingerprint
    assert sorted(set(pictures(11, classes=5).labels.tolist())) == [0, 1, 2, 3, 4]
    assert (pictures(11, side=7, channels=3).inputs.shape, rows(11, features=5).inputs.shape) == (
        (11, 7, 7, 3),
        (11, 5),
    )


def test_the_data_can_be_learned():
    """Otherwise a part that learns nothing would pass."""
    done = start_training(
        lambda: prepared({"training": {"epochs": 12, "batch_size": 9}, "model": "mlp"}).trainer
    ).advance()
    found = [row for row in done.rows if row["kind"] == "train"]
    assert found[-1]["loss"] < found[0]["loss"] / 3
    assert done.rows[-1]["accuracy"] > 0.8


def test_the_network_starts_the_same_and_leaves_the_callers_draws_alone():
    before = torch.get_rng_state()
    first, second = SmallNet(), SmallNet()
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(first.conv.weight, second.conv.weight)
    assert SmallNet(3, 7, 4)(torch.zeros(2, 3, 9, 5)).shape == (2, 7)


def test_a_mask_remembers_what_it_drew():
    mask, x = Mask(), torch.ones(3, 5)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        found = mask(x)
        torch.manual_seed(4)
        drawn = torch.rand(3, 5)
    assert torch.equal(found, (drawn > 0.2).float())
    assert mask.drawn == [drawn[0, 0].item()]
    assert torch.equal(mask.eval()(x), x)
    assert len(mask.drawn) == 1


def test_a_shade_remembers_what_it_drew():
    shade, x = Shade(), torch.ones(5, 3, 2, 2)
    found = shade.draw((5, 3, 2, 2), generator(0, "x")).apply(x)
    assert shade.drawn == [found[0, 0, 0, 0].item()]
    assert len({found[row].mean().item() for row in range(5)}) == 5
    assert Shade().drawn == []
