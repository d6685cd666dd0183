"""Search of hyperparameters that can be believed: `tune` asks, searches, races and judges."""

from luthier.tune.asked import Asked
from luthier.tune.study import is_tuning
from luthier.tune.tune import resume_tune, tune

__all__ = ["Asked", "is_tuning", "resume_tune", "tune"]
