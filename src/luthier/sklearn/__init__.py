"""Estimators that follow scikit-learn."""

from luthier.sklearn.estimators import LuthierClassifier, LuthierRegressor

__all__ = ["LuthierClassifier", "LuthierRegressor"]
