"""Search of hyperparameters that can be believed: `tune` asks, searches, races and judges."""

from typing import TYPE_CHECKING

from luthier.core.lazy import lazy_face

if TYPE_CHECKING:
    from luthier.study.tune.api import resume_tune, tune
    from luthier.study.tune.batch_size import find_batch_size
    from luthier.study.tune.learning_rate_finder import find_learning_rate
    from luthier.study.tune.options import TuneOptions
    from luthier.study.tune.stages import KIND

__all__ = ["KIND", "TuneOptions", "find_batch_size", "find_learning_rate", "resume_tune", "tune"]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "TuneOptions": "luthier.study.tune.options",
        "KIND": "luthier.study.tune.stages",
        "find_batch_size": "luthier.study.tune.batch_size",
        "find_learning_rate": "luthier.study.tune.learning_rate_finder",
        "resume_tune": "luthier.study.tune.api",
        "tune": "luthier.study.tune.api",
    },
)
