"""The learning-rate finder: what it sets, what it leaves alone, what it suggests."""

import hashlib
import json
import warnings
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import luthier
from luthier.core.errors import BadInput
from luthier.study.tune.learning_rate_finder import RULE, curve_of, find_learning_rate
from luthier.testing.compare import difference, read_global_states
from luthier.testing.material import rows

DATA = (rows(160).inputs, rows(160).labels)


def find(model="mlp", **settings):
    return find_learning_rate(DATA, model, **{"steps": 30, "device": "cpu", "batch_size": 16, **settings})


class Watched(nn.Module):
    """Notes its weights and the mode at each forward pass."""

    seen: ClassVar[list] = []

    def __init__(self):
        super().__init__()
        self.full = nn.Linear(7, 3)

    def forward(self, x):
        Watched.seen.append((self.training, self.full.bias.detach().clone()))
        return self.full(x)


def test_the_rate_rises_by_equal_factors_from_low_to_high():
    """Plain descent on a linear network: the weights themselves say what the rate was."""
    curve = find(low=1e-4, high=1e-2, optimizer={"name": "sgd", "learning_rate": 0.3})
    assert curve.rates == pytest.approx(np.geomspace(1e-4, 1e-2, 30).tolist())
    Watched.seen, network = [], Watched()
    with torch.no_grad():
        network.full.weight.zero_()  # so that the gradient is the same for every start
        network.full.bias.zero_()
    find(network, low=1e-4, high=1e-2, optimizer={"name": "sgd", "learning_rate": 0.3, "weight_decay": 0.0})
    steps = [one for training, one in Watched.seen if training]
    first, last = (float((b - a).norm()) for a, b in ((steps[0], steps[1]), (steps[28], steps[29])))
    ratio = (1e-2 / 1e-4) ** (28 / 29)
    assert last / first == pytest.approx(ratio, rel=0.9)
    assert len(steps) == 30


def test_it_leaves_the_module_the_random_state_and_runs_alone(tmp_path):
    network = Watched()
    before = {name: one.clone() for name, one in network.state_dict().items()}
    settings = {"epochs": 1, "batch_size": 16, "device": "cpu", "quiet": True}
    one = luthier.train(DATA, network, **settings, out=tmp_path / "one")
    files = {path: hashlib.sha256(path.read_bytes()).digest() for path in one.path.rglob("*") if path.is_file()}
    state = read_global_states()
    first = find(network)
    assert read_global_states() == state
    assert difference(dict(network.state_dict()), before) is None
    assert find(network) == first
    assert files == {path: hashlib.sha256(path.read_bytes()).digest() for path in one.path.rglob("*") if path.is_file()}
    two = luthier.train(DATA, network, **settings, out=tmp_path / "two")
    assert difference(dict(one.network.state_dict()), dict(two.network.state_dict())) is None


def test_the_suggestion_lies_where_the_loss_falls_and_below_its_lowest():
    curve = find(steps=120, low=1e-6, high=10.0)
    assert 1e-4 < curve.suggestion < 0.3 and curve.suggestion <= curve.lowest
    place = curve.rates.index(curve.suggestion)
    assert curve.smoothed[place - 3] > curve.smoothed[place] > curve.smoothed[place + 3]


RATES = np.geomspace(1e-5, 10, 101)


@pytest.mark.parametrize("steepest", [1e-4, 1e-2, 0.5])
def test_the_suggestion_on_a_known_curve(steepest):
    losses = 2 / (1 + RATES / steepest) + 0.02 * (RATES > 9)
    assert curve_of(RATES, losses).suggestion == pytest.approx(steepest, rel=0.2)


def test_nothing_is_suggested_where_the_loss_never_falls():
    curve = curve_of(RATES, np.linspace(1, 2, 101))
    assert (curve.suggestion, curve.lowest) == (None, pytest.approx(1e-5))


def test_noise_at_the_beginning_is_no_fall():
    losses = 2 / (1 + RATES / 0.01)
    losses[0] += 0.5
    assert curve_of(RATES, losses).suggestion == pytest.approx(0.01, rel=0.2)


