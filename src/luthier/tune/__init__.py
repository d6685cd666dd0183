"""Search of hyperparameters that can be believed: `tune` asks, searches, races and judges."""

from luthier.tune.asked import Asked
from luthier.tune.plan import KIND
from luthier.tune.tune import resume_tune, tune

__all__ = ["KIND", "Asked", "resume_tune", "tune"]
