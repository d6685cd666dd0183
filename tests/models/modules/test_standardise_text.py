"""Standardisation beside a text."""

import pytest
import torch

from luthier.models.modules import StandardiseText, first_layer

NAN = torch.nan


def test_columns_are_standardised_and_words_pass():
    x = torch.tensor([[1.0, NAN, 7, 2, NAN], [5.0, 4, 9, 8, 3], [3.0, 8, 1, NAN, NAN]])
    layer = first_layer("text", x.split(2), 2)
    assert isinstance(layer, StandardiseText)
    assert layer.mean.tolist() == [3, 6]
    found = layer(x)
    root = 1.5**0.5
    torch.testing.assert_close(found["columns"], torch.tensor([[-root, 0.0], [root, -1.0], [0.0, 1.0]]))
    assert found["tokens"].tolist() == [[7, 2, 0], [9, 8, 3], [1, 0, 0]]
    assert found["length"].tolist() == [2, 3, 1]


@pytest.mark.parametrize("count", [0, 1])
def test_a_text_may_stand_alone(count):
    x = torch.tensor([[4.0, 2, NAN], [6.0, 3, 3]])[:, 1 - count :]
    found = first_layer("text", [x], count)(x)
    assert found["columns"].shape == (2, count)
    assert found["tokens"].tolist() == [[2, 0], [3, 3]]
