"""Where the user's own copies of data lie."""

import os
from pathlib import Path


def user_cache() -> Path:
    """The folder of Luthier in the user's cache: below $XDG_CACHE_HOME, else ~/.cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "luthier"
