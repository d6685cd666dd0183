"""Modules that PyTorch does not have, one file each."""

from luthier.models.modules.rbf import EuclideanRBF
from luthier.models.modules.rescale import Rescale
from luthier.models.modules.scaled_tanh import ScaledTanh
from luthier.models.modules.standardise import Standardise
from luthier.models.modules.subsampling import TrainableSubsampling
from luthier.models.modules.table_conv import TableConv2d

__all__ = ["EuclideanRBF", "Rescale", "ScaledTanh", "Standardise", "TableConv2d", "TrainableSubsampling"]
