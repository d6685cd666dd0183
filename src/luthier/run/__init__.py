"""The run directory: what one recipe leaves behind, how it is written, how it is read."""

from luthier.run.paths import Paths, unused
from luthier.run.read import Run, stored_recipe
from luthier.run.write import begin, check_unused, proceed, train_epochs

__all__ = ["Paths", "Run", "begin", "check_unused", "proceed", "stored_recipe", "train_epochs", "unused"]
