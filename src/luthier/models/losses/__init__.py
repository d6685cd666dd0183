"""What training makes small, one file per loss."""

from luthier.core.declare import Family
from luthier.models.losses.cross_entropy import CrossEntropy
from luthier.models.losses.loss import Loss
from luthier.models.losses.map_1998 import Map1998

LOSSES = Family("loss", Loss, (CrossEntropy, Map1998))

__all__ = ["LOSSES", "CrossEntropy", "Loss", "Map1998"]
