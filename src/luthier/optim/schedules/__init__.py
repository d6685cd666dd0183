"""How the learning rate moves, one file per schedule."""

from luthier.core.declare import Family
from luthier.optim.schedules.constant import Constant
from luthier.optim.schedules.cosine import Cosine
from luthier.optim.schedules.one_cycle import OneCycle
from luthier.optim.schedules.schedule import Schedule

SCHEDULES = Family("schedule", Schedule, (Constant, Cosine, OneCycle))

__all__ = ["SCHEDULES", "Constant", "Cosine", "OneCycle", "Schedule"]
