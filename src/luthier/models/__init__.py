"""Networks: architectures, their layers, initialisers and losses."""

from luthier.core.declare import Family
from luthier.models.architecture import Architecture, Network, OwnModule, assemble
from luthier.models.lenet import LeNet5
from luthier.models.lenet_1998 import LeNet51998
from luthier.models.mlp import MLP

ARCHITECTURES = Family("architecture", Architecture, (LeNet5, LeNet51998, MLP))

__all__ = ["ARCHITECTURES", "MLP", "Architecture", "LeNet5", "LeNet51998", "Network", "OwnModule", "assemble"]
