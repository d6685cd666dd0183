"""Standardisation against NumPy."""

import numpy as np
import pytest
import torch

from luthier.core.rng import generator
from luthier.models.modules import (
    Rescale,
    Standardise,
    StandardiseSequences,
    StandardiseText,
    make_blank_layer,
    make_first_layer,
)
from luthier.models.modules.standardise import FIRST, fit_rescale, fit_standardise


@pytest.mark.parametrize("shape", [(13, 5), (13, 3, 7, 11)])
@pytest.mark.parametrize("chunk", [1, 4, 13])
def test_constants_against_numpy(shape, chunk):
    x = torch.rand(shape, generator=generator(0, "x")) * 3 + torch.arange(shape[1]).view(-1, *[1] * (len(shape) - 2))
    layer = fit_standardise(x.split(chunk))
    axes = (0, *range(2, len(shape)))
    values = x.numpy().astype(np.float64)
    np.testing.assert_allclose(layer.mean.numpy(), values.mean(axes), rtol=1e-6)
    np.testing.assert_allclose(1 / layer.scale.numpy(), values.std(axes), rtol=1e-6)
    found = layer(x).double().numpy()
    np.testing.assert_allclose(found.mean(axes), 0, atol=1e-6)
    np.testing.assert_allclose(found.std(axes), 1, rtol=1e-5)


@pytest.mark.parametrize("value", [0.0, 0.1, -7.3, 1e6, 255 / 256])
def test_a_constant_column_becomes_zero(value):
    """Rounding must not be taken for variance and blown up; it weighs nothing, whatever it holds later."""
    x = torch.stack((torch.full((101,), value), torch.arange(101.0)), 1)
    layer = fit_standardise(x.split(7))
    assert float(layer.scale[0]) == 0
    assert layer(x + torch.tensor([1e6, 0]))[:, 0].tolist() == [0] * 101
    assert float(layer.scale[1]) == pytest.approx(1 / x[:, 1].double().std(correction=0).item())


def test_a_small_variance_beside_a_large_mean_is_kept():
    x = 1000 + torch.arange(8.0).view(8, 1) / 8
    assert float(fit_standardise([x]).scale[0]) == pytest.approx(1 / x.double().std(correction=0).item(), rel=1e-5)


def test_a_variance_that_is_too_small_to_be_divided_by_is_none_of_a_constant():
    x = torch.tensor([[2.0**23], [2.0**23], [2.0**23 + 1]])
    layer = fit_standardise([x])
    assert float(layer.scale[0]) == 1 and float(layer(x)[2, 0] - layer(x)[0, 0]) == 1


def test_a_constant_channel_or_feature_weighs_nothing():
    pictures = torch.rand(4, 2, 3, 3, generator=generator(0, "x"))
    pictures[:, 1] = 0.25
    layer = make_first_layer("pictures", pictures.split(3), 0)
    assert layer(torch.ones(1, 2, 3, 3))[:, 1].tolist() == torch.zeros(1, 3, 3).tolist()
    sequences = torch.tensor([[[1.0, 5.0], [2.0, 5.0]], [[3.0, 5.0], [torch.nan, torch.nan]]])
    layer = make_first_layer("sequences", [sequences], 0)
    assert layer(torch.full((1, 1, 2), 9.0))["sequence"][0, 0, 1] == 0


def test_it_is_kept_with_the_network_but_never_trained():
    layer = Standardise(torch.zeros(3), torch.ones(3))
    assert list(layer.state_dict()) == ["mean", "scale"]
    assert list(layer.parameters()) == []


def test_pictures_and_rows():
    layer = Standardise(torch.tensor([1.0, 2.0]), torch.tensor([2.0, 0.0]))
    assert layer(torch.tensor([[3.0, 5.0]])).tolist() == [[1.0, 3.0]]
    pictures = torch.tensor([3.0, 5.0]).view(1, 2, 1, 1).expand(2, 2, 3, 4)
    assert layer(pictures).shape == (2, 2, 3, 4)
    assert layer(pictures)[:, 0].unique().tolist() == [1.0]
    assert layer(pictures)[:, 1].unique().tolist() == [3.0]


