"""Euclidean outputs against torch.cdist, and the codes."""

import pytest
import torch

from luthier.core.errors import BadInput
from luthier.core.rng import generator
from luthier.models.modules import EuclideanRBF
from luthier.models.modules.lenet_1998 import class_codes

F6 = 84


@pytest.mark.parametrize(("features", "classes"), [(F6, 13), (5, 7)])
def test_against_cdist(features, classes):
    layer = EuclideanRBF(features, classes).double()
    x = torch.randn(11, features, generator=generator(0, "x")).double()
    torch.testing.assert_close(layer(x), -torch.cdist(x, layer.codes).square(), rtol=1e-9, atol=1e-9)


def test_any_two_of_the_first_84_codes_differ_in_42_places():
    codes = class_codes(F6, 84)
    distances = (codes[:, None] != codes).sum(2)
    assert torch.equal(distances, 42 * (1 - torch.eye(84, dtype=torch.int64)))


def test_the_next_84_are_the_same_negated():
    codes = class_codes(F6, 168)
    assert torch.equal(codes[84:], -codes[:84])
    assert int((codes[:, None] != codes).sum(2).fill_diagonal_(F6).min()) == 42


@pytest.mark.parametrize("classes", [3, 10, 168, 200, 1000])
def test_all_codes_are_different_signs(classes):
    codes = class_codes(F6, classes)
    assert codes.shape == (classes, F6)
    assert set(codes.unique().tolist()) == {-1, 1}
    assert len(codes.unique(dim=0)) == classes


def test_codes_are_the_same_for_ever_and_whatever_the_number_of_classes():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        assert torch.equal(class_codes(F6, 200)[:10], class_codes(F6, 10))
        assert torch.equal(class_codes(F6, 1000)[:200], class_codes(F6, 200))


def test_few_features_serve_all_their_codes():
    assert len(class_codes(3, 8).unique(dim=0)) == 8


def test_more_classes_than_codes_are_refused():
    with pytest.raises(BadInput) as caught:
        class_codes(3, 9)
    assert str(caught.value) == "3 signs make 8 different codes, but 9 classes need one each; use more features"


def test_nothing_is_trained_but_the_codes_are_kept():
    layer = EuclideanRBF(F6, 10)
    assert list(layer.parameters()) == []
    assert list(layer.state_dict()) == ["codes"]
