"""What a user asks of a search or of the rate finder, declared once: checks, messages and flags come from here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from luthier.core.options import Options, PoolOptions, flag, option

SamplerName = Literal["gp", "quasi-random", "random", "tpe"]
PrunerName = Literal["asha", "hyperband", "none"]
CostName = Literal["flops", "latency", "parameters"]
OF_A_SEARCH = ("space", "trials", "sampler", "pruner", "cost")
"""What --lr-only decides itself."""
FEWEST_STEPS = 20
"""Of the rate finder: fewer make no curve."""


@dataclass(frozen=True)
class PlannedOptions(Options):
    """Options that decide the trials and the runs after them; the file of the study keeps them. None is chosen."""

    trials: int | None = option(
        None,
        at_least=2,
        at_most=100_000,
        description="trials of the search; by default 24, or as many as the minutes allow",
    )
    minutes: float | None = option(None, above=0, description="time for everything, the runs after the search too")
    sampler: SamplerName | None = option(
        None, description="what proposes values, by default tpe; a third of the trials is quasi-random anyway"
    )
    pruner: PrunerName | None = option(
        None, description="how early bad trials stop; by default asha, and none where there is a second objective"
    )
    top: int = option(5, at_least=1, at_most=1000, description="how many of the best trials race")
    race_seeds: int = option(3, at_least=0, at_most=1000, description="seeds under which the best trials race")
    fresh_seeds: int = option(
        6, at_least=0, at_most=1000, description="seeds under which the winner meets the default; 0 for none"
    )


@dataclass(frozen=True)
class TuneOptions(PlannedOptions, PoolOptions):
    """All that `luthier.tune` is asked beside the recipe and the data. None is chosen."""

    space: Path | str | Mapping[str, Any] | None = option(
        None, metavar="F.toml", description="what is searched, a TOML file; by default six settings of the recipe"
    )
    cost: CostName | None = option(None, description="a second objective; the latency is in milliseconds")
    lr_only: bool = option(False, description="try only learning rates, around what find-lr suggests")

    def conflicts(self) -> Iterator[str]:
        if self.fresh_seeds == 1:
            yield "--fresh-seeds must be 0 or at least 2, as one pair has no interval, but got 1; 6 are usual"
        if self.cost and self.pruner not in (None, "none"):
            yield (
                f"--cost asks for two objectives, by which trials cannot be stopped early, but got --pruner "
                f"{self.pruner}; leave it out"
            )
        for name in OF_A_SEARCH if self.lr_only else ():
            if getattr(self, name) is not None:
                yield (
                    f"--lr-only tries nothing but learning rates around the finder's, but got {flag(name)} "
                    f"{getattr(self, name)}; leave out one of the two"
                )


@dataclass(frozen=True)
class RateOptions(Options):
    """What the learning-rate finder is asked."""

    low: float = option(1e-6, above=0, description="first rate, at which the loss hardly moves")
    high: float = option(10.0, above=0, description="last rate, unless the loss bursts before")
    steps: int = option(
        200, at_least=FEWEST_STEPS, at_most=100_000, description="training steps; few make a rough curve"
    )

    def conflicts(self) -> Iterator[str]:
        if self.low >= self.high:
            yield f"--high must be above --low, but got {self.low:g} to {self.high:g}; rates rise"
