"""ReLU6 against numpy."""

import numpy as np
import torch

from luthier.models.activations import ReLU6


def test_it_is_cut_off_at_both_ends():
    x = torch.linspace(-9, 9, 37)
    np.testing.assert_array_equal(ReLU6().build()(x).numpy(), np.clip(x.numpy(), 0, 6))
