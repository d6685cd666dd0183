"""How many files of a folder or archive may be left out of the data."""

from collections.abc import Collection

from luthier.data.pictures.listing import Listing

SKIPPED_SHARE = 0.01


def alike(listing: Listing) -> set[str]:
    """Classes whose names differ in spelling only, which no file that is left out would mend."""
    return {one.name for one in listing.problems} & set(listing.classes)


def too_many(listing: Listing, faults: Collection[str]) -> str | None:
    """Say what data.bad = 'skip' would leave out where it is more than it may; None where it is not.

    faults: names of pictures that cannot be used, beside the problems of the listing.
    """
    count, total = len(listing.problems) + len(faults), len(listing.entries) + len(listing.problems)
    kept = {entry.label for entry in listing.entries if entry.name not in faults}
    emptied = {*listing.classes, *listing.folders} - kept
    if count <= SKIPPED_SHARE * total and not emptied:
        return None
    what = f"class {', '.join(sorted(emptied))} empty" if emptied else f"{count} of {total} out"
    return (
        f"data.bad = 'skip' may leave out at most {SKIPPED_SHARE:.0%} of the files and no whole class, "
        f"but would leave {what}"
    )
