"""Training in memory: on everything, to the end or epoch by epoch, and its answers."""

import dataclasses

import numpy as np
import pytest
import torch

from luthier.core.errors import BadInput
from luthier.models.modules.standardise import fit_standardise
from luthier.recipe.network import describe_module
from luthier.recipe.read import read_recipe
from luthier.sklearn.fitting import another_epoch, fit, predict
from luthier.testing.compare import CPU, require_same
from luthier.testing.material import SmallNet, pictures, rows, values
from luthier.testing.training import copy_weights

DATA = rows(53)
RECIPE = read_recipe({"model": "mlp", "training": {"epochs": 2, "batch_size": 16}})


def test_all_examples_are_trained_on():
    """Those too that the data call a test part: the inputs are standardised over all of them."""
    official = dataclasses.replace(DATA, official_test=np.arange(53) < 20)
    done = fit(RECIPE, official, CPU)
    torch.testing.assert_close(done.network.standardise.mean, fit_standardise([torch.tensor(DATA.inputs)]).mean)
    assert [row["steps"] for row in done.history] == [4, 4] and done.epochs == 2 and done.place is None


def test_an_answer_does_not_depend_on_what_stands_beside_it():
    done = fit(RECIPE, DATA, CPU)
    together = predict(done, DATA.inputs)
    alone = torch.cat([predict(done, DATA.inputs[k : k + 1]) for k in range(53)])
    assert together.dtype == torch.float64
    torch.testing.assert_close(together, alone, rtol=1e-12, atol=1e-12)
    assert next(done.network.parameters()).dtype == torch.float32


def test_a_module_of_ones_own_answers_in_its_own_precision():
    class Picky(SmallNet):
        def forward(self, x):
            assert x.dtype == torch.float32
            return super().forward(x)

    own = Picky()
    recipe = read_recipe({"model": describe_module(own), "training": {"epochs": 1}})
    assert predict(fit(recipe, pictures(), CPU, own), pictures().inputs[:5]).shape == (5, 3)


def test_pictures_are_brought_to_the_side_of_the_network():
    recipe = read_recipe({"model": "lenet5", "training": {"epochs": 1}})
    data = pictures(41)
    assert predict(fit(recipe, data, CPU), data.inputs[:7]).shape == (7, 3)


@pytest.mark.parametrize("data", [DATA, values(53)], ids=["classes", "values"])
def test_epoch_after_epoch_is_a_training_at_a_constant_rate(data):
    recipe = read_recipe({"model": "mlp", "loss": "mse", "training": {"epochs": 3, "batch_size": 16, "monitor": "loss"},
                          "schedule": "constant"})  # fmt: skip
    whole, done = fit(recipe, data, CPU), None
    for _ in range(3):
        done = another_epoch(recipe, data, CPU, None, done)
    require_same(copy_weights(done.network), copy_weights(whole.network), "epochs one by one must train as all at once")
    assert done.history == whole.history and done.epochs == 3 and done.place.step == 12


def test_what_later_data_would_standardise_otherwise_stays():
    first = another_epoch(RECIPE, DATA, CPU, None, None)
    shifted = dataclasses.replace(DATA, inputs=DATA.inputs[:30] + 5, labels=DATA.labels[:30])
    second = another_epoch(RECIPE, shifted, CPU, None, first)
    assert torch.equal(second.network.standardise.mean, first.network.standardise.mean)
    assert second.place.step == 4 + 2


def test_a_trick_that_validates_needs_a_fit():
    recipe = read_recipe({"model": "mlp", "tricks": ["early-stopping"]})
    with pytest.raises(BadInput, match=r"tricks\.early-stopping needs one; use fit"):
        another_epoch(recipe, DATA, CPU, None, None)
    assert any(row["kind"] == "validation" for row in fit(recipe, DATA, CPU).history)
