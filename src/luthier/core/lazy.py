"""Packages that import a public name only when it is first used."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_face(package: str, homes: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make the `__getattr__` and `__dir__` of a package whose names are defined in other modules.

    So `import luthier` stays free of torch, and a worker process that imports one module of a package starts at once.
    package: its `__name__`. homes: the module of each public name.

    >>> find, names = lazy_face("luthier.core", {"generator": "luthier.core.rng"})
    >>> find("generator").__name__, "generator" in names()
    ('generator', True)
    >>> find("generators")
    Traceback (most recent call last):
    AttributeError: module 'luthier.core' has no attribute 'generators'
    """

    def find(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(homes[name]), name)

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *homes})

    return find, names
