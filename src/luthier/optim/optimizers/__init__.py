"""How gradients become updates, one file per optimizer; PyTorch's own where it has them, fused where that is right."""

from luthier.core.declare import Registry
from luthier.optim.optimizers.adagrad import Adagrad
from luthier.optim.optimizers.adam import Adam
from luthier.optim.optimizers.adamw import AdamW
from luthier.optim.optimizers.lion import Lion
from luthier.optim.optimizers.momentum import Momentum
from luthier.optim.optimizers.muon import Muon
from luthier.optim.optimizers.nadam import NAdam
from luthier.optim.optimizers.nesterov import Nesterov
from luthier.optim.optimizers.optimizer import Optimizer
from luthier.optim.optimizers.radam import RAdam
from luthier.optim.optimizers.rmsprop import RMSprop
from luthier.optim.optimizers.sgd import SGD

OPTIMIZERS = Registry(
    "optimizer", Optimizer, (Adagrad, Adam, AdamW, Lion, Momentum, Muon, NAdam, Nesterov, RAdam, RMSprop, SGD)
)

__all__ = [
    "OPTIMIZERS",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Lion",
    "Momentum",
    "Muon",
    "NAdam",
    "Nesterov",
    "Optimizer",
    "RAdam",
    "RMSprop",
]
