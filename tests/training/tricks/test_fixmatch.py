"""FixMatch: two moons, the loss written out, views of pictures, rows and sequences."""

import numpy as np
import pytest
import torch
from sklearn.datasets import make_moons

from luthier.core.errors import BadInput
from luthier.data import Dataset
from luthier.data.loader import to_device
from luthier.testing.material import Shade, pictures, rows
from luthier.testing.training import prepared, start_training
from luthier.training.trick import StepContext
from luthier.training.tricks import FixMatch
from luthier.training.tricks.fixmatch import STRONG, WEAK, consistency
from luthier.training.tricks.views import compute_spread

CPU = torch.device("cpu")


def moons() -> tuple[Dataset, np.ndarray]:
    """Two moons with 8 labelled examples of each and 300 to test on; and 300 without labels."""
    X, y = make_moons(600, noise=0.08, random_state=0)
    X = X.astype(np.float32)
    few = np.concatenate([np.flatnonzero(y[:300] == k)[:8] for k in (0, 1)])
    keep = np.concatenate((few, np.arange(300, 600)))
    return Dataset("moons", X[keep], y[keep], ("up", "down"), np.arange(len(keep)) >= len(few)), X[:300]


def accuracy(tricks: list, seed: int) -> float:
    dataset, unlabelled = moons()
    sections = {
        "seed": seed,
        "model": {"name": "mlp", "width": 64},
        "split": {"validation": 0.0},
        "training": {"epochs": 300, "batch_size": 64},
        "optimizer": {"name": "adam", "learning_rate": 0.005},
        "schedule": "constant",
        "tricks": tricks,
    }
    made = prepared(sections, dataset=dataset, extra={"unlabelled": unlabelled})
    done = start_training(lambda: made.trainer).advance()
    batch = next(made.test.in_order())
    with torch.no_grad():
        answers = done.trainer.network.eval()(batch.inputs).argmax(1)
    return float((answers == batch.label).float().mean())


def test_two_moons_are_told_apart_by_eight_examples_each():
    """The labels alone leave the tips of the moons to chance; with the other examples the border follows the gap."""
    trick = FixMatch(ratio=20, noise=0.3, weight=5.0, threshold=0.8)
    plain, taught = ([accuracy(tricks, seed) for seed in (0, 1)] for tricks in ([], [trick]))
    assert max(plain) < 0.96 and min(taught) > 0.98, (plain, taught)


def seen(trick: FixMatch, inputs: np.ndarray, **sections) -> tuple:
    """The stream's views as the trick makes them, and the training's own moment."""
    own = {"training": {"epochs": 1, "batch_size": 42}, "tricks": [trick], **sections}
    trainer = prepared(own, dataset=pictures() if inputs.ndim == 4 else rows(), extra={"unlabelled": inputs}).trainer
    context = StepContext(trainer.training, 0, 0, stream="fixmatch")
    raw = trainer.streams["unlabelled"].examples.inputs(torch.arange(6))
    batch = trainer.training.examples.batch(torch.arange(3)).replace(aux={"unlabelled": raw})
    return raw, trick.edit_batch(batch, trick.begin(trainer.network, context), context), trainer, context


def test_pictures_are_augmented_a_little_and_a_lot():
    raw, batch, _, _ = seen(FixMatch(ratio=2, erasing=1.0), pictures(47).inputs, augment=[Shade()])
    light, hard = batch.aux[WEAK], batch.aux[STRONG]
    factors = (light / raw).flatten(1)
    assert bool((factors.amax(1) - factors.nan_to_num(1).amin(1) < 1e-4).all()) and bool((light <= raw).all())
    assert bool(((hard - raw).abs().flatten(1).amax(1) > 0.05).all()) and hard.shape == raw.shape


def test_without_augmentations_the_weak_view_is_the_picture_itself():
    raw, batch, _, _ = seen(FixMatch(ratio=2), pictures(47).inputs)
    assert torch.equal(batch.aux[WEAK], raw)


