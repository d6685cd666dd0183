"""Search of hyperparameters that can be believed: `tune` asks, searches, races and judges."""

from luthier.tune.asked import Asked
from luthier.tune.batch_size import find_batch_size
from luthier.tune.plan import KIND
from luthier.tune.tune import resume_tune, tune

__all__ = ["KIND", "Asked", "find_batch_size", "resume_tune", "tune"]
