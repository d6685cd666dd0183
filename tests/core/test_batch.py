"""Rows of a batch take with them what they own of each extra stream."""

import pytest
import torch

from luthier.core.batch import Batch

B, C, H, W, K = 5, 3, 7, 11, 13


@pytest.fixture
def batch():
    rng = torch.Generator().manual_seed(0)
    return Batch(
        inputs=torch.rand(B, C, H, W, generator=rng),
        target=torch.rand(B, K, generator=rng),
        label=torch.tensor([4, 0, 12, 7, 1]),
        weight=torch.rand(B, generator=rng),
        index=torch.tensor([90, 31, 7, 55, 2]),
        aux={"unlabelled": torch.rand(2 * B, C, H, W, generator=rng), "teacher": torch.rand(B, K, generator=rng)},
    )


def test_length_is_the_number_of_examples(batch):
    assert len(batch) == B


def test_rows_take_each_field_and_whole_blocks_of_the_streams(batch):
    part = batch.rows(1, 4)
    assert len(part) == 3
    for name in ("inputs", "target", "label", "weight", "index"):
        torch.testing.assert_close(getattr(part, name), getattr(batch, name)[1:4], rtol=0, atol=0)
    torch.testing.assert_close(part.aux["unlabelled"], batch.aux["unlabelled"][2:8], rtol=0, atol=0)
    torch.testing.assert_close(part.aux["teacher"], batch.aux["teacher"][1:4], rtol=0, atol=0)
    assert list(part.aux) == ["unlabelled", "teacher"]


def test_rows_of_an_input_of_several_tensors(batch):
    numeric, words = torch.rand(B, K), torch.arange(B * W).view(B, W)
    part = batch.replace(inputs={"numeric": numeric, "words": words}).rows(3, 5)
    assert part.inputs.keys() == {"numeric", "words"}
    torch.testing.assert_close(part.inputs["numeric"], numeric[3:])
    torch.testing.assert_close(part.inputs["words"], words[3:])


def test_the_parts_of_a_batch_make_it_up_again(batch):
    parts = [batch.rows(0, 2), batch.rows(2, 5)]
    assert torch.cat([part.index for part in parts]).tolist() == batch.index.tolist()
    together = torch.cat([part.aux["unlabelled"] for part in parts])
    torch.testing.assert_close(together, batch.aux["unlabelled"], rtol=0, atol=0)


def test_replace_makes_another_batch(batch):
    weight = torch.full((B,), 2.0)
    changed = batch.replace(weight=weight)
    assert changed.weight is weight
    assert changed.inputs is batch.inputs
    assert batch.weight is not weight
    with pytest.raises(AttributeError):
        batch.weight = weight
