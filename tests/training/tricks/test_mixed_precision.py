"""Mixed precision: what runs in 16 bits and what does not, refusals, and the scale of the loss."""

import pytest
import torch
from torch import nn

from luthier.core.card import TrickCard
from luthier.core.errors import BadInput, Diverged
from luthier.testing import check_trick
from luthier.testing.compare import difference
from luthier.testing.training import check_resumes, prepared, start_training
from luthier.training.device import autocast_fault
from luthier.training.trick import Trick
from luthier.training.tricks import SAM, GradientAccumulation, MixedPrecision, mixed_precision

LENET = {"model": "lenet5", "data": {"size": 14}}
HALF = MixedPrecision(precision="float16")

works = pytest.mark.skipif(
    any(autocast_fault("cpu", one) for one in ("bfloat16", "float16")), reason="this processor lacks a precision"
)


def trained(*tricks, steps=None, **sections):
    return start_training(lambda: prepared({**LENET, "tricks": list(tricks), **sections}).trainer).advance(steps)


class Small(nn.Module):
    """Notes the precision of its logits."""

    def __init__(self, hostile=False):
        super().__init__()
        self.full = nn.Linear(3 * 7 * 11, 4)
        self.hostile = hostile
        self.seen = []

    def forward(self, x):
        logits = self.full(x.flatten(1))
        if self.hostile and logits.dtype == torch.bfloat16:
            raise RuntimeError("'dense' not implemented for 'BFloat16'\nand more")
        self.seen.append(logits.dtype)
        return logits


class Echo(Trick):
    """Sends the inputs through once more, and notes the logits and losses that it sees."""

    name = "echo"
    card = TrickCard(summary="A second forward pass.", source="the tests of Luthier")

    def edit_loss(self, losses, batch, logits, trick_state, context):
        again = context.forward(batch.inputs)
        assert again.dtype == logits.dtype == losses.dtype == torch.float32
        return losses


def net(network):
    """Pictures of the battery, as this module takes them."""
    data = prepared().dataset
    network.full = nn.Linear(data.inputs[0].size, len(data.classes))
    return network


@works
@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_the_network_runs_in_half_the_bits_and_all_else_in_32(precision):
    tricks = [MixedPrecision(precision=precision), Echo()]
    one = start_training(lambda: prepared({"tricks": tricks}, net(Small())).trainer).advance(2)
    network = one.trainer.network
    assert network.body.seen[-4:] == [getattr(torch, precision)] * 4  # two steps, each with its echo
    assert {each.dtype for each in network.parameters()} == {torch.float32}
    assert {each.grad.dtype for each in network.parameters()} == {torch.float32}
    one.advance(5)
    assert network.body.seen[-1] == torch.float32  # the evaluation after the epoch


@works
@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_a_step_is_that_of_32_bits_but_for_rounding(precision, monkeypatch):
    monkeypatch.setattr(mixed_precision, "START", 2.0**10)
    plain, low = trained(steps=1), trained(MixedPrecision(precision=precision), steps=1)
    for (name, one), other in zip(
        plain.trainer.network.named_parameters(), low.trainer.network.parameters(), strict=True
    ):
        assert not torch.equal(one.grad, other.grad), name
        assert torch.cosine_similarity(other.grad.flatten(), one.grad.flatten(), dim=0) > 0.99, name
        assert float(other.grad.norm() / one.grad.norm()) == pytest.approx(1, abs=0.05), name


@works
def test_float16_passes_the_battery():
    check_trick(HALF, recipe=LENET)
    check_resumes(lambda: prepared({**LENET, "tricks": [HALF, SAM(), GradientAccumulation(micro_batch=3)]}).trainer, "")


def test_a_precision_that_kills_the_process_is_refused(monkeypatch):
    monkeypatch.setattr(mixed_precision, "autocast_fault", lambda device, precision: "it was killed by SIGILL")
    with pytest.raises(BadInput) as caught:
        prepared({"tricks": [MixedPrecision()]})
    assert caught.value.problems == (
        "tricks.mixed-precision.precision must be one that cpu and the network can compute in, but got 'bfloat16': "
        "tried beforehand, it was killed by SIGILL; set it to 'off', or take the trick out",
    )
    assert prepared({"tricks": [MixedPrecision(precision="off")]})


@works
def test_a_network_that_cannot_is_refused():
    with pytest.raises(BadInput, match="it failed with 'dense' not implemented for 'BFloat16'; set it to 'off'"):
        prepared({"tricks": [MixedPrecision()]}, net(Small(hostile=True)))


@works
@pytest.mark.parametrize("optimizer", ["sgd", "muon"])
def test_steps_that_overflow_are_skipped_until_the_scale_is_small_enough(monkeypatch, optimizer):
    """They change no weight, are told in the history, and training goes on as if they had not been."""
    monkeypatch.setattr(mixed_precision, "START", 2.0**24)
    one = start_training(lambda: prepared({**LENET, "tricks": [HALF], "optimizer": optimizer}).trainer)
    assert one.trainer.gates_on_device == (optimizer == "sgd")
    before = {name: each.detach().clone() for name, each in one.trainer.network.named_parameters()}
    one.advance(1)
    assert difference(dict(one.trainer.network.named_parameters()), before) is None
    assert float(one.state.memory["mixed-precision"]["scale"]) == 2.0**23
    one.advance()
    scale = float(one.state.memory["mixed-precision"]["scale"])
    rows = [row for row in one.rows if row["kind"] == "train"]
    skipped = sum(row.get("skipped", 0) for row in rows)
    assert scale == 2.0 ** (24 - skipped) and 1 <= skipped < 15
    assert rows[0]["skipped"] == 5 and rows[0]["gradient_norm"] == 0
    assert rows[-1].get("skipped", 0) < 5 and rows[-1]["gradient_norm"] > 0
    assert difference(dict(one.trainer.network.named_parameters()), before) is not None


@works
@pytest.mark.parametrize("others", [[GradientAccumulation(micro_batch=3)], [SAM(radius=0.1)]])
def test_a_part_or_a_second_pass_that_overflows_skips_the_step(monkeypatch, others):
    monkeypatch.setattr(mixed_precision, "START", 2.0**30)
    one = trained(HALF, *others, steps=1)
    assert bool(one.state.pending[0][2]) and not bool(one.state.bad)


@works
def test_an_overflow_that_no_scale_caused_ends_training(monkeypatch):
    class Steep(Trick):
        name = "steep"
        card = TrickCard(summary="A loss with an endless slope.", source="the tests of Luthier")

        def edit_loss(self, losses, batch, logits, trick_state, context):
            return losses + (logits - logits.detach()).sum(1) * torch.inf * 0 if context.step == 2 else losses

    monkeypatch.setattr(mixed_precision, "START", 1.0)
    with pytest.raises(Diverged, match=r"step 2 \(from 0\) met non-finite values in the"):
        trained(HALF, Steep())


@works
def test_parts_add_up_to_the_whole(monkeypatch):
    monkeypatch.setattr(mixed_precision, "START", 2.0**10)
    whole, parts = trained(HALF, steps=1), trained(HALF, GradientAccumulation(micro_batch=3), steps=1)
    for one, other in zip(whole.trainer.network.parameters(), parts.trainer.network.parameters(), strict=True):
        torch.testing.assert_close(other.grad, one.grad, rtol=0.05, atol=0.01 * float(one.grad.abs().max()))
