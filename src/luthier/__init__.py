"""Luthier builds, tunes and proves neural networks.

>>> import luthier
>>> sorted(luthier.__all__)
['BadInput', 'LuthierClassifier', 'LuthierRegressor', 'Run', 'find_learning_rate', 'load', 'resume', 'train', 'tune']
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from luthier.api import load, resume, train
    from luthier.core.errors import BadInput
    from luthier.run import Run
    from luthier.sklearn.estimators import LuthierClassifier, LuthierRegressor
    from luthier.study.tune import tune
    from luthier.study.tune.learning_rate_finder import find_learning_rate


_HOMES = {
    "BadInput": "luthier.core.errors",
    "LuthierClassifier": "luthier.sklearn.estimators",
    "LuthierRegressor": "luthier.sklearn.estimators",
    "Run": "luthier.run",
    "find_learning_rate": "luthier.study.tune.learning_rate_finder",
    "load": "luthier.api",
    "resume": "luthier.api",
    "train": "luthier.api",
    "tune": "luthier.study.tune",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import luthier` stays free of torch."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'luthier' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)


__all__ = [
    "BadInput",
    "LuthierClassifier",
    "LuthierRegressor",
    "Run",
    "find_learning_rate",
    "load",
    "resume",
    "train",
    "tune",
]
