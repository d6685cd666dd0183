"""Lets `python -m luthier` be `luthier`."""

from luthier.cli import main

main()
