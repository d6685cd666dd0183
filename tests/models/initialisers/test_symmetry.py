"""Units that start alike stay alike: the warning on the cards of zeros and constant, shown."""

import pytest
import torch

from luthier.models import MLP
from luthier.models.activations import Sigmoid
from luthier.models.initialisers import Constant, HeNormal, Normal, Uniform, Zeros
from luthier.testing.material import rows
from luthier.testing.training import prepared, start_training


def trained(initialiser):
    """Weights of the hidden layer before and after a small training."""
    model = MLP(depth=1, width=5, activation=Sigmoid())
    values = {"model": model, "initialiser": initialiser, "optimizer": {"name": "momentum", "learning_rate": 1.0}}
    one = start_training(lambda: prepared(values, dataset=rows(53)).trainer)
    hidden = one.trainer.network.body[1].weight
    before = hidden.detach().clone()
    one.advance()
    return before, hidden.detach()


@pytest.mark.parametrize("initialiser", [Zeros(), Constant(), Uniform(limit=0.0), Normal(std=0.0)], ids=repr)
def test_alike_for_ever(initialiser):
    before, after = trained(initialiser)
    assert (after - before).abs().max() > 0.01
    torch.testing.assert_close(after, after[:1].expand(5, -1), rtol=0, atol=1e-6)


def test_draws_set_them_apart():
    _, after = trained(HeNormal())
    assert (after - after[:1]).abs().amax(1)[1:].min() > 0.1
