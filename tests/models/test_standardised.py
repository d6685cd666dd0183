"""A loss in standard deviations."""

import torch

from luthier.core.rng import generator
from luthier.models.losses import MSE, Standardised
from luthier.models.modules import Rescale

ANSWERS = torch.randn(5, 3, generator=generator(0, "answers"), dtype=torch.float64)
VALUES = torch.randn(5, 3, generator=generator(0, "values"), dtype=torch.float64)


def test_in_standard_deviations_units_do_not_matter():
    layer = Rescale(torch.tensor([5.0, 0.0, -1e4]).double(), torch.tensor([2.0, 1e-3, 1e3]).double())
    found = Standardised(loss=MSE(), rescale=layer).per_example(layer(ANSWERS), layer(VALUES))
    torch.testing.assert_close(found, MSE().per_example(ANSWERS, VALUES), rtol=1e-9, atol=1e-12)
