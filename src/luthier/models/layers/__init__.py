"""Layers that a recipe may list one by one, one file each."""

from typing import Annotated

from luthier.core.declare import Registry
from luthier.models.layers.activation import ActivationLayer
from luthier.models.layers.average_pool import AveragePool
from luthier.models.layers.batch_norm import BatchNorm
from luthier.models.layers.convolution import Convolution
from luthier.models.layers.depthwise_convolution import DepthwiseConvolution
from luthier.models.layers.dropout import Dropout
from luthier.models.layers.embedding import Embedding
from luthier.models.layers.flatten import Flatten
from luthier.models.layers.global_average_pool import GlobalAveragePool
from luthier.models.layers.group_norm import GroupNorm
from luthier.models.layers.gru import GRU
from luthier.models.layers.layer import Layer
from luthier.models.layers.layer_norm import LayerNorm
from luthier.models.layers.linear import Linear
from luthier.models.layers.local_response_norm import LocalResponseNorm
from luthier.models.layers.lstm import LSTM
from luthier.models.layers.max_pool import MaxPool
from luthier.models.layers.rnn import RNN
from luthier.models.layers.rows import RowsOfPixels
from luthier.models.layers.sparse_linear import SparseLinear
from luthier.models.layers.spatial_dropout import SpatialDropout
from luthier.models.layers.subsampling import Subsampling
from luthier.models.layers.table_convolution import TableConvolution

LAYERS = Registry(
    "layer",
    Layer,
    (
        ActivationLayer,
        AveragePool,
        BatchNorm,
        Convolution,
        DepthwiseConvolution,
        Dropout,
        Embedding,
        Flatten,
        GlobalAveragePool,
        GroupNorm,
        GRU,
        LayerNorm,
        Linear,
        LocalResponseNorm,
        LSTM,
        MaxPool,
        RNN,
        RowsOfPixels,
        SparseLinear,
        SpatialDropout,
        Subsampling,
        TableConvolution,
    ),
)

LayerField = Annotated[Layer, LAYERS]
"""The type of a hyperparameter that is a layer."""

__all__ = [
    "GRU",
    "LAYERS",
    "LSTM",
    "RNN",
    "ActivationLayer",
    "AveragePool",
    "BatchNorm",
    "Convolution",
    "DepthwiseConvolution",
    "Dropout",
    "Embedding",
    "Flatten",
    "GlobalAveragePool",
    "GroupNorm",
    "Layer",
    "LayerField",
    "LayerNorm",
    "Linear",
    "LocalResponseNorm",
    "MaxPool",
    "RowsOfPixels",
    "SparseLinear",
    "SpatialDropout",
    "Subsampling",
    "TableConvolution",
]
