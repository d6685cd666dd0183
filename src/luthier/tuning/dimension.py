"""One searched setting: where it stands in a recipe, which values it may take, and when it is there at all."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import Trial

from luthier.recipe import with_value

EDGE = 0.05
"""Share of a range, as it is searched, that counts as its boundary."""


@dataclass(frozen=True)
class Dimension:
    """One searched setting.

    path: of the setting in the recipe; where there are scales, a name of its own.
    low, high: the range, both ends included; None where there are choices. log: whether tries spread evenly over
    orders of magnitude. step: distance of whole numbers from low; None is every number. whole: whether it takes whole
    numbers. choices: the values, where there is no range.
    only: it is there where the recipe has one of these values at each of these paths.
    scales: settings that get the value times a factor, by their paths; none where the path itself is set.
    says: what it does, in a sentence.
    """

    path: str
    low: float | None = None
    high: float | None = None
    log: bool = False
    step: int | None = None
    whole: bool = False
    choices: tuple[Any, ...] = ()
    only: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    scales: Mapping[str, float] = field(default_factory=dict)
    says: str = ""

    @property
    def distribution(self) -> BaseDistribution:
        """The same in Optuna's words."""
        if self.choices:
            return CategoricalDistribution(self.choices)
        low, high = self._ends
        if self.whole:
            return IntDistribution(int(low), int(high), log=self.log, step=self.step or 1)
        return FloatDistribution(low, high, log=self.log)

    @property
    def _ends(self) -> tuple[float, float]:
        assert self.low is not None and self.high is not None
        return self.low, self.high

    def ask(self, trial: Trial) -> Any:
        """Let Optuna propose a value."""
        if self.choices:
            return trial.suggest_categorical(self.path, self.choices)
        low, high = self._ends
        if self.whole:
            return trial.suggest_int(self.path, int(low), int(high), log=self.log, step=self.step or 1)
        return trial.suggest_float(self.path, low, high, log=self.log)

    def has(self, value: Any) -> bool:
        """Whether a value is one that may be tried.

        >>> Dimension("a", 1, 10).has(11), Dimension("a", choices=("x", "y")).has("x")
        (False, True)
        """
        if self.choices:
            return value in self.choices
        low, high = self._ends
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            return False
        return not self.whole or (isinstance(value, int) and (value - int(low)) % (self.step or 1) == 0)

    def at(self, share: float) -> Any:
        """The value at a share of the range, in [0, 1).

        >>> Dimension("rate", 0.001, 0.1, log=True).at(0.5)
        0.01
        """
        if self.choices:
            return self.choices[int(share * len(self.choices))]
        low, high = self._ends
        if self.whole:
            return self._whole_at(share, int(low), int(high))
        return min(high, max(low, _round(_between(low, high, share, self.log))))

    def _whole_at(self, share: float, low: int, high: int) -> int:
        step = self.step or 1
        if self.log:
            return min(high, max(low, round(_between(low - 0.5, high + 0.5, share, log=True))))
        return low + step * int(share * ((high - low) // step + 1))

    def place(self, value: Any) -> float:
        """The share of the range below a value, from 0 at low to 1 at high."""
        low, high = self._ends
        return float(math.log(value / low) / math.log(high / low) if self.log else (value - low) / (high - low))

    def edge(self, value: Any) -> str | None:
        """Which boundary of the range a value is at, low or high; None in its middle and where there are choices."""
        if self.choices:
            return None
        place = self.place(value)
        return "low" if place <= EDGE else "high" if place >= 1 - EDGE else None

    def set(self, values: Mapping[str, Any], value: Any) -> dict[str, Any]:
        """Put a value into the nested values of a recipe."""
        if not self.scales:
            return with_value(values, self.path, value)
        for path, factor in self.scales.items():
            values = with_value(values, path, value * factor)
        return dict(values)

    def dump(self) -> dict[str, Any]:
        """Plain values, from which `Dimension.of` makes it again."""
        found = asdict(self)
        return {**found, "choices": list(self.choices), "only": {key: list(one) for key, one in self.only.items()}}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Dimension":
        """Make a dimension from what `dump` gave."""
        only = {key: tuple(one) for key, one in values["only"].items()}
        return cls(**{**values, "choices": tuple(values["choices"]), "only": only})


def _between(low: float, high: float, share: float, log: bool) -> float:
    return float(low * (high / low) ** share) if log else low + (high - low) * share


def _round(value: float) -> float:
    """Six digits are more than a search can tell apart, and can be read."""
    return float(f"{value:.6g}")
