"""The run directory: what one recipe leaves behind, how it is written, how it is read."""

from luthier.run.paths import Paths, unused
from luthier.run.read import Run, stored_recipe
from luthier.run.write import begin, check_unused, practise, proceed

__all__ = ["Paths", "Run", "begin", "check_unused", "practise", "proceed", "stored_recipe", "unused"]
