"""Search of hyperparameters that can be believed: `tune` asks, searches, races and judges."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from luthier.study.tune.api import resume_tune, tune
    from luthier.study.tune.batch_size import find_batch_size
    from luthier.study.tune.options import TuneOptions
    from luthier.study.tune.stages import KIND


_HOMES = {
    "KIND": "luthier.study.tune.stages",
    "TuneOptions": "luthier.study.tune.options",
    "find_batch_size": "luthier.study.tune.batch_size",
    "resume_tune": "luthier.study.tune.api",
    "tune": "luthier.study.tune.api",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: a worker, which imports its own module alone, starts the sooner."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'luthier.study.tune' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


__all__ = ["KIND", "TuneOptions", "find_batch_size", "resume_tune", "tune"]
