"""Modules that PyTorch does not have, one file each."""

from luthier.models.modules.embedding import TokenEmbedding, check_tokens
from luthier.models.modules.first import blank, first_layer
from luthier.models.modules.parallel import Parallel
from luthier.models.modules.rbf import EuclideanRBF
from luthier.models.modules.recurrent import LastState, Recurrent
from luthier.models.modules.rescale import Rescale
from luthier.models.modules.residual import PaddedShortcut, Residual
from luthier.models.modules.rows import Rows
from luthier.models.modules.scaled_tanh import ScaledTanh
from luthier.models.modules.sequences import as_sequences
from luthier.models.modules.sparse_linear import SparseLinear
from luthier.models.modules.standardise import Standardise
from luthier.models.modules.standardise_sequences import StandardiseSequences
from luthier.models.modules.standardise_text import StandardiseText
from luthier.models.modules.stochastic_depth import StochasticDepth
from luthier.models.modules.subsampling import TrainableSubsampling
from luthier.models.modules.table_conv import TableConv2d
from luthier.models.modules.words_and_columns import WordsAndColumns

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
    "as_sequences",
    "blank",
    "check_tokens",
    "first_layer",
]
