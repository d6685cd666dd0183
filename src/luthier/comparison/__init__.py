"""Two runs or studies beside each other: paired where they were tried on the same, else why not."""

from luthier.comparison.compare import compare

__all__ = ["compare"]
