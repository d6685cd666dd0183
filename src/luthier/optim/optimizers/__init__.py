"""How gradients become updates, one file per optimizer; PyTorch's own, fused."""

from luthier.core.declare import Family
from luthier.optim.optimizers.adamw import AdamW
from luthier.optim.optimizers.momentum import Momentum
from luthier.optim.optimizers.optimizer import Optimizer
from luthier.optim.optimizers.sgd import SGD

OPTIMIZERS = Family("optimizer", Optimizer, (AdamW, Momentum, SGD))

__all__ = ["OPTIMIZERS", "SGD", "AdamW", "Momentum", "Optimizer"]
