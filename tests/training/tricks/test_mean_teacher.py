"""Mean teacher: the average and the loss by arithmetic, the network that is kept, two moons."""

import numpy as np
import pytest
import torch

from luthier.testing.material import pictures, rows
from luthier.testing.training import prepared, start_training
from luthier.training.evaluate import choose_network
from luthier.training.trick import StepContext
from luthier.training.tricks import MeanTeacher
from luthier.training.tricks.mean_teacher import STUDENT, TEACHER, ramp_weight

SECTIONS = {"model": "mlp", "training": {"epochs": 2, "batch_size": 11}}


def made(trick, **sections):
    values = {**SECTIONS, "tricks": [trick], **sections}
    return prepared(values, dataset=rows(), extra={"unlabelled": rows(47).inputs}).trainer


def test_the_teacher_is_the_moving_average_of_the_steps():
    done = start_training(lambda: made(MeanTeacher(decay=0.5, ratio=2)))
    average = {name: one.detach().clone() for name, one in done.trainer.network.named_parameters()}
    for step in range(6):
        done.advance(step + 1)
        kept = min(0.5, (1 + step) / (10 + step))
        for name, one in done.trainer.network.named_parameters():
            average[name] = kept * average[name] + (1 - kept) * one.detach()
    kept_network = dict(choose_network(done.trainer, done.state).named_parameters())
    for name, expected in average.items():
        torch.testing.assert_close(kept_network[name], expected, rtol=1e-5, atol=1e-6)
        assert not torch.equal(kept_network[name], dict(done.trainer.network.named_parameters())[name])


@pytest.mark.parametrize("step", [0, 2, 5])
def test_the_loss_is_the_squared_distance_from_the_teacher(step):
    trick = MeanTeacher(ratio=3, weight=4.0, ramp=1.0)
    a = made(trick)
    context = StepContext(a.training, step, 0, stream="mean-teacher")
    weights = {name: one.detach() * 1.5 for name, one in a.network.named_parameters()}
    rng = np.random.default_rng(0)
    student, teacher = (torch.tensor(rng.normal(size=(15, 7)), dtype=torch.float32) for _ in range(2))
    batch = a.training.examples.batch(torch.arange(5)).replace(aux={STUDENT: student, TEACHER: teacher})
    found = trick.edit_loss(torch.arange(5.0), batch, torch.zeros(5, 3), {"weights": weights}, context)
    with torch.no_grad():
        own = a.network(student).softmax(1).numpy()
        before = {name: one.clone() for name, one in a.network.named_parameters()}
        for name, one in a.network.named_parameters():
            one.copy_(weights[name])
        taught = a.network(teacher).softmax(1).numpy()
        for name, one in a.network.named_parameters():
            one.copy_(before[name])
    share = np.exp(-5 * (1 - step / a.training.total) ** 2)
    for row in range(5):
        block = range(3 * row, 3 * row + 3)
        extra = np.mean([((own[i] - taught[i]) ** 2).sum() for i in block])
        assert float(found[row].detach()) == pytest.approx(row + 4 * share * extra, rel=1e-4)


def test_without_a_ramp_all_of_the_weight_counts_at_once():
    assert ramp_weight(0.0, 0.0) == 1.0 and ramp_weight(0.0, 0.1) == pytest.approx(np.exp(-5))


def test_the_teachers_pass_leaves_the_networks_statistics_alone():
    """The student's pass moves batch norm's averages, as every pass in training does; the teacher's must not."""
    further = {"unlabelled": pictures(47).inputs}
    trainer = prepared({"tricks": [MeanTeacher(ratio=2)]}, dataset=pictures(), extra=further).trainer
    context = StepContext(trainer.training, 0, 0, stream="mean-teacher")
    trick, views = MeanTeacher(ratio=2), torch.rand(10, 1, 12, 12)
    batch = trainer.training.examples.batch(torch.arange(5)).replace(aux={STUDENT: views, TEACHER: views})
    memory = trick.begin(trainer.network, context)
    context.forward(views, "once")
    once = trainer.network.state_dict()["body.norm.num_batches_tracked"].clone()
    trick.edit_loss(torch.zeros(5), batch, torch.zeros(5, 3), memory, context)
    assert int(trainer.network.state_dict()["body.norm.num_batches_tracked"] - once) == 1
