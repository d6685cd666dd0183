"""Convolution with a table: how it is declared; its arithmetic is tried in tests/models/modules/test_table_conv.py."""

import pytest

from luthier.core.declare import read
from luthier.models.layers import TableConvolution


def test_the_default_is_c3():
    """60 kernels of 5x5 and 16 biases: LeCun, Bottou, Bengio and Haffner, 1998."""
    assert sum(one.numel() for one in TableConvolution().build((6, 14, 14)).parameters()) == 1516


def test_a_table_is_read_from_lists():
    problems = []
    layer = read(TableConvolution, {"table": [[0, 1], [2]], "kernel": 3}, "layer", problems)
    assert layer == TableConvolution(table=((0, 1), (2,)), kernel=3) and problems == []
    assert layer.build((3, 7, 9)).table == ((0, 1), (2,))


@pytest.mark.parametrize("table", [(), ((0, 1), ()), ((0, 0),)])
def test_each_output_map_needs_an_input_map_and_each_once(refusal, table):
    assert refusal(TableConvolution(table=table), (2, 7, 9)) == (
        "table-convolution.table must name at least one input map for each output map, and each only once, "
        f"but got {table}; write for example [[0, 1], [2]]"
    )


@pytest.mark.parametrize(
    ("table", "names"), [(((0, 1), (3,)), "0 to 3"), (((0, 1),), "0 to 1"), (((-1, 2),), "-1 to 2")]
)
def test_a_table_is_made_for_its_maps(refusal, table, names):
    last = int(names.split()[-1]) + 1
    assert refusal(TableConvolution(table=table), (3, 7, 9)) == (
        "table-convolution.table must name input maps from 0 to 2, the last included, but names "
        f"{names}; change the table, or the maps of the layer before to {last}"
    )


def test_what_does_not_fit_is_refused(refusal):
    assert refusal(TableConvolution(), (6, 4, 14)).startswith("table-convolution looks at 5x5 pixels, but gets 4x14")
