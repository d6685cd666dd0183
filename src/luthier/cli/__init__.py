"""The command line: one verb, one job, one file each. Nothing here imports torch before a command runs."""

from luthier.cli.app import main

__all__ = ["main"]
