"""What training makes small, one file per loss."""

from luthier.core.declare import Registry
from luthier.models.losses.bce import BCE
from luthier.models.losses.brier import Brier
from luthier.models.losses.cross_entropy import CrossEntropy
from luthier.models.losses.focal import Focal
from luthier.models.losses.generalised_cross_entropy import GeneralisedCrossEntropy
from luthier.models.losses.hinge import Hinge
from luthier.models.losses.huber import Huber
from luthier.models.losses.loss import Loss
from luthier.models.losses.map_1998 import Map1998
from luthier.models.losses.mse import MSE
from luthier.models.losses.standardised import Standardised

LOSSES = Registry("loss", Loss, (BCE, Brier, CrossEntropy, Focal, GeneralisedCrossEntropy, Hinge, Huber, Map1998, MSE))

__all__ = [
    "BCE",
    "LOSSES",
    "MSE",
    "Brier",
    "CrossEntropy",
    "Focal",
    "GeneralisedCrossEntropy",
    "Hinge",
    "Huber",
    "Loss",
    "Map1998",
    "Standardised",
]
