"""Luthier builds, tunes and proves neural networks.

>>> import luthier
>>> sorted(luthier.__all__)
['BadInput', 'LuthierClassifier', 'LuthierRegressor', 'Run', 'find_learning_rate', 'load', 'resume', 'train', 'tune']
"""

from typing import TYPE_CHECKING

from luthier.core.lazy import lazy_face

if TYPE_CHECKING:
    from luthier.api import load, resume, train
    from luthier.core.errors import BadInput
    from luthier.run import Run
    from luthier.sklearn import LuthierClassifier, LuthierRegressor
    from luthier.study.tune import find_learning_rate, tune

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

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "BadInput": "luthier.core.errors",
        "LuthierClassifier": "luthier.sklearn",
        "LuthierRegressor": "luthier.sklearn",
        "Run": "luthier.run",
        "find_learning_rate": "luthier.study.tune",
        "load": "luthier.api",
        "resume": "luthier.api",
        "train": "luthier.api",
        "tune": "luthier.study.tune",
    },
)
