"""What may be added to a recipe or taken out of it without changing the task, one file per trick."""

from luthier.core.declare import Family
from luthier.tricks.early_stopping import EarlyStopping
from luthier.tricks.moment import Moment, Training
from luthier.tricks.order import conflicts, ordered
from luthier.tricks.trick import Backward, Memory, Outcome, Report, Setup, Trick

TRICKS = Family("trick", Trick, (EarlyStopping,))

__all__ = [
    "TRICKS",
    "Backward",
    "EarlyStopping",
    "Memory",
    "Moment",
    "Outcome",
    "Report",
    "Setup",
    "Training",
    "Trick",
    "conflicts",
    "ordered",
]
