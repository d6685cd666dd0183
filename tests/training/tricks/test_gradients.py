"""Clipping against PyTorch's own and a plain loop; noise against its schedule."""

import math

import pytest
import torch
from scipy import stats

from luthier.core.errors import Diverged
from luthier.core.rng import generator
from luthier.testing.training import prepared, start_training
from luthier.training.trick import Trick
from luthier.training.tricks import L1, GradientClipping, GradientNoise
from luthier.training.tricks.gradient_clipping import clip_by_norm, clip_by_value, clip_by_weights, leave_out_last

from ...contracts.toys.spy import Spy

LENET = {"model": "lenet5", "data": {"size": 14}}


def some(seed="grads", scale=1.0):
    rng = generator(0, seed)
    shapes = {"conv.weight": (5, 3, 2, 4), "conv.bias": (5,), "full.weight": (7, 11)}
    return {name: torch.randn(shape, generator=rng) * scale for name, shape in shapes.items()}


@pytest.mark.parametrize("limit", [0.01, 1.0, 5.0, 1e6])
def test_the_norm_is_clipped_as_by_pytorch(limit):
    grads = some()
    parameters = [torch.nn.Parameter(torch.zeros_like(one)) for one in grads.values()]
    for parameter, grad in zip(parameters, grads.values(), strict=True):
        parameter.grad = grad.clone()
    torch.nn.utils.clip_grad_norm_(parameters, limit)
    found = clip_by_norm(grads, limit)
    assert all(torch.equal(one, p.grad) for one, p in zip(found.values(), parameters, strict=True))
    length = math.sqrt(sum(float(one.double().square().sum()) for one in found.values()))
    assert length == pytest.approx(min(limit, 14.05), rel=0.1)


def test_values_are_clipped_and_what_is_not_finite_stays():
    grads = {"a": torch.tensor([0.5, -2.0, 3.0, math.inf, -math.inf, math.nan])}
    found = clip_by_value(grads, 1.0)["a"].tolist()
    assert found[:5] == [0.5, -1, 1, math.inf, -math.inf] and math.isnan(found[5])


@pytest.mark.parametrize("limit", [0.01, 0.5, 100.0])
def test_adaptive_clipping_unit_by_unit(limit):
    grads, weights = some(), some("weights", 0.3)
    weights["full.weight"][2] = 0
    found = clip_by_weights(grads, weights, limit)
    for name, grad in grads.items():
        units = zip(*(one[None] if grad.ndim == 1 else one for one in (grad, weights[name], found[name])), strict=True)
        for one, weight, clipped in units:
            longest = limit * max(float(weight.double().norm()), 1e-3)
            factor = min(1, longest / float(one.double().norm()))
            torch.testing.assert_close(clipped, one * factor, rtol=1e-5, atol=1e-8)
    assert limit < 100 or torch.equal(found["conv.weight"], grads["conv.weight"])


def test_adaptive_clipping_leaves_the_last_layer_alone():
    network = prepared(LENET).trainer.network
    assert {name for name, _ in network.named_parameters()} - set(leave_out_last(network)) == {
        "body.output.weight", "body.output.bias",
    }  # fmt: skip
    plain, clipped = Spy(), Spy()
    for tricks in ([plain], [clipped, GradientClipping(norm=0.0, adaptive=1e-4)]):
        start_training(lambda t=tricks: prepared({**LENET, "tricks": t}).trainer).advance(1)
    assert torch.equal(clipped.grads[0]["body.output.weight"], plain.grads[0]["body.output.weight"])
    assert clipped.grads[0]["body.conv1.weight"].norm() < plain.grads[0]["body.conv1.weight"].norm() / 10


class Burst(Trick):
    """An infinite gradient in the second step."""

    name = "a-burst"
    card = GradientNoise.card

    def edit_grads(self, grads, trick_state, context):
        return {name: grad * math.inf if context.step == 1 else grad for name, grad in grads.items()}


@pytest.mark.parametrize("clipping", [GradientClipping(), GradientClipping(norm=0.0, value=0.1, adaptive=0.1)])
def test_clipping_hides_no_infinite_gradient(clipping):
    clipping = clipping.model_copy()
    with pytest.raises(Diverged, match=r"step 1 \(from 0\) met non-finite values in the gradient"):
        start_training(lambda: prepared({**LENET, "tricks": [Early(), clipping]}).trainer).advance()


class Early(Burst):
    """The same before clipping."""

    name = "l1"
    card = L1.card


def test_noise_has_the_deviation_of_its_schedule():
    plain, noisy = Spy(), Spy()
    still = {**LENET, "optimizer": {"name": "sgd", "learning_rate": 0.0}}
    for tricks in ([plain], [noisy, GradientNoise(size=0.3, fading=0.55)]):
        start_training(lambda t=tricks: prepared({**still, "tricks": t}).trainer).advance(3)
    drawn = []
    for step in range(3):
        added = [noisy.grads[step][name] - plain.grads[step][name] for name in plain.grads[step]]
        flat = torch.cat([one.flatten() for one in added]) / math.sqrt(0.3 / (1 + step) ** 0.55)
        assert stats.kstest(flat[:20000].numpy(), stats.norm.cdf).pvalue > 0.01
        drawn.append(flat)
    assert abs(float((drawn[0] * drawn[1]).mean())) < 0.02


def test_freezing_moves_no_other_parameters_noise():
    found = []
    for tricks in ([], ["layer-freezing"]):
        spy = Spy()
        own = {**LENET, "tricks": [spy, GradientNoise(size=1.0), *tricks]}
        start_training(lambda own=own: prepared(own).trainer).advance(1)
        found.append(spy.grads[0])
    assert "body.conv1.weight" not in found[1]
    assert torch.equal(found[0]["body.output.weight"], found[1]["body.output.weight"])
