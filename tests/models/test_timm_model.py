"""Networks of timm, through a stand-in, and what is said where timm is missing."""

import sys

import pytest

from luthier.core.errors import BadInput
from luthier.models import TimmModel
from luthier.recipe.read import read_recipe
from luthier.recipe.values import with_value
from luthier.report.inspection import describe_network
from luthier.testing.material import pictures
from luthier.testing.training import prepared, start_training


def refusal(architecture, shape=(3, 9, 13)):
    with pytest.raises(BadInput) as caught:
        architecture.build(shape, 7)
    return str(caught.value)


def test_the_network_is_made_for_the_data(timm):
    TimmModel(model="convnext_atto").build((2, 9, 13), 7)
    assert timm.asked == [("convnext_atto", 7, 2)]


def test_it_trains_by_its_short_name(timm):
    assert start_training(lambda: prepared({"model": "timm:resnet18"}, dataset=pictures()).trainer).advance().rows
    assert ("resnet18", 3, 1) in timm.asked


def test_the_short_name_is_the_long_one():
    model = TimmModel(model="some_net")
    assert read_recipe({"model": "timm:some_net"}).model == model
    assert read_recipe({"model": {"name": "timm:some_net"}}).model == model
    assert read_recipe({"model": model.dump()}).model == model
    assert read_recipe(with_value({"model": "timm:x"}, "model.model", "y")).model == TimmModel(model="x")


def test_inspect_takes_the_short_name(timm):
    assert describe_network("timm:convnext_atto", "2x9x13", 7)["parameters"] == 2 * 4 * 9 + 4 + 8 + 4 * 7 + 7


def test_it_says_that_timm_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    message = refusal(TimmModel())
    assert message.startswith("timm:resnet18 needs the package timm, but it cannot be imported (")
    assert message.endswith("); pip install luthier[timm], or name another architecture")


@pytest.mark.usefixtures("timm")
def test_an_unknown_name_is_answered_with_the_nearest():
    assert refusal(TimmModel(model="resnet81")) == (
        "timm:NAME must be the name of a network in timm.list_models(), but got 'resnet81'; nearest: resnet18"
    )
    assert refusal(TimmModel(model="zzz")).endswith("but got 'zzz'; nearest: none")


def test_rows_are_refused():
    assert refusal(TimmModel(), (5,)) == "timm needs pictures, but an example has shape (5,); use --model mlp for rows"
