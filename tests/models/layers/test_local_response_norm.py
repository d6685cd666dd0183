"""Local response normalisation, against the formula of the paper, map by map."""

import torch

from luthier.models.layers import LocalResponseNorm


def test_it_is_the_formula_of_the_paper(noise):
    """Krizhevsky, Sutskever and Hinton, 2012, section 3.3: the sum runs over n / 2 maps to both sides."""
    x = noise(2, 7, 3, 5)
    found = LocalResponseNorm(size=3, alpha=0.3, beta=0.6, k=1.5).build((7, 3, 5))(x)
    for one in range(7):
        near = x[:, max(0, one - 1) : min(6, one + 1) + 1]
        expected = x[:, one] / (1.5 + 0.3 * near.square().sum(1)) ** 0.6
        torch.testing.assert_close(found[:, one], expected)


def test_rows_have_no_maps(refusal):
    assert refusal(LocalResponseNorm(), (5,)).startswith("local-response-norm needs pictures (C, H, W)")
    assert torch.equal(LocalResponseNorm(beta=0.0).build((1, 2, 2))(torch.ones(1, 1, 2, 2)), torch.ones(1, 1, 2, 2))
