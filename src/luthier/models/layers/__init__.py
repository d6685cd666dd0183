"""Layers that a recipe may list one by one, one file each."""

from typing import Annotated

from luthier.core.declare import Registry
from luthier.models.layers.convolution import Convolution, DepthwiseConvolution, TableConvolution
from luthier.models.layers.dropout import Dropout, SpatialDropout
from luthier.models.layers.layer import Layer
from luthier.models.layers.linear import ActivationLayer, Embedding, Flatten, Linear, SparseLinear
from luthier.models.layers.normalisation import BatchNorm, GroupNorm, LayerNorm, LocalResponseNorm
from luthier.models.layers.pooling import AveragePool, GlobalAveragePool, MaxPool, Subsampling
from luthier.models.layers.recurrent import GRU, LSTM, RNN, RowsOfPixels

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
