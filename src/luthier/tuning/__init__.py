"""Search of hyperparameters that can be believed: `tune` asks, searches, races and judges."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from luthier.tuning.api import resume_tune, tune
    from luthier.tuning.asked import TuneOptions
    from luthier.tuning.batch_size import find_batch_size
    from luthier.tuning.plan import KIND

__all__ = ["KIND", "TuneOptions", "find_batch_size", "resume_tune", "tune"]

_HOMES = {
    "KIND": "luthier.tuning.plan",
    "TuneOptions": "luthier.tuning.asked",
    "find_batch_size": "luthier.tuning.batch_size",
    "resume_tune": "luthier.tuning.api",
    "tune": "luthier.tuning.api",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: a worker, which imports its own module alone, starts the sooner."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'luthier.tuning' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
