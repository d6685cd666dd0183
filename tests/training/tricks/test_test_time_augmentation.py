"""Test-time augmentation: the mean over views, and a stored run that answers as it was evaluated."""

import numpy as np
import pytest
import torch

from luthier import train
from luthier.core.rng import generator
from luthier.data import load
from luthier.run.evaluate import evaluate_run
from luthier.testing.compare import CPU
from luthier.testing.training import prepared, start_training
from luthier.training.tricks import TestTimeAugmentation
from luthier.training.tricks.test_time_augmentation import shift_views

PICTURES = torch.rand(5, 3, 7, 11, generator=generator(0, "views"))


def test_views_by_numpy():
    found = shift_views(PICTURES, 2)
    padded = np.pad(PICTURES.numpy(), ((0, 0), (0, 0), (2, 2), (2, 2)), mode="edge")
    expected = [PICTURES.numpy(), *(padded[:, :, y : y + 7, x : x + 11] for y in (0, 4) for x in (0, 4))]
    assert len(found) == 5 and all(np.array_equal(a.numpy(), b) for a, b in zip(found, expected, strict=True))
    assert len(shift_views(PICTURES, 0)) == 1


@pytest.mark.parametrize(("flip", "shift", "count"), [(True, 0, 2), (False, 1, 5), (True, 2, 10)])
def test_the_answer_is_the_mean_over_the_views(flip, shift, count):
    done = start_training(lambda: prepared({"tricks": [TestTimeAugmentation(flip=flip, shift=shift)]}).trainer).advance(
        2
    )
    network = done.trainer.network.eval()
    batch = next(done.trainer.validation.in_order())
    views = shift_views(batch.inputs, shift)
    views += [one.flip(3) for one in views] if flip else []
    assert len(views) == count
    trick = TestTimeAugmentation(flip=flip, shift=shift)
    with torch.no_grad():
        expected = sum(network(one) for one in views) / count
        torch.testing.assert_close(trick.inference_model(network).eval()(batch.inputs), expected)
        assert (expected - network(batch.inputs)).abs().max() > 1e-4


def test_training_goes_on_in_its_own_mode():
    """Dropout and batch norm would be off if the views shared the layers of the trained network."""
    plain, done = (
        start_training(lambda t=t: prepared({"tricks": t}).trainer).advance() for t in ([], [TestTimeAugmentation()])
    )
    for name, one in plain.final().items():
        assert torch.equal(one, done.final()[name]), name


def test_a_stored_run_answers_as_it_was_evaluated(tmp_path):
    run = train("digits", epochs=1, out=tmp_path / "run", recipe={"tricks": {"test-time-augmentation": {"shift": 2}}})
    again = evaluate_run(run, load("digits"), True, CPU)
    assert {key: again[key] for key in ("accuracy", "loss")} == {k: run.result["test"][k] for k in ("accuracy", "loss")}
    pictures = (np.arange(2 * 8 * 8, dtype=np.uint8) * 7).reshape(2, 8, 8)
    answers = run.predict_proba(pictures)
    with torch.inference_mode():
        inputs = run._inputs(pictures, None)
        plain = sum(torch.nn.Sequential.forward(run.network, one) for one in shift_views(inputs, 2)) / 5
    np.testing.assert_allclose(answers, plain.softmax(1).numpy(), atol=1e-6)
