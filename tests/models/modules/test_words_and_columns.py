"""Words and columns as one sequence."""

import torch

from luthier.models.modules import WordsAndColumns


def test_each_step_is_a_words_vector_with_the_columns_beside_it():
    layer = WordsAndColumns(11, 5)
    row = {
        "columns": torch.rand(2, 3),
        "tokens": torch.tensor([[4.0, 10, 0, 0], [1, 2, 3, 4]]),
        "length": torch.tensor([2, 4]),
    }
    found = layer(row)
    assert found["length"] is row["length"]
    for sequence, columns, tokens in zip(found["sequence"], row["columns"], row["tokens"], strict=True):
        for step, token in zip(sequence, tokens, strict=True):
            assert torch.equal(step, torch.cat((layer.embedding.weight[int(token)], columns)))
