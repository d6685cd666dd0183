"""Label smoothing, confidence penalty and CutMix against their formulas, example by example."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from luthier.core.batch import Batch
from luthier.core.rng import generator
from luthier.testing.training import prepared, start_training
from luthier.training.trick import StepContext
from luthier.training.tricks import ConfidencePenalty, CutMix, LabelSmoothing
from luthier.training.tricks.confidence_penalty import entropy
from luthier.training.tricks.cutmix import Cut, cut_batch, draw_cut

from ...contracts.toys.spy import Spy


def seen(*tricks):
    spy = Spy()
    done = start_training(lambda: prepared({"tricks": [spy, *tricks]}).trainer).advance()
    return done, spy.passes


def test_label_smoothing_is_pytorchs():
    _, plain = seen()
    _, found = seen(LabelSmoothing(share=0.3))
    for before, after in zip(plain, found, strict=True):
        expected = torch.where(before.batch.target == 1, 0.7 + 0.1, 0.1)
        torch.testing.assert_close(after.batch.target, expected)
        assert torch.equal(after.batch.label, before.batch.label)
        loss = torch.nn.functional.cross_entropy(after.logits, after.batch.label, label_smoothing=0.3, reduction="none")
        torch.testing.assert_close(after.losses, loss)


def test_confidence_penalty_by_its_formula():
    _, found = seen(ConfidencePenalty(strength=0.4))
    for one in found:
        p = one.logits.double().softmax(1).numpy()
        plain = -np.log(p[np.arange(len(p)), one.batch.label.numpy()])
        np.testing.assert_allclose(one.losses.numpy(), plain - 0.4 * stats.entropy(p, axis=1), rtol=1e-5, atol=1e-6)


def test_entropy_has_a_gradient_where_an_answer_is_certain():
    logits = torch.tensor([[200.0, 0.0, -200.0], [1.0, 0.5, 0.0]], requires_grad=True)
    entropy(logits).sum().backward()
    assert bool(logits.grad.isfinite().all()) and float(entropy(logits.detach())[0]) == 0


def random_batch():
    rng = generator(0, "cutmix")
    target = torch.rand(5, 4, generator=rng).softmax(1)
    return Batch(torch.rand(5, 3, 7, 11, generator=rng), target, torch.arange(5) % 4, torch.ones(5), torch.arange(5))


def test_cutmix_by_hand():
    """Boxes of 2 x 3, of nothing, of all, at a corner, of one row."""
    cut = Cut(*torch.tensor([[1, 3, 0, 5, 2], [3, 3, 7, 7, 3], [4, 5, 0, 9, 0], [7, 5, 11, 11, 11], [1, 2, 3, 4, 0]]))
    batch, areas = random_batch(), [6, 0, 77, 4, 11]
    found = cut_batch(batch, cut)
    for k, area in enumerate(areas):
        picture = batch.inputs[k].numpy().copy()
        rows, columns = slice(int(cut.top[k]), int(cut.bottom[k])), slice(int(cut.left[k]), int(cut.right[k]))
        picture[:, rows, columns] = batch.inputs[(k + 1) % 5].numpy()[:, rows, columns]
        assert np.array_equal(found.inputs[k].numpy(), picture)
        kept = 1 - area / 77
        expected = kept * batch.target[k] + (1 - kept) * batch.target[(k + 1) % 5]
        torch.testing.assert_close(found.target[k], expected, rtol=0, atol=1e-6)
    assert found.label is batch.label and found.index is batch.index


@pytest.mark.parametrize("alpha", [0.5, 1.0])
def test_boxes_are_drawn_as_published(alpha):
    """Sides in proportion to the root of 1 - Beta, in whole pixels, the centre anywhere; a share is left alone."""
    done, _ = seen()
    context = StepContext(done.trainer.training, 0, 0, stream="cutmix")
    cut = draw_cut((20000, 400, 600), alpha, 0.25, context)
    height, width = cut.bottom - cut.top, cut.right - cut.left
    assert bool((cut.top >= 0).all() & (cut.bottom <= 400).all() & (cut.left >= 0).all() & (cut.right <= 600).all())
    assert float((height * width > 0).float().mean()) == pytest.approx(0.25, abs=0.02)
    whole = (height > 0) & (cut.top > 0) & (cut.bottom < 400) & (cut.left > 0) & (cut.right < 600)
    torch.testing.assert_close(height[whole] / 400, width[whole] / 600, rtol=0, atol=0.01)
    middle = draw_cut((20000, 2, 100000), alpha, 1.0, context)
    free = (middle.left > 0) & (middle.right < 100000)
    centre = ((middle.left + middle.right) / 2)[free] / 100000
    assert float(centre.mean()) == pytest.approx(0.5, abs=0.02)
    sides = ((cut.bottom - cut.top)[(cut.top > 0) & (cut.bottom < 400) & (height > 0)] / 400).max()
    assert 0.5 < float(sides) < 1


def test_cutmix_of_a_batch_mixes_targets_by_what_is_seen():
    _, plain = seen()
    _, found = seen(CutMix(share=1.0))
    spread = 0
    for before, after in zip(plain, found, strict=True):
        torch.testing.assert_close(after.batch.target.sum(1), torch.ones(len(after.batch)))
        same = (after.batch.inputs == before.batch.inputs).flatten(1).float().mean(1)
        own = (after.batch.target * before.batch.target).sum(1)
        assert bool((own >= same - 0.5).all()) and math.isfinite(float(after.losses.sum()))
        spread += int((own < 1).sum())
    assert spread > 30