def test_rows_get_noise_of_the_size_of_each_feature():
    data = rows(400)
    inputs = data.inputs * np.logspace(-2, 2, 7, dtype=np.float32)
    raw, batch, a, at = seen(FixMatch(ratio=2, noise=0.5), rows(47).inputs, model="mlp")
    trick, size = FixMatch(noise=0.5), compute_spread(to_device(inputs, data.labels, 3, CPU))
    np.testing.assert_allclose(size, inputs.std(0), rtol=1e-4)
    many = torch.zeros(4000, 7)
    np.testing.assert_allclose(trick.strong(many, size, at).std(0), 0.5 * inputs.std(0), rtol=0.08)
    own = a.training.examples
    small = (batch.aux[WEAK] - raw) / compute_spread(own)
    large = (batch.aux[STRONG] - raw) / compute_spread(own)
    assert 5 < float(large.std() / small.std()) < 20


def test_missing_values_stay_missing_and_do_not_count():
    inputs = rows(53).inputs.copy()
    inputs[::2, 3] = np.nan
    resident = to_device(inputs, rows(53).labels, 3, CPU)
    np.testing.assert_allclose(compute_spread(resident), np.nanstd(inputs, 0), rtol=1e-4)


@pytest.mark.parametrize("ratio", [1, 3])
def test_the_loss_is_the_mean_over_an_examples_own_block(ratio):
    """By hand, example by example; the network has no dropout and no batch norm."""
    trick = FixMatch(ratio=ratio, weight=0.5, threshold=0.4)
    trainer = prepared(
        {"model": "mlp", "tricks": [trick]}, dataset=rows(), extra={"unlabelled": rows(47).inputs}
    ).trainer
    context = StepContext(trainer.training, 0, 0, stream="fixmatch")
    rng = np.random.default_rng(0)
    weak, strong = (torch.tensor(rng.normal(size=(5 * ratio, 7)), dtype=torch.float32) * 3 for _ in range(2))
    batch = trainer.training.examples.batch(torch.arange(5)).replace(aux={WEAK: weak, STRONG: strong})
    found = trick.edit_loss(torch.arange(5.0), batch, torch.zeros(5, 3), {}, context)
    with torch.no_grad():
        answers, asked = trainer.network(weak).softmax(1).numpy(), trainer.network(strong).log_softmax(1).numpy()
    for row in range(5):
        block = range(row * ratio, (row + 1) * ratio)
        extra = [-asked[i][answers[i].argmax()] * (answers[i].max() >= 0.4) for i in block]
        assert float(found[row].detach()) == pytest.approx(row + 0.5 * np.mean(extra), rel=1e-4)
    assert found.requires_grad


def test_only_what_is_sure_counts():
    weak = torch.tensor([[0.0, 5.0, 0.0], [0.1, 0.0, 0.0]])
    torch.testing.assert_close(consistency(torch.zeros(2, 3), weak, 0.9), torch.tensor([1.0986123, 0.0]))


@pytest.mark.parametrize("name", ["fixmatch", "mean-teacher"])
def test_a_table_of_words_is_refused(name):
    tokens = Dataset("tokens", np.arange(66, dtype=np.float32).reshape(33, 2) % 9, np.arange(33) % 3, ("a", "b", "c"))
    embedding = {"name": "embedding", "tokens": 9, "width": 4}
    model = {"name": "sequential", "layers": [embedding, {"name": "flatten"}, {"name": "linear"}]}
    with pytest.raises(BadInput) as caught:
        prepared({"model": model, "tricks": [name]}, dataset=tokens, extra={"unlabelled": tokens.inputs})
    assert caught.value.problems == (
        f"tricks.{name} changes numbers a little, but the network looks its inputs up in a table; "
        "take the trick out, or label with --pseudo-labels",
    )
