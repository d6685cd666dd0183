"""How gradients become updates, one file per optimizer; PyTorch's own where it has them, fused where that is right."""

from luthier.core.declare import Registry
from luthier.optim.optimizers.adam import Adam, AdamW, NAdam, RAdam
from luthier.optim.optimizers.lion import Lion
from luthier.optim.optimizers.muon import Muon
from luthier.optim.optimizers.optimizer import Optimizer
from luthier.optim.optimizers.rmsprop import Adagrad, RMSprop
from luthier.optim.optimizers.sgd import SGD, Momentum, Nesterov

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
