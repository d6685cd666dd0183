"""The errors that Luthier raises on purpose, each with the exit status of the command that meets it.

LuthierError                 1   something went wrong that is not a bug
|-- BadInput (ValueError)    2   the user's input breaks a rule; carries every problem found
|-- Diverged                 1   training met a non-finite loss, gradient or weight
|-- Interrupted              128 + signal number; the state was saved first
|-- DamagedFile              1   a file of a run fails its checksum
|-- LostDirectory            1   a directory is no longer the one that the process writes in
`-- DownloadFailed           1   a published file could not be had
"""

import difflib
import math
import re
from collections.abc import Iterable


class LuthierError(Exception):
    """Base of all errors that carry a message meant for a person."""

    exit_code = 1


class BadInput(LuthierError, ValueError):
    """One or more rules that the input breaks, all of them at once.

    problems: one line each: the rule, the value received, the remedy.

    >>> BadInput("epochs must be at least 1, but got 0; set it with --epochs 1").exit_code
    2
    """

    exit_code = 2

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class Diverged(LuthierError):
    """Training met a number that is not finite and stopped before using it."""


class DamagedFile(LuthierError):
    """A file is truncated, altered or not what its manifest says."""


class LostDirectory(LuthierError):
    """The directory that this process writes in was moved, removed or replaced, or its lock was."""


class DownloadFailed(LuthierError):
    """A published file could not be downloaded, or what came is not that file."""


class Interrupted(LuthierError):
    """A signal asked the run to stop; its state was saved before this was raised."""

    def __init__(self, signal_number: int, message: str) -> None:
        self.exit_code = 128 + signal_number
        super().__init__(message)


NO_MEMORY = re.compile(
    "out of memory|allocate memory|ALLOC_FAILED|Storage size calculation overflowed|Overflow when unpacking long"
)
"""What PyTorch says where it raises a plain RuntimeError, or a TypeError for a size of more than 64 bits."""


def ran_out_of_memory(error: BaseException) -> bool:
    """Return whether an error says that memory ran out, of the machine or of an accelerator.

    >>> ran_out_of_memory(RuntimeError("CUDA out of memory.")), ran_out_of_memory(RuntimeError("shapes differ"))
    (True, False)
    """
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError | TypeError) and NO_MEMORY.search(str(error)) is not None
    )


class LuthierWarning(UserWarning):
    """Something was done differently from what one might expect; the result says so."""


def suggest_nearest(name: str, known: Iterable[str]) -> str:
    """Suggest the known name that is most similar to the given one.

    >>> suggest_nearest("lenet", ["lenet5", "mlp"])
    "did you mean 'lenet5'? known: lenet5, mlp"
    >>> suggest_nearest("zzz", ["lenet5", "mlp"])
    'known: lenet5, mlp'
    """
    names = sorted(known)
    return f"{ask_nearest(name, names)}known: {', '.join(names) or 'none'}"


def ask_nearest(name: str, known: Iterable[str]) -> str:
    """Ask whether the most similar known name was meant; return an empty text where none is similar.

    >>> ask_nearest("tahn", ["relu", "tanh"])
    "did you mean 'tanh'? "
    """
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {close[0]!r}? " if close else ""


LONGEST = 300
"""Letters of a value that a message shows."""


def show(value: object) -> str:
    """Write a value for a message, cut where it is long; no value is too large for it.

    >>> show("1" * 3), show(10**5000)
    ("'111'", 'a whole number of 5,001 digits')
    """
    try:
        text = repr(value)
    except ValueError:  # Python writes no whole number of more than 4,300 digits
        if not isinstance(value, int):
            return f"{type(value).__name__} with a number that is too long to be written"
        return f"a whole number of {int(value.bit_length() * math.log10(2)) + 1:,} digits"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def with_article(noun: str) -> str:
    """Put "a" or "an" before a noun.

    >>> with_article("optimizer")
    'an optimizer'
    """
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def raise_all(problems: Iterable[str]) -> None:
    """Raise one BadInput that carries every problem; do nothing where there is none."""
    found = tuple(problems)
    if found:
        raise BadInput(*found)


def escape_name(name: str) -> str:
    """Escape a name from outside, so that it cannot change the text around it: no control or direction signs.

    >>> escape_name("a\\nb\\u202ec")
    'a\\\\nb\\\\u202ec'
    """
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape", "surrogatepass").decode() for letter in name
    )
