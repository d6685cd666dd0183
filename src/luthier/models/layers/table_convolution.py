"""Convolution with a connection table."""

from torch import nn

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.core.errors import BadInput
from luthier.models.layers.layer import Layer, Shape, check_fits, picture
from luthier.models.modules import TableConv2d
from luthier.models.modules.table_conv import C3_TABLE


class TableConvolution(Layer):
    """Convolve pictures (C, H, W), each output map seeing only the input maps that its row of a table names.

    >>> layer = TableConvolution(table=((0, 1), (2,)), kernel=5).build((3, 7, 9))
    >>> layer.weight.shape
    torch.Size([3, 5, 5])
    """

    name = "table-convolution"
    card = Card(
        summary="Convolution with a connection table: only the kernels of the connections exist.",
        source="LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998",
    )

    table: tuple[tuple[int, ...], ...] = hyperparameter(
        C3_TABLE, description="for each output map the numbers of its input maps, from 0; the default is C3 of LeNet-5"
    )
    kernel: int = hyperparameter(
        5, bounds=Range(1), search=Search(1, 7), description="side of the kernels; 1 mixes the maps only"
    )

    def build(self, shape: Shape) -> nn.Module:
        channels, *_ = picture(self.name, shape)
        named = {one for row in self.table for one in row}
        if not self.table or not all(self.table) or any(len(set(row)) < len(row) for row in self.table):
            raise BadInput(
                f"{self.name}.table must name at least one input map for each output map, and each only once, "
                f"but got {self.table}; write for example [[0, 1], [2]]"
            )
        if min(named) < 0 or max(named) + 1 != channels:
            raise BadInput(
                f"{self.name}.table must name input maps from 0 to {channels - 1}, the last included, but names "
                f"{min(named)} to {max(named)}; change the table, or the maps of the layer before to {max(named) + 1}"
            )
        check_fits(self.name, shape, self.kernel)
        return TableConv2d(self.table, self.kernel)
