"""Modules that PyTorch does not have, one file each."""

from luthier.models.modules.parallel import Parallel
from luthier.models.modules.rbf import EuclideanRBF
from luthier.models.modules.residual import PaddedShortcut, Residual
from luthier.models.modules.scaled_tanh import ScaledTanh
from luthier.models.modules.standardise import Standardise
from luthier.models.modules.stochastic_depth import StochasticDepth
from luthier.models.modules.subsampling import TrainableSubsampling
from luthier.models.modules.table_conv import TableConv2d

__all__ = [
    "EuclideanRBF",
    "PaddedShortcut",
    "Parallel",
    "Residual",
    "ScaledTanh",
    "Standardise",
    "StochasticDepth",
    "TableConv2d",
    "TrainableSubsampling",
]
