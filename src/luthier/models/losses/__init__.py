"""What training makes small, one file per loss."""

from luthier.core.declare import Family
from luthier.models.losses.cross_entropy import CrossEntropy
from luthier.models.losses.loss import Loss
from luthier.models.losses.map_1998 import Map1998
from luthier.models.losses.mse import MSE
from luthier.models.losses.standardised import Standardised

LOSSES = Family("loss", Loss, (CrossEntropy, Map1998, MSE))

__all__ = ["LOSSES", "MSE", "CrossEntropy", "Loss", "Map1998", "Standardised"]
