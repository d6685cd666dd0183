"""Search of hyperparameters that can be believed: `tune` asks, searches, races and judges."""

from luthier.tuning.asked import Asked
from luthier.tuning.batch_size import find_batch_size
from luthier.tuning.plan import KIND
from luthier.tuning.tune import resume_tune, tune

__all__ = ["KIND", "Asked", "find_batch_size", "resume_tune", "tune"]
