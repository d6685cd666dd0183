"""How weights start, one file per initialiser."""

from luthier.core.declare import Registry
from luthier.models.initialisers.initialiser import Initialiser, initialise_
from luthier.models.initialisers.orthogonal import LSUV, Orthogonal
from luthier.models.initialisers.output import find_output_layer, scale_output_, start_at_frequencies_
from luthier.models.initialisers.pca import PCA
from luthier.models.initialisers.random import (
    Constant,
    HeNormal,
    HeUniform,
    LeCun1998,
    LeCunNormal,
    LeCunUniform,
    Normal,
    TruncatedNormal,
    Uniform,
    XavierNormal,
    XavierUniform,
    Zeros,
)

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
    "find_output_layer",
    "initialise_",
    "scale_output_",
    "start_at_frequencies_",
]
