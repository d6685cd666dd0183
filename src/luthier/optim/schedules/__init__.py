"""How the learning rate moves, one file per schedule."""

from luthier.core.declare import Registry
from luthier.optim.schedules.constant import Constant
from luthier.optim.schedules.cosine import Cosine
from luthier.optim.schedules.exponential import Exponential
from luthier.optim.schedules.multi_step import MultiStep
from luthier.optim.schedules.one_cycle import OneCycle
from luthier.optim.schedules.polynomial import Polynomial
from luthier.optim.schedules.reduce_on_plateau import ReduceOnPlateau
from luthier.optim.schedules.schedule import Schedule
from luthier.optim.schedules.step import Step
from luthier.optim.schedules.warm_restarts import WarmRestarts

SCHEDULES = Registry(
    "schedule",
    Schedule,
    (Constant, Cosine, Exponential, MultiStep, OneCycle, Polynomial, ReduceOnPlateau, Step, WarmRestarts),
)

__all__ = [
    "SCHEDULES",
    "Constant",
    "Cosine",
    "Exponential",
    "MultiStep",
    "OneCycle",
    "Polynomial",
    "ReduceOnPlateau",
    "Schedule",
    "Step",
    "WarmRestarts",
]
