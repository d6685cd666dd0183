"""Sparse connection: how it is declared; its arithmetic is tried in tests/models/modules/test_sparse_linear.py."""

from luthier.models.layers import SparseLinear


def test_it_stores_as_many_weights_as_it_has_connections():
    layer = SparseLinear(units=5, fan_in=3).build((7, 11))
    assert sum(one.numel() for one in layer.parameters()) == 5 * 3 + 5


def test_more_inputs_than_there_are_are_refused(refusal):
    assert refusal(SparseLinear(fan_in=8), (7,)) == (
        "sparse-linear.fan_in must be at most the 7 values that there are, but got 8; set fan_in = 7 or less"
    )
