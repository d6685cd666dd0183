"""What luthier tune --batch-size prints."""

from typing import TYPE_CHECKING

from luthier.cli.output import emit, table

if TYPE_CHECKING:
    from luthier.tuning.batch_size import BatchSizes

HEADINGS = ("batch size", "examples/s", "microseconds each", "memory in MB", "steps timed")


def print_batches(found: "BatchSizes", json: bool) -> None:
    """Print a row for each size, and the answer."""
    from luthier.tuning.batch_size import RULE

    if json:
        emit(found.dump())
        return
    table(
        HEADINGS,
        (
            (
                one.size,
                round(one.examples_per_second),
                one.seconds_per_example * 1e6,
                round(one.memory / 1e6),
                one.steps,
            )
            for one in found.rows
        ),
    )
    print(f"largest: {found.largest} ({found.why})")
    print(f"fastest: {found.fastest} ({RULE})")
    print(f"train with it: --set training.batch_size={found.fastest}; a learning rate may fit it no more")
