"""SAM against hand arithmetic on two parameters, and together with accumulation and another precision."""

import pytest
import torch

from luthier.testing.compare import require_same
from luthier.testing.material import SmallNet
from luthier.testing.training import prepared, start_training
from luthier.training.trick import sort_tricks
from luthier.training.tricks import SAM, GradientAccumulation
from luthier.training.tricks.sam import climb

from ...contracts.toys.double import Double
from ...contracts.toys.line import RATE, START, data, line, slope
from ...contracts.toys.spy import Spy

RADIUS = 0.3


def by_hand(steps):
    """Weights after each step: the gradient is taken at w + radius g / |g|, the step from w."""
    inputs, target = data(line())
    weight, found = torch.tensor(START, dtype=torch.float64), []
    for _ in range(steps):
        here = slope(weight, inputs, target)
        weight = weight - RATE * slope(weight + RADIUS * here / here.norm(), inputs, target)
        found.append(weight)
    return found


@pytest.mark.parametrize(
    "others", [(), (GradientAccumulation(micro_batch=8),), (GradientAccumulation(micro_batch=10), Double())]
)
def test_two_parameters_by_hand(others):
    spy = Spy()
    start_training(lambda: line(SAM(radius=RADIUS), spy, *others).trainer).advance()
    found = [one["body.weight"].double() for one in spy.weights]
    torch.testing.assert_close(found, by_hand(5), rtol=1e-6, atol=1e-6)


def test_it_differs_from_plain_descent():
    plain, sharp = (start_training(lambda t=t: line(*t).trainer).advance() for t in ((), (SAM(radius=RADIUS),)))
    assert (plain.trainer.network.body.weight - sharp.trainer.network.body.weight).abs().max() > 1e-3


def test_climb_has_the_length_of_the_radius_and_the_direction_of_the_gradient():
    grads = [torch.tensor([[3.0, 0.0]]), torch.tensor([4.0])]
    steps = climb(grads, 0.5)
    torch.testing.assert_close(steps, [torch.tensor([[0.3, 0.0]]), torch.tensor([0.4])])


def test_it_acts_around_accumulation_and_within_the_precision():
    tricks = [Double(), SAM(), GradientAccumulation()]
    assert [one.name for one in sort_tricks(tricks)] == ["gradient-accumulation", "sam", "double"]
    assert sort_tricks(tricks[::-1]) == sort_tricks(tricks)


def test_each_pass_and_its_precision():
    """Two passes of three parts each, all in 64 bits; weights and gradients come out in 32."""
    spy = Spy()
    tricks = [SAM(), GradientAccumulation(micro_batch=3), Double(), spy]
    start_training(lambda: prepared({"tricks": tricks}).trainer).advance(1)
    assert [len(one.batch) for one in spy.passes] == [3] * 6
    assert {one.logits.dtype for one in spy.passes} == {torch.float64}
    assert {one.dtype for one in spy.grads[0].values()} == {torch.float32}
    assert {one.dtype for one in spy.weights[0].values()} == {torch.float32}


def test_64_bits_agree_with_32_in_what_32_can_hold():
    plain, wide = Spy(), Spy()
    start_training(lambda: prepared({"tricks": [plain]}).trainer).advance(1)
    start_training(lambda: prepared({"tricks": [wide, Double()]}).trainer).advance(1)
    torch.testing.assert_close(wide.grads[0], plain.grads[0], rtol=1e-4, atol=1e-6)
    assert any(bool((wide.grads[0][name] != plain.grads[0][name]).any()) for name in plain.grads[0])


def test_the_climb_leaves_no_trace_in_batch_norm():
    """After one step the statistics are those of a plain step, of the pass at the weights themselves."""
    plain, done = (
        start_training(lambda t=t: prepared({"tricks": t}).trainer).advance(1) for t in ([], [SAM(radius=0.5)])
    )
    for name, expected in plain.trainer.network.named_buffers():
        assert torch.equal(done.trainer.network.get_buffer(name), expected), name


def test_both_passes_have_the_masks_of_a_plain_step():
    masks = []
    for tricks in ([], [SAM()]):
        done = start_training(lambda t=tricks: prepared({"tricks": t}, SmallNet()).trainer).advance(3)
        masks.append(done.trainer.network.body.mask.drawn)
    assert len(masks[1]) == 2 * len(masks[0])
    assert masks[1][::2] == masks[1][1::2] == masks[0]


def test_accumulated_sam_follows_sam():
    sections = {"model": "lenet5", "data": {"size": 14}}
    one, parts = (
        start_training(lambda t=t: prepared({**sections, "tricks": [SAM(), Double(), *t]}).trainer).advance(4)
        for t in ((), (GradientAccumulation(micro_batch=10),))
    )
    torch.testing.assert_close(parts.tree()["network"], one.tree()["network"], rtol=1e-5, atol=1e-6)
    with pytest.raises(AssertionError, match="the first difference is in"):
        require_same(
            one.tree()["network"], start_training(one_of(sections)).advance(4).tree()["network"], "sam does something"
        )


def one_of(sections):
    return lambda: prepared(sections).trainer
