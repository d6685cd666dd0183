"""Small trainings for tests: what they are made of, and checks that go red."""

import pytest
import torch

from luthier.testing.training import check_repeats, check_resumes, has_ended, prepared, start_training


def test_the_small_training():
    one = start_training(lambda: prepared().trainer)
    assert (one.state.step, has_ended(one)) == (0, False)
    assert len(one.trainer.training.examples) == 42
    one.advance(7)
    assert (one.state.step, one.state.epoch, one.state.position) == (7, 1, 2)
    one.advance()
    assert (one.state.step, has_ended(one)) == (15, True)
    assert one.advance().state.step == 15


def test_copies_do_not_move_with_the_training():
    one = start_training(lambda: prepared().trainer).advance(3)
    before = one.tree()["network"]["body.conv.weight"]
    kept = one.final()["body.conv.weight"]
    assert torch.equal(before, kept)
    one.advance(4)
    assert torch.equal(before, kept)
    assert not torch.equal(before, one.tree()["network"]["body.conv.weight"])


def test_trainings_that_differ_are_found():
    seeds = iter(range(9))
    with pytest.raises(AssertionError, match=r"^two trainings with seeds must end with equal bits; "):
        check_repeats(lambda: prepared({"seed": next(seeds)}).trainer, "seeds")


def test_resuming_into_another_training_is_found():
    """The first two trainings are whole and cut off, the third is the one that goes on."""
    rates = iter([0.05, 0.05, 0.04])

    def make():
        return prepared({"optimizer": {"name": "sgd", "learning_rate": next(rates)}}).trainer

    with pytest.raises(AssertionError, match=r"^rates, saved after step 2 and resumed, must end with the bits of the "):
        check_resumes(make, "rates")


def test_it_resumes_in_every_epoch(monkeypatch):
    from luthier.testing import training

    stops = []
    monkeypatch.setattr(training, "_check_resume", lambda make, whole, stop, what: stops.append((stop, what)))
    check_resumes(lambda: prepared().trainer, "it")
    places = [2, 7, 12, 5]
    assert stops == [(place, f"it, saved after step {place} and resumed,") for place in places]


def test_a_training_too_short_to_be_cut_proves_nothing():
    with pytest.raises(AssertionError) as caught:
        check_resumes(lambda: prepared({"training": {"epochs": 1, "batch_size": 1000}}).trainer, "it")
    assert str(caught.value) == "it must train for two steps at least, or nothing is proved; it took 1"
