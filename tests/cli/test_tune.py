"""luthier tune: what it hands on, and what it refuses in a line."""

import pytest


@pytest.fixture
def asked(monkeypatch):
    """What the search was asked; nothing is searched."""
    found = {}

    def search(source, **given):
        found.update(given, source=source)
        return {}

    monkeypatch.setattr("luthier.study.tune.tune", search)
    monkeypatch.setattr("luthier.cli.tune.print_result", lambda found, json: None)
    return found


def test_the_metric_that_decides_can_be_chosen(luthier, asked):
    assert luthier("tune", "digits", "--monitor", "macro-f1", "--epochs", 3).status == 0
    assert asked["recipe"]["training"] == {"epochs": 3, "monitor": "macro-f1"}


def test_a_place_that_is_a_file_is_refused(luthier, here):
    (line,) = luthier("tune", "rows.npz", "--model", "mlp", "--out", "rows.npz", "--workers", 1, "--quiet").problems
    assert line == "the output directory must be a directory, but rows.npz is none; choose another with --out"


def test_a_metric_means_nothing_to_batch_sizes(luthier):
    (line,) = luthier("tune", "digits", "--batch-size", "--monitor", "accuracy").problems
    assert "but got --monitor accuracy; leave it out" in line
