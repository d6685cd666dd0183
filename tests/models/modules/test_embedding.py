"""Embedding of numbers that come as floats."""

import pytest
import torch

from luthier.core.errors import BadInput
from luthier.models.modules import TokenEmbedding


def test_floats_that_hold_whole_numbers_are_numbers():
    layer = TokenEmbedding(30_000, 2)
    assert torch.equal(layer(torch.tensor([[29_999.0, 16_777.0]]))[0], layer.weight[[29_999, 16_777]])


@pytest.mark.parametrize(
    ("number", "shown"), [(-1.0, "-1"), (5.0, "5"), (0.5, "0.5"), (torch.nan, "nan"), (1e9, "1e+09")]
)
def test_what_is_no_token_is_refused(number, shown):
    with pytest.raises(BadInput) as caught:
        TokenEmbedding(5, 2)(torch.tensor([[0.0, 4.0, number]]))
    assert str(caught.value) == (
        f"tokens must be whole numbers from 0 to 4, but 1 are not, such as {shown}; "
        "mend them or raise the number of tokens"
    )
