"""Layers that PyTorch does not have, one file each."""

from luthier.models.layers.rbf import EuclideanRBF
from luthier.models.layers.scaled_tanh import ScaledTanh
from luthier.models.layers.standardise import Standardise
from luthier.models.layers.subsampling import TrainableSubsampling
from luthier.models.layers.table_conv import TableConv2d

__all__ = ["EuclideanRBF", "ScaledTanh", "Standardise", "TableConv2d", "TrainableSubsampling"]
