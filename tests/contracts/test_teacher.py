"""Distillation: the teacher's logits come in `aux`, the loss is the formula's, and the student comes closer."""

import copy

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from luthier.core.rng import generator
from luthier.testing.training import prepared, start_training
from luthier.training.tricks import GradientAccumulation

from .toys.spy import Spy
from .toys.teacher import Teacher, divergence


def taught_by(path, network, batch):
    """The answers of the network with the teacher's weights."""
    own = copy.deepcopy(network).eval()
    own.load_state_dict(load_file(path))
    with torch.no_grad():
        return own(batch.inputs)


@pytest.mark.parametrize("others", [(), (GradientAccumulation(micro_batch=3),)])
def test_logits_in_aux_and_loss(teacher, others):
    path, spy = teacher({}), Spy()
    tricks = [spy, Teacher(path=path, weight=0.7, temperature=3.0), *others]
    done = start_training(lambda: prepared({"tricks": tricks}).trainer).advance()
    assert len(spy.passes) == 15 * (3 if others else 1)
    for one in spy.passes:
        expected = taught_by(path, done.trainer.network, one.batch)
        torch.testing.assert_close(one.batch.aux["teacher"], expected, rtol=1e-4, atol=1e-5)
        softened = F.kl_div((one.logits / 3).log_softmax(1), (expected / 3).softmax(1), reduction="none").sum(1) * 9
        plain = F.cross_entropy(one.logits, one.batch.label, reduction="none")
        torch.testing.assert_close(one.losses, plain + 0.7 * softened, rtol=1e-4, atol=1e-5)


def test_the_student_comes_closer_to_the_teacher(teacher):
    path = teacher({})
    distances = []
    for tricks in ([], [Teacher(path=path, weight=20.0)]):
        done = start_training(
            lambda t=tricks: prepared({"tricks": t, "training": {"epochs": 9, "batch_size": 9}}).trainer
        ).advance()
        batch = next(done.trainer.validation.in_order())
        with torch.no_grad():
            logits = done.trainer.network.eval()(batch.inputs)
        distances.append(float(divergence(logits, taught_by(path, done.trainer.network, batch), 1.0).mean()))
    assert distances[1] < distances[0]


def test_divergence_is_zero_for_the_teacher_itself():
    logits = torch.randn(5, 3, generator=generator(0, "logits"))
    torch.testing.assert_close(divergence(logits, logits + 2, 1.5), torch.zeros(5), rtol=0, atol=1e-6)
    assert bool((divergence(logits, logits.roll(1, 0), 1.5) > 0).all())
