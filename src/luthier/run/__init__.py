"""The run directory: what one recipe leaves behind, how it is written, how it is read."""

from luthier.run.directory import RunPaths, is_unused
from luthier.run.read import Run
from luthier.run.stored import read_stored_recipe
from luthier.run.write import begin, check_unused, proceed, train_epochs

__all__ = ["Run", "RunPaths", "begin", "check_unused", "is_unused", "proceed", "read_stored_recipe", "train_epochs"]