def test_missing_values_do_not_count_and_become_the_mean():
    x = torch.tensor([[1.0, torch.nan, 5.0], [3.0, torch.nan, torch.nan], [5.0, torch.nan, 9.0]])
    layer = fit_standardise(x.split(2))
    assert layer.mean.tolist() == [3, 0, 7]
    np.testing.assert_allclose(layer.scale.numpy(), [(3 / 8) ** 0.5, 0, 1 / 2], rtol=1e-6)
    assert layer(x)[:, 1:].tolist() == [[0, -1], [0, 0], [0, 1]]


INPUTS = {
    "pictures": torch.rand(4, 3, 7, 5),
    "rows": torch.rand(4, 3),
    "sequences": torch.rand(4, 7, 3),
    "text": torch.rand(4, 3 + 7),
}


def test_every_form_has_one_that_can_be_loaded_again():
    assert FIRST.keys() == INPUTS.keys()
    for form, inputs in INPUTS.items():
        layer = make_first_layer(form, inputs.split(3), 3)
        other = make_blank_layer(form, 3)
        assert type(layer) is type(other) is FIRST[form]
        other.load_state_dict(layer.state_dict())
        torch.testing.assert_close(layer(inputs), other(inputs), rtol=0, atol=0)


VALUES = torch.randn(97, 3, generator=generator(0, "values")) * torch.tensor([1.0, 1e4, 1e-3]) + torch.tensor(
    [0, 1e5, 2]
)


def test_constants_are_those_of_numpy_and_the_result_is_standard():
    layer = fit_rescale(VALUES)
    exact = VALUES.double().numpy()
    np.testing.assert_allclose(layer.mean, exact.mean(0), rtol=1e-6)
    np.testing.assert_allclose(layer.std, exact.std(0), rtol=1e-5)
    standard = layer.inverse(VALUES)
    np.testing.assert_allclose(standard.mean(0), np.zeros(3), atol=1e-3)
    np.testing.assert_allclose(standard.std(0, correction=0), np.ones(3), rtol=1e-3)
    torch.testing.assert_close(layer(standard), VALUES, rtol=1e-6, atol=1e-6)


def test_a_constant_value_is_only_moved():
    layer = fit_rescale(torch.full((5, 1), 7.0))
    assert layer.inverse(torch.tensor([[9.0]])).tolist() == [[2.0]] and layer(torch.zeros(2, 1)).tolist() == [[7.0]] * 2


def test_the_constants_are_saved_with_the_network():
    assert {name: tuple(one.shape) for name, one in Rescale(torch.zeros(3), torch.ones(3)).state_dict().items()} == {
        "mean": (3,),
        "std": (3,),
    }


LENGTHS = (5, 1, 3, 4)


def padded():
    x = torch.rand(4, 5, 3, generator=generator(0, "x")) * torch.tensor([1.0, 7.0, 0.0]) + 2
    for row, length in zip(x, LENGTHS, strict=True):
        row[length:] = torch.nan
    return x


def test_constants_are_of_the_steps_that_exist():
    x = padded()
    layer = make_first_layer("sequences", x.split(3), 0)
    steps = np.concatenate([row[:length].double().numpy() for row, length in zip(x, LENGTHS, strict=True)])
    assert isinstance(layer, StandardiseSequences)
    np.testing.assert_allclose(layer.mean.numpy(), steps.mean(0), rtol=1e-6)
    np.testing.assert_allclose(layer.scale.numpy(), [*1 / steps.std(0)[:2], 0], rtol=1e-6)


def test_what_leaves_has_zeros_behind_the_ends():
    x = padded()
    layer = make_first_layer("sequences", [x], 0)
    found = layer(x)
    assert found["length"].tolist() == list(LENGTHS)
    for row, raw, length in zip(found["sequence"], x, LENGTHS, strict=True):
        torch.testing.assert_close(row[:length], (raw[:length] - layer.mean) * layer.scale)
        assert not row[length:].any()


NAN = torch.nan


def test_columns_are_standardised_and_words_pass():
    x = torch.tensor([[1.0, NAN, 7, 2, NAN], [5.0, 4, 9, 8, 3], [3.0, 8, 1, NAN, NAN]])
    layer = make_first_layer("text", x.split(2), 2)
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
    found = make_first_layer("text", [x], count)(x)
    assert found["columns"].shape == (2, count)
    assert found["tokens"].tolist() == [[2, 0], [3, 3]]
