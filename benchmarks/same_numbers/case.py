"""A case: a recipe and the `luthier` commands that are run with it, in a directory of its own."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Command:
    """One call of `luthier`, in a shell's words.

    stop_at: the command gets SIGINT as soon as a file of this pattern is there, and must end with 130.
    """

    words: str
    stop_at: str | None = None


@dataclass(frozen=True)
class Case:
    """Commands that run one after another beside recipe.toml and further files, by name; data lie in ../../data."""

    recipe: str
    commands: tuple[Command, ...]
    files: Mapping[str, str] = field(default_factory=dict)

    def digest(self) -> str:
        """Return what tells this case from others, so that a stored result is never taken for another's."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()
