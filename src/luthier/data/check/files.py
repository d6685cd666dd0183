"""What is wrong or odd with the files of a folder or archive of pictures."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from luthier.core.errors import escape_name
from luthier.data.check.finding import KEPT, Finding, Rule, list_some
from luthier.data.check.scan import BROKEN, VAST, Facts, Scan, fits_name
from luthier.data.images.cache import describe_too_many, find_alike
from luthier.data.images.decode import LARGEST, VARIABLE
from luthier.data.images.decode_pool import Row
from luthier.data.images.listing import (
    GUESSED,
    PARTS_AS_CLASSES,
    describe_guessed,
    describe_parts_as_classes,
)

REPLACE = "replace or remove them, or leave them out with data.bad = 'skip' where they are at most 1%"


MISPLACED = Rule("misplaced", "stop", "see to each of them")


NO_PICTURE, DAMAGED = Rule("no-picture", "stop", REPLACE), Rule("damaged", "stop", REPLACE)


OVERSIZED = Rule("oversized", "stop", f"scale them down, or allow more with {VARIABLE}")


EMPTY_FOLDER = Rule("empty-folder", "stop", "add pictures, or remove the folders")


ALPHABET = Rule("alphabet", "warn", GUESSED)


PARTS = Rule("parts-as-classes", "warn", PARTS_AS_CLASSES)


SKIPPED = Rule("too-many-skipped", "stop", "mend the files that this report names")


FRAMES = Rule("several-frames", "warn", "the first frame or page is taken; cut out another where that is not wanted")


LEFT_OUT = "nothing: they are left out as data.bad = 'skip' asks"


SIZE = Rule("size-outlier", "warn", "look at them: a thumbnail or a scan among photographs is seldom meant")


ENDING = Rule("ending", "note", "rename them; the content decides, so that they train all the same")


TURNED = Rule("turned", "note", "nothing: they are turned as their EXIF note says")


SIZES = Rule("sizes", "note", "nothing: they are brought to data.size as data.fit says")


MODES = Rule("modes", "note", "nothing: all are brought to eight bits, on white where they are transparent")


IGNORED = Rule("ignored", "note", "nothing: they are left out")


FAR = 4.0
"""How many times the median, or what part of it, the longer side of a picture may be before it is reported."""


def find_file_faults(scan: Scan, skip: bool = False) -> list[Finding]:
    """Find everything that is wrong with the files; what their pictures show is left to the other checks.

    skip: whether files that cannot be used are to be left out, as by data.bad = 'skip'.
    """
    listing = scan.listing
    empty = [name for name in listing.folders if name not in listing.classes]
    odd = [problem for problem in listing.problems if problem.name not in empty]
    lines = [f"{name} {reason.rstrip('.')}" for name, reason in odd]
    bad = [
        *_of(MISPLACED, [file.name for file in odd], "all must be pictures in class folders, but", lines),
        *_unusable(scan),
        *_of(EMPTY_FOLDER, empty, "class folders must hold pictures, but some hold none"),
    ]
    return [
        *(_find_skipped(scan, bad) if skip else bad),
        *ALPHABET.met(describe_guessed(listing) or "", len(listing.guessed)),
        *(PARTS.met(called) if (called := describe_parts_as_classes(listing.classes)) else ()),
        *_readable(scan),
        *_of(IGNORED, [file.name for file in listing.ignored], "files that are hidden, links or left by the system"),
    ]


def _find_skipped(scan: Scan, bad: list[Finding]) -> list[Finding]:
    """Find faults that stop no training as long as few enough files are left out."""
    faults = {entry.name for entry, row in zip(scan.entries, scan.rows, strict=True) if not isinstance(row, Row)}
    if much := describe_too_many(scan.listing, faults):
        return [*SKIPPED.met(much), *bad]
    return bad if find_alike(scan.listing) else [replace(one, severity="warn", remedy=LEFT_OUT) for one in bad]


def _unusable(scan: Scan) -> list[Finding]:
    bad = [(entry.name, facts) for entry, facts, row in zip(scan.entries, scan.facts, scan.rows, strict=True)
           if not isinstance(row, Row)]  # fmt: skip
    none = [name for name, facts in bad if facts is None and scan.natures[name] not in (BROKEN, VAST)]
    large = [
        name for name, facts in bad if (facts.width * facts.height > LARGEST if facts else scan.natures[name] == VAST)
    ]
    damaged = [name for name, _ in bad if name not in {*none, *large}]
    lines = [f"{name} ({scan.natures[name]})" for name in none]
    return [
        *_of(NO_PICTURE, none, f"files in class folders must be pictures, but {len(none):,} are none", lines),
        *_of(DAMAGED, damaged, f"pictures must be whole, but {len(damaged):,} are damaged or cut off"),
        *_of(
            OVERSIZED,
            large,
            f"pictures must have at most {LARGEST / 1e6:.0f} million pixels, but {len(large):,} do not",
        ),
    ]


def _readable(scan: Scan) -> list[Finding]:
    good = [(entry.name, facts, row) for entry, facts, row in zip(scan.entries, scan.facts, scan.rows, strict=True)
            if facts is not None and isinstance(row, Row)]  # fmt: skip
    misnamed = [(name, facts.format) for name, facts, _ in good if not fits_name(name, facts.format)]
    turned = [name for name, facts, _ in good if facts.turned]
    frames = [name for name, _, row in good if row.several]
    known = [(name, facts) for name, facts, _ in good]
    return [
        *_of(FRAMES, frames, f"a picture should have one frame, but {len(frames):,} have several"),
        *_sizes(known),
        *_of(
            ENDING, [name for name, _ in misnamed],
            f"the end of a name should be that of its format, but {len(misnamed):,} are not",
            [f"{name} ({format})" for name, format in misnamed],
        ),
        *_of(TURNED, turned, f"{len(turned):,} pictures are stored lying on a side or mirrored"),
        *_modes(known),
    ]  # fmt: skip


def _sizes(known: Sequence[tuple[str, Facts]]) -> list[Finding]:
    sides = np.array([max(facts.width, facts.height) for _, facts in known])
    if len({(facts.width, facts.height) for _, facts in known}) < 2:
        return []
    middle = float(np.median(sides))
    far = np.flatnonzero((sides > FAR * middle) | (sides < middle / FAR)).tolist()
    names = [f"{known[k][0]} ({known[k][1].width}x{known[k][1].height})" for k in far]
    what = (
        f"the longer sides of pictures should be alike, but {len(far):,} are {FAR:.0f} times the median {middle:.0f} "
    )
    spread = (
        f"pictures differ in size: the longer side is {sides.min()} to {sides.max()} pixels, the median {middle:.0f}"
    )
    return [
        *_of(SIZE, [known[k][0] for k in far], f"{what}pixels or a {FAR:.0f}th of it", names),
        *SIZES.met(spread, len(sides)),
    ]


def _modes(known: Sequence[tuple[str, Facts]]) -> list[Finding]:
    modes = Counter(facts.mode for _, facts in known).most_common()
    told = ", ".join(f"{mode} {count:,}" for mode, count in modes)
    return MODES.met(f"pictures are of several modes: {told}", len(known)) if len(modes) > 1 else []


def _of(rule: Rule, names: Sequence[str], what: str, told: Sequence[str] | None = None) -> list[Finding]:
    """Make a finding about files. told: the text for each, where it is more than the name."""
    said = [escape_name(one) for one in (told or names)]
    return rule.met(f"{what}: {list_some(said)}", len(names), files=tuple(names[:KEPT]))
