"""LeNet-5 exactly as published: every count and every connection of the paper's section II.B."""

import pytest
import torch

from luthier.core.errors import BadInput
from luthier.models import LeNet51998
from luthier.models.modules.lenet_1998 import C3_TABLE

COUNTS = {"c1": 156, "s2": 12, "c3": 1516, "s4": 32, "c5": 48_120, "f6": 10_164}
SHAPES = {
    "c1": (6, 28, 28), "s2": (6, 14, 14), "c3": (16, 10, 10), "s4": (16, 5, 5), "c5": (120, 1, 1), "f6": (84,),
}  # fmt: skip
CONNECTIONS = {"c1": 122_304, "s2": 5880, "c3": 151_600, "s4": 2000, "c5": 48_120}


@pytest.fixture
def network():
    return LeNet51998().build((1, 32, 32), 10)


def test_parameters_of_each_layer(network):
    found = {name: sum(one.numel() for one in layer.parameters()) for name, layer in network.named_children()}
    assert {name: count for name, count in found.items() if count} == COUNTS
    assert sum(COUNTS.values()) == 60_000


@pytest.mark.parametrize("classes", [3, 10, 1000])
def test_classes_add_no_parameters(classes):
    network = LeNet51998().build((1, 32, 32), classes)
    assert sum(one.numel() for one in network.parameters()) == 60_000
    assert network(torch.zeros(2, 1, 32, 32)).shape == (2, classes)


def test_maps_of_each_layer(network):
    found = {}
    for name, layer in network.named_children():
        layer.register_forward_hook(lambda _, args, output, name=name: found.update({name: tuple(output.shape[1:])}))
    network(torch.zeros(1, 1, 32, 32))
    assert {name: found[name] for name in SHAPES} == SHAPES


def test_connections_as_the_paper_counts_them(network):
    """Units times what feeds each of them, its bias included."""
    c1, c3, c5 = (28 * 28 * COUNTS["c1"], 10 * 10 * COUNTS["c3"], COUNTS["c5"])
    s2, s4 = (6 * 14 * 14 * 5, 16 * 5 * 5 * 5)
    assert {"c1": c1, "s2": s2, "c3": c3, "s4": s4, "c5": c5} == CONNECTIONS


def contiguous(row):
    """Whether the maps follow one another around the circle of six."""
    return any(set(row) == {(first + k) % 6 for k in range(len(row))} for first in range(6))


def test_connection_table_as_published():
    groups = C3_TABLE[:6], C3_TABLE[6:12], C3_TABLE[12:15], C3_TABLE[15:]
    assert [{len(row) for row in group} for group in groups] == [{3}, {4}, {4}, {6}]
    assert [{contiguous(row) for row in group} for group in groups] == [{True}, {True}, {False}, {True}]
    assert len(C3_TABLE) == len(set(C3_TABLE)) == 16
    assert all(list(row) == sorted(set(row)) for row in C3_TABLE)


def test_columns_of_the_table():
    """Each map of S2 feeds ten maps of C3, as in Table I; the rows here are those of its columns 0 to 15."""
    assert [sum(column in row for row in C3_TABLE) for column in range(6)] == [10] * 6
    assert C3_TABLE[0] == (0, 1, 2)
    assert C3_TABLE[5] == (0, 1, 5)
    assert C3_TABLE[11] == (0, 1, 2, 5)
    assert C3_TABLE[12:] == ((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5), (0, 1, 2, 3, 4, 5))


def test_activations_after_every_layer_up_to_f6(network):
    kinds = [type(layer).__name__ for layer in network]
    weighted = ["Conv2d", "TrainableSubsampling", "TableConv2d", "TrainableSubsampling", "Conv2d", "Flatten", "Linear"]
    assert [kind for kind in kinds if kind != "ScaledTanh"] == [*weighted, "EuclideanRBF"]
    assert kinds.count("ScaledTanh") == 6


def test_other_sizes_are_refused():
    with pytest.raises(BadInput) as caught:
        LeNet51998().build((1, 28, 28), 10)
    assert str(caught.value) == (
        "lenet5-1998 needs pictures of 32x32 pixels, but an example has shape (1, 28, 28); set data.size = 32"
    )


def test_rows_are_refused():
    with pytest.raises(BadInput) as caught:
        LeNet51998().build((30,), 10)
    assert str(caught.value) == "lenet5-1998 needs pictures, but an example has shape (30,); use --model mlp for rows"
