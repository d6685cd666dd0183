"""Modules that PyTorch does not have, one file each."""

from luthier.models.modules.embedding import Rows, SparseLinear, TokenEmbedding, WordsAndColumns, check_tokens
from luthier.models.modules.lenet_1998 import EuclideanRBF, ScaledTanh, TableConv2d, TrainableSubsampling
from luthier.models.modules.recurrent import LastState, Recurrent, to_sequences
from luthier.models.modules.residual import PaddedShortcut, Parallel, Residual, StochasticDepth
from luthier.models.modules.standardise import (
    Rescale,
    Standardise,
    StandardiseSequences,
    StandardiseText,
    make_blank_layer,
    make_first_layer,
)

__all__ = [
    "EuclideanRBF",
    "LastState",
    "PaddedShortcut",
    "Parallel",
    "Recurrent",
    "Rescale",
    "Residual",
    "Rows",
    "ScaledTanh",
    "SparseLinear",
    "Standardise",
    "StandardiseSequences",
    "StandardiseText",
    "StochasticDepth",
    "TableConv2d",
    "TokenEmbedding",
    "TrainableSubsampling",
    "WordsAndColumns",
    "check_tokens",
    "make_blank_layer",
    "make_first_layer",
    "to_sequences",
]
