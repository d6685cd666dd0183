"""What a checkpoint holds and what it is loaded into; damage and crashes have tests of their own."""

import pytest
import torch
from torch import nn

from luthier.core.errors import DamagedFile, Diverged
from luthier.optim import OPTIMIZERS
from luthier.testing.compare import difference
from luthier.testing.material import SmallNet, pictures
from luthier.testing.training import Trained, copy_weights, prepared, start_training
from luthier.training.checkpoint import join, load_network, newest, open_checkpoint, restore, save, separate

NESTED = {
    "number": 3,
    "text": "a",
    "none": None,
    "list": [torch.arange(3), {"deep": torch.tensor(2.5)}, []],
    "empty": {},
    "tensor": torch.zeros(2, 0, 5),
}


def fits(checkpoint):
    """Nothing lies beside the checkpoint that it might not fit."""


def test_separate_and_join_are_inverse():
    tensors = {}
    plain = separate(NESTED, "", tensors)
    assert sorted(tensors) == ["list/0", "list/1/deep", "tensor"]
    assert difference(join(plain, tensors), NESTED) is None


def test_keys_with_slashes_stay_apart():
    """And those with an escaped slash, and the empty one."""
    nested = {
        "a": {"b": torch.tensor(1.0), "": torch.tensor(2.0)},
        "a/b": torch.tensor(3.0),
        "a%2Fb": torch.tensor(4.0),
    }
    nested[""] = {"a": torch.tensor(5.0)}
    tensors = {}
    plain = separate(nested, "", tensors)
    assert len(tensors) == 5
    assert difference(join(plain, tensors), nested) is None


def test_keys_become_texts_and_tuples_lists():
    tensors = {}
    assert join(separate({1: (2, 3)}, "", tensors), tensors) == {"1": [2, 3]}


def test_what_is_saved_is_a_copy():
    tensor, tensors = torch.zeros(3), {}
    separate({"a": tensor}, "", tensors)
    tensor.fill_(1)
    assert tensors["a"].tolist() == [0, 0, 0]


@pytest.mark.parametrize("optimizer", OPTIMIZERS.members)
def test_restored_tensors_keep_the_layout_that_fused_kernels_rely_on(tmp_path, optimizer):
    """Channels last in the network means channels last in the optimizer's memory of it."""

    def make():
        return prepared({"optimizer": {"name": optimizer}}, SmallNet(channels=3, maps=4), pictures(channels=3)).trainer

    one = start_training(make).advance(2)
    again = make()
    state = restore(open_checkpoint(save(tmp_path, one.trainer, one.state, {})), again)
    assert difference(Trained(again, state).tree(), one.tree()) is None
    weight = again.network.body.conv.weight
    assert weight.is_contiguous(memory_format=torch.channels_last)
    assert not weight.is_contiguous()
    for value in again.optimizer.state[weight].values():
        assert value.shape != weight.shape or value.stride() == weight.stride()


def test_notes_and_step(tmp_path):
    one = start_training(lambda: prepared().trainer).advance(7)
    path = save(tmp_path, one.trainer, one.state, {"seconds": 1.5, "recipe": {"seed": 0}})
    found = open_checkpoint(path)
    assert path.name == "step-000000007.json"
    assert (found.step, found.body["notes"]) == (7, {"seconds": 1.5, "recipe": {"seed": 0}})


def test_the_two_newest_are_kept(tmp_path):
    one = start_training(lambda: prepared().trainer)
    for stop in (2, 4, 7):
        save(tmp_path, one.advance(stop).trainer, one.state, {})
    names = sorted(path.name for path in tmp_path.iterdir())
    steps = ["step-000000004", "step-000000007"]
    assert names == [f"{step}.{kind}" for step in steps for kind in ("json", "safetensors")]
    checkpoint, problems = newest(tmp_path, fits)
    assert (checkpoint.step, problems) == (7, [])


def test_a_weight_that_is_not_finite_is_never_saved(tmp_path):
    one = start_training(lambda: prepared().trainer).advance(3)
    save(tmp_path, one.trainer, one.state, {})
    before = sorted(tmp_path.iterdir())
    with torch.no_grad():
        one.trainer.network.body.full.bias[1] = torch.inf
    with pytest.raises(Diverged) as caught:
        save(tmp_path, one.advance(4).trainer, one.state, {})
    assert str(caught.value) == (
        "weights must stay finite, but network/body.full.bias is not; the last good checkpoint is kept; "
        "lower optimizer.learning_rate"
    )
    assert sorted(tmp_path.iterdir()) == before


def test_another_network_is_refused_and_stays_as_it_was(tmp_path):
    one = start_training(lambda: prepared().trainer).advance(3)
    path = save(tmp_path, one.trainer, one.state, {})
    other = prepared(module=SmallNet(maps=6)).trainer
    before = copy_weights(other.network)
    with pytest.raises(DamagedFile) as caught:
        restore(open_checkpoint(path), other)
    assert str(caught.value) == (
        f"{path.with_suffix('.safetensors')} belongs to another network: "
        "body.conv.bias: file (5,), network (6,); body.conv.weight: file (5, 1, 3, 3), network (6, 1, 3, 3); "
        "body.full.weight: file (3, 5), network (3, 6); body.norm.bias: file (5,), network (6,); "
        "body.norm.running_mean: file (5,), network (6,); body.norm.running_var: file (5,), network (6,); "
        "body.norm.weight: file (5,), network (6,); use the recipe it was written with"
    )
    assert difference(before, copy_weights(other.network)) is None


def test_missing_and_unknown_tensors_are_named(tmp_path):
    with pytest.raises(DamagedFile) as caught:
        load_network(nn.Linear(2, 3), {"weight": torch.zeros(3, 2), "extra": torch.zeros(1)}, tmp_path)
    assert str(caught.value) == (
        f"{tmp_path} belongs to another network: bias: file absent, network (3,); extra: file (1,), network absent; "
        "use the recipe it was written with"
    )
