"""Embedding of numbers that come as floats."""

import pytest
import torch
import torch.nn.functional as F

from luthier.core.errors import BadInput
from luthier.core.rng import generator
from luthier.models.initialisers import INITIALISERS, HeNormal, initialise_
from luthier.models.modules import Rows, SparseLinear, TokenEmbedding, WordsAndColumns


def test_floats_that_hold_whole_numbers_are_numbers():
    layer = TokenEmbedding(30_000, 2)
    assert torch.equal(layer(torch.tensor([[29_999.0, 16_777.0]]))[0], layer.weight[[29_999, 16_777]])


@pytest.mark.parametrize(
    ("number", "shown"), [(-1.0, "-1"), (5.0, "5"), (0.5, "0.5"), (torch.nan, "nan"), (1e9, "1e+09")]
)
def test_what_is_no_token_is_refused(number, shown):
    with pytest.raises(BadInput) as caught:
        TokenEmbedding(5, 2)(torch.tensor([[0.0, 4.0, number]]))
    assert str(caught.value) == (
        f"tokens must be whole numbers from 0 to 4, but 1 are not, such as {shown}; "
        "mend them or raise the number of tokens"
    )


def test_the_layout_in_memory_plays_no_part():
    x = torch.arange(210.0).view(2, 3, 5, 7)
    assert torch.equal(Rows()(x.to(memory_format=torch.channels_last)), Rows()(x))
    assert Rows()(x)[1, 2, 8].item() == x[1, 1, 2, 1].item()


def made(inputs, units, fan_in, seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return SparseLinear(inputs, units, fan_in)


def dense(layer):
    """Weights (U, F), put in place one by one."""
    weights = torch.zeros(len(layer.weight), layer.inputs)
    for unit, sources in enumerate(layer.sources.tolist()):
        for number, source in enumerate(sources):
            weights[unit, source] = layer.weight[unit, number].detach()
    return weights


def test_it_is_the_dense_layer_without_the_other_weights():
    layer, x = made(7, 5, 3), torch.randn(2, 4, 7, generator=generator(0, "x"))
    torch.testing.assert_close(layer(x), F.linear(x, dense(layer), layer.bias))


def test_only_connections_have_weights_and_gradients():
    layer, x = made(7, 5, 3), torch.randn(2, 7, generator=generator(0, "x"))
    layer(x).sum().backward()
    assert layer.weight.shape == (5, 3)
    torch.testing.assert_close(layer.weight.grad, x.sum(0)[layer.sources])


def test_a_unit_sees_different_inputs_and_units_differ():
    layer = made(50, 20, 8)
    assert all(len(set(row)) == 8 for row in layer.sources.tolist())
    assert len({tuple(sorted(row)) for row in layer.sources.tolist()}) == 20
    assert made(3, 2, 3).sources.sort(1).values.tolist() == [[0, 1, 2]] * 2


def test_the_connections_follow_from_the_seed_and_are_saved():
    layer, again, other = made(50, 20, 8), made(50, 20, 8), made(50, 20, 8, seed=1)
    assert torch.equal(layer.sources, again.sources) and not torch.equal(layer.sources, other.sources)
    other.load_state_dict(layer.state_dict())
    x = torch.ones(1, 50)
    assert torch.equal(layer(x), other(x))


def test_fans_are_counted_by_hand():
    layer = made(7, 5, 3)
    fans = layer.fans()
    assert fans["weight"][0].eq(3).all() and fans["bias"][0] == 3
    for unit, sources in enumerate(layer.sources.tolist()):
        for number, source in enumerate(sources):
            assert fans["weight"][1][unit, number] == sum(source in row for row in layer.sources.tolist())


@pytest.mark.parametrize("member", list(INITIALISERS), ids=lambda member: member.name)
def test_every_initialiser_knows_what_to_do(member):
    layer = made(11, 7, 3)
    initialise_(layer, member(), seed=3)
    assert layer.weight.isfinite().all()


def test_an_initialiser_scales_by_the_connections():
    layer = made(400, 500, 8)
    initialise_(layer, HeNormal(), seed=3)
    assert abs(layer.weight.std().item() / (2 / 8) ** 0.5 - 1) < 0.04  # 3.5 standard errors of 4000 draws
    assert layer.bias.eq(0).all()


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
