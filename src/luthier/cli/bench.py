"""luthier bench: speed on this machine, beside plain PyTorch."""

from typing import Annotated

import typer

from luthier.cli.options import Json, Quiet
from luthier.cli.output import emit, table
from luthier.core.say import say


def bench(
    rounds: Annotated[int, typer.Option(min=2, help="How often each contender is timed, in turn.")] = 8,
    examples: Annotated[int, typer.Option(min=128, help="Pictures per contender and round.")] = 12_800,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Time training beside plain PyTorch.

    A LeNet-5, beside the two usual loops, interleaved in one run.

    Example: luthier bench --rounds 4
    """
    from luthier.bench import bench as measure

    def watch(done: int) -> None:
        if not quiet:
            say(f"round {done}/{rounds}")

    found = measure(rounds=rounds, examples=examples, watch=watch)
    if json:
        emit(found)
        return
    rows = (
        (
            row["name"],
            f"{row['examples_per_second']:,.0f}",
            "{:,.0f} to {:,.0f}".format(*row["spread"]),
            "{estimate:.2f} ({low:.2f} to {high:.2f})".format(**row["ratio"]) if row["ratio"] else "-",
            f"{row['fraction_of_product']:.1%}",
        )
        for row in found["rows"]
    )
    table(("loop", "examples/s (median)", "spread", "luthier / loop (95% interval)", "of the matrix product"), rows)
