"""The settings that architectures share: norms against numpy, factors, stems, dropout."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from luthier.core.errors import BadInput
from luthier.models.settings import chain, is_small, layers, make_dropout, make_norm, scale_width


def by_hand(values, axes):
    mean, variance = values.mean(axes, keepdims=True), values.var(axes, keepdims=True)
    return (values - mean) / np.sqrt(variance + 1e-5)


def maps(*shape):
    return np.random.default_rng(0).normal(2, 3, shape)


def answer(norm, values):
    return norm.double().train()(torch.from_numpy(values)).detach().numpy()


def test_batch_norm_is_over_examples_and_pixels():
    values = maps(5, 6, 3, 7)
    np.testing.assert_allclose(answer(make_norm("batch", 6), values), by_hand(values, (0, 2, 3)), rtol=1e-9)


def test_layer_norm_is_over_channels_and_pixels():
    values = maps(5, 6, 3, 7)
    np.testing.assert_allclose(answer(make_norm("layer", 6), values), by_hand(values, (1, 2, 3)), rtol=1e-9)


@pytest.mark.parametrize(("channels", "groups"), [(96, 32), (64, 32), (48, 16), (7, 1), (6, 2)])
def test_group_norm_is_over_as_many_groups_as_divide(channels, groups):
    values = maps(5, channels, 3, 7)
    expected = by_hand(values.reshape(5, groups, channels // groups, 3, 7), (2, 3, 4)).reshape(values.shape)
    np.testing.assert_allclose(answer(make_norm("group", channels), values), expected, rtol=1e-7)


def test_norms_of_rows():
    values = maps(5, 64)
    np.testing.assert_allclose(answer(make_norm("batch", 64, maps=False), values), by_hand(values, 0), rtol=1e-9)
    np.testing.assert_allclose(answer(make_norm("layer", 64, maps=False), values), by_hand(values, 1), rtol=1e-9)


@pytest.mark.parametrize(("units", "groups"), [(128, 32), (64, 16), (32, 8), (48, 8), (34, 2), (7, 1), (4, 1)])
def test_groups_of_a_row_hold_four_values_at_least(units, groups):
    values = maps(5, units)
    expected = by_hand(values.reshape(5, groups, units // groups), 2).reshape(5, units)
    np.testing.assert_allclose(answer(make_norm("group", units, maps=False), values), expected, rtol=1e-7)


@pytest.mark.parametrize("kind", ["group", "layer"])
def test_rows_too_short_for_a_norm_are_refused(kind):
    with pytest.raises(BadInput) as caught:
        make_norm(kind, 3, maps=False)
    assert str(caught.value) == (
        f"norm = {kind!r} needs layers of 4 units at least, but one has 3, whose values it would wipe out; "
        "raise model.width, or set model.norm = 'batch' or 'none'"
    )


@pytest.mark.parametrize("kind", ["batch", "group", "layer"])
def test_a_norm_has_a_factor_and_a_shift_per_channel(kind):
    assert [tuple(one.shape) for one in make_norm(kind, 6).parameters()] == [(6,), (6,)]


def test_what_is_left_out():
    assert make_norm("none", 6) is None and make_dropout(0.0) is None
    assert make_dropout(0.25).p == 0.25
    first, last = nn.Linear(2, 3), nn.Linear(3, 5)
    assert layers(first=first, norm=None, last=last) == {"first": first, "last": last}
    assert list(chain(first=first, norm=None, last=last).named_children()) == [("first", first), ("last", last)]


@pytest.mark.parametrize(
    ("channels", "width", "expected"), [(64, 1.0, 64), (64, 2, 128), (3, 0.5, 2), (3, 0.01, 1), (96, 1.25, 120)]
)
def test_scaled(channels, width, expected):
    assert scale_width(channels, width) == expected and math.isclose(scale_width(channels, 1.0), channels)


@pytest.mark.parametrize(
    ("stem", "shape", "small"),
    [
        ("auto", (3, 63, 99), True),
        ("auto", (3, 99, 63), True),
        ("auto", (3, 64, 64), False),
        ("large", (3, 9, 9), False),
        ("small", (3, 224, 224), True),
    ],
)
def test_the_stem_follows_from_the_shorter_side(stem, shape, small):
    assert is_small(stem, shape) == small
