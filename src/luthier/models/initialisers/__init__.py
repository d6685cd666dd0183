"""How weights start, one file per initialiser."""

from luthier.core.declare import Registry
from luthier.models.initialisers.class_frequencies import start_at_frequencies_
from luthier.models.initialisers.constant import Constant
from luthier.models.initialisers.he_normal import HeNormal
from luthier.models.initialisers.he_uniform import HeUniform
from luthier.models.initialisers.initialiser import Initialiser, initialise_
from luthier.models.initialisers.lecun_1998 import LeCun1998
from luthier.models.initialisers.lecun_normal import LeCunNormal
from luthier.models.initialisers.lecun_uniform import LeCunUniform
from luthier.models.initialisers.lsuv import LSUV
from luthier.models.initialisers.normal import Normal
from luthier.models.initialisers.orthogonal import Orthogonal
from luthier.models.initialisers.output_layer import output_layer, scale_output_
from luthier.models.initialisers.pca import PCA
from luthier.models.initialisers.truncated_normal import TruncatedNormal
from luthier.models.initialisers.uniform import Uniform
from luthier.models.initialisers.xavier_normal import XavierNormal
from luthier.models.initialisers.xavier_uniform import XavierUniform
from luthier.models.initialisers.zeros import Zeros

INITIALISERS = Registry(
    "initialiser",
    Initialiser,
    (
        Constant,
        HeNormal,
        HeUniform,
        LeCun1998,
        LeCunNormal,
        LeCunUniform,
        LSUV,
        Normal,
        Orthogonal,
        PCA,
        TruncatedNormal,
        Uniform,
        XavierNormal,
        XavierUniform,
        Zeros,
    ),
)

__all__ = [
    "INITIALISERS",
    "LSUV",
    "PCA",
    "Constant",
    "HeNormal",
    "HeUniform",
    "Initialiser",
    "LeCun1998",
    "LeCunNormal",
    "LeCunUniform",
    "Normal",
    "Orthogonal",
    "TruncatedNormal",
    "Uniform",
    "XavierNormal",
    "XavierUniform",
    "Zeros",
    "initialise_",
    "output_layer",
    "scale_output_",
    "start_at_frequencies_",
]
