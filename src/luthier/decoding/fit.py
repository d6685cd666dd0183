"""The ways in which a picture is brought to a square."""

from typing import Literal

Fit = Literal["resize", "pad", "crop"]
"""resize stretches both sides; pad shrinks and centres on zeros; crop fills the square and keeps the centre."""
