"""Test batteries that any part can be sent through, the catalogue's and a user's own.

Each takes the part as an object and raises AssertionError with what is wrong:

>>> from luthier.optim.schedules import Cosine
>>> check_schedule(Cosine())
"""

from luthier.testing.activation import check_activation
from luthier.testing.architecture import check_architecture
from luthier.testing.augmentation import check_augmentation
from luthier.testing.initialiser import check_initialiser
from luthier.testing.layer import check_layer
from luthier.testing.loss import check_loss
from luthier.testing.optimizer import check_optimizer
from luthier.testing.part import check_part
from luthier.testing.sampler import check_sampler
from luthier.testing.schedule import check_schedule
from luthier.testing.splitter import check_splitter
from luthier.testing.trick import check_trick

__all__ = [
    "check_activation",
    "check_architecture",
    "check_augmentation",
    "check_initialiser",
    "check_layer",
    "check_loss",
    "check_optimizer",
    "check_part",
    "check_sampler",
    "check_schedule",
    "check_splitter",
    "check_trick",
]
