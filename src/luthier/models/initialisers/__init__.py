"""How weights start, one file per initialiser."""

from luthier.core.declare import Family
from luthier.models.initialisers.he_normal import HeNormal
from luthier.models.initialisers.initialiser import Initialiser, initialise_
from luthier.models.initialisers.lecun_1998 import LeCun1998

INITIALISERS = Family("initialiser", Initialiser, (HeNormal, LeCun1998))

__all__ = ["INITIALISERS", "HeNormal", "Initialiser", "LeCun1998", "initialise_"]
