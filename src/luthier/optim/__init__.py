"""Optimizers, schedules and parameter groups."""

from luthier.optim.groups import ParameterGroup, group_parameters
from luthier.optim.optimizers import OPTIMIZERS, Optimizer
from luthier.optim.schedules import SCHEDULES, Schedule

__all__ = ["OPTIMIZERS", "SCHEDULES", "Optimizer", "ParameterGroup", "Schedule", "group_parameters"]