def test_smoothing_takes_means_and_moves_nothing():
    losses = np.zeros(101)
    losses[50] = 11
    smoothed = curve_of(RATES, losses).smoothed
    assert [place for place, one in enumerate(smoothed) if one] == list(range(45, 56))
    assert smoothed[50] == pytest.approx(1)


@pytest.mark.parametrize("high", [1e4, 1e30])
def test_it_ends_where_the_loss_bursts(high):
    curve = find(low=1e-2, high=high, steps=60, optimizer={"name": "sgd"})
    assert curve.burst and len(curve.rates) == len(curve.losses) == len(curve.smoothed) < 60
    assert all(map(np.isfinite, curve.losses))


def test_tricks_and_augmentations_are_those_of_the_recipe():
    plain, other = (find(tricks=one) for one in ([], ["label-smoothing"]))
    assert plain.losses[0] != other.losses[0]


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"low": 0.0}, "--low must be a number above 0, but got 0.0; "),
        ({"low": "a"}, "--low must be a number above 0, but got 'a'; "),
        ({"low": 1.0, "high": 0.1}, "--high must be above --low, but got 1 to 0.1; rates rise"),
        ({"low": 1.0, "high": 1.0}, "--high must be above --low, but got 1 to 1; rates rise"),
        (
            {"steps": 19},
            "--steps must be a whole number at least 20 and at most 100000, but got 19; training steps; few "
            "make a rough curve",
        ),
        ({"high": float("nan")}, "--high must be a number above 0, but got nan; "),
        ({"learning_rate": 0.0}, "optimizer.learning_rate must be above 0"),
        ({"low": 1e38, "high": 1e39, "optimizer": "sgd"}, "the loss must be finite at the lowest rate"),
    ],
)
def test_bad_input(settings, problem):
    with pytest.raises(BadInput) as caught:
        find(**settings)
    assert str(caught.value).startswith(problem)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("rows.npz", X=DATA[0], y=DATA[1])


def call(capsys, *arguments):
    from luthier.cli import main

    with warnings.catch_warnings(), pytest.raises(SystemExit) as caught:
        main([str(one) for one in arguments])
    return caught.value.code, *capsys.readouterr()


def test_the_command_writes_the_curve_and_its_numbers(here, capsys):
    arguments = ["find-lr", "rows.npz", "--steps", 60, "--high", 0.1, "--set", "training.batch_size=16"]
    code, out, err = call(capsys, *arguments, "--json", "--out", "curve.png")
    found = json.loads(out)
    assert code == 0 and "step 50/60" in err
    assert found.pop("picture") == "curve.png"
    assert json.loads(Path("curve.json").read_text()) == found
    assert found["rule"] == RULE and found["suggestion"] in found["rates"]
    with Image.open("curve.png") as picture:
        assert (picture.format, picture.size) == ("PNG", (800, 500))
        assert len(picture.getcolors(1 << 16)) > 5
    code, out, _ = call(capsys, *arguments, "--quiet")
    assert f"suggested: --set optimizer.learning_rate={found['suggestion']:.2g} " in out


def test_the_command_says_where_nothing_falls_and_what_it_cannot_write(here, capsys, monkeypatch):
    settings = ["--set", "training.batch_size=16", "--steps", 20]
    flat = curve_of(RATES, np.linspace(1, 2, 101))
    monkeypatch.setattr("luthier.study.tune.learning_rate_finder.find_learning_rate", lambda *given, **more: flat)
    code, out, _ = call(capsys, "find-lr", "rows.npz", *settings, "--quiet")
    assert (code, out) == (
        0, "the loss never falls between 1e-06 and 10; look at learning-rate.png and widen the range\n",
    )  # fmt: skip
    assert call(capsys, "find-lr", "rows.npz", "--out", "curve.svg")[0::2] == (
        2, "luthier: the curve is a .png file, but got 'curve.svg'; pass --out learning-rate.png\n",
    )  # fmt: skip
    assert call(capsys, "find-lr", "rows.npz", *settings, "--out", "no/where.png")[0] == 2
